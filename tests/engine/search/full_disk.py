"""What the engine does on a full disk, as JSON; `test_full_disk.py` runs it where SIGBUS harms nobody."""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine import files
from engine.gallery import cache_dir, embeddings
from engine.gallery.embeddings import ImageEmbeddings
from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from engine.search.ann_index import AnnoyIndex
from engine.search.live_gallery import LiveGallery
from engine.settings import EngineSettings

TEXT = [1, 4, 5, 6, 2]  # a dog runs
PAGE = 4_096  # bytes
HEADER = 128  # bytes of a .npy file before its rows


def main(disk: Path, artifact: Path, photos: Path) -> dict[str, object]:
    cache_dir.MIN_FREE_BYTES = 0
    log = io.StringIO()
    logging.basicConfig(stream=log)
    loaded = checkpoint.load(artifact)
    settings = EngineSettings(home=disk / "home", artifact=artifact, gallery=photos)
    report: dict[str, object] = {}
    for name, sparse in (("allocated", False), ("sparse", True)):
        report[name] = filled_while_the_disk_is_full(loaded, settings, disk, sparse=sparse)
        report[f"{name}_one_stage"] = "one stage" in log.getvalue()
    big = ImageEmbeddings(tuple(map(str, range(3_000))), np.ones((3_000, 128), np.float32))
    report["array"] = refused(lambda: files.create_array(disk / "big.npy", (2**20,), np.float16))
    report["index"] = refused(lambda: AnnoyIndex(big.matrix, disk / "index"))
    report["vectors"] = refused(lambda: embeddings.save(big, disk / "vectors.safetensors", "network"))
    report["left"] = [file.name for file in disk.rglob("*") if file.is_file() and "home" not in file.parts]
    return report


def filled_while_the_disk_is_full(
    loaded: Checkpoint, settings: EngineSettings, disk: Path, *, sparse: bool
) -> dict[str, int]:
    """Open the gallery, fill the disk, then do all that is to be done; return what can be found."""
    gallery = LiveGallery(loaded, settings, live=True)
    if sparse:
        (grids,) = (disk / "home" / cache_dir.GRIDS).glob("*.npy")
        make_sparse(grids)
        gallery = LiveGallery(loaded, settings, live=True)
    fill(disk / "junk")
    while not gallery.is_idle:
        gallery.prepare()
    retriever = gallery.retriever
    found = retriever.search_by_text(retriever.embeddings.matrix[0], 10, TEXT)
    (disk / "junk").unlink()
    return {"found": len(found), "prepared": retriever.second_stage.prepared}


def make_sparse(file: Path) -> None:
    """Leave an empty array without room, as an older version did."""
    size, header = file.stat().st_size, file.read_bytes()[:HEADER]
    file.write_bytes(header)
    os.truncate(file, size)
    file.with_suffix(".done").write_text("0")


def fill(file: Path) -> None:
    """Take all the room there is."""
    with suppress(OSError), file.open("wb", buffering=0) as junk:
        while True:
            junk.write(bytes(PAGE))


def refused(write: Callable[[], object]) -> str:
    try:
        write()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "an OSError")
    return "written"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*map(Path, sys.argv[1:]))))
