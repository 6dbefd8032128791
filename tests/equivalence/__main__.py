"""Compare the engine's answers with the answers on file: `python -m tests.equivalence check`.

The engine captions and tags a hundred dev photos, searches by them and by a hundred dev captions, and looks
up frequent words. `write` stores the answers, `check` compares them and prints those that differ. Answers
depend on the processor's arithmetic, so each precision has a file of its own; `--precision float32` leaves
int8 unused, as a processor without its dot products does.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from data.flickr8k import Flickr8k, open_flickr8k
from engine.gallery.embeddings import embeddings_file, save
from engine.gallery.galleries import open_gallery
from engine.model.checkpoint import load as load_checkpoint
from engine.runtime import processor
from engine.search.indexing import embed_gallery
from engine.service import Engine
from engine.settings import EngineSettings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent
PHOTOS, QUERIES = 100, 100
SCORE_TOLERANCE = 2e-3  # sums in another order are rounded differently
MAX_PRINTED = 40  # differences
WORDS = (
    "boy", "girl", "man", "woman", "dog", "cat", "beach", "water", "snow", "grass", "red", "blue", "ball",
    "bike", "running", "jumping", "sitting", "children", "players", "mountain", "violin", "horse",
)  # fmt: skip
ANALOGIES = (
    ("man", "men", "woman"), ("boy", "boys", "girl"), ("dog", "dogs", "cat"), ("run", "running", "jump"),
    ("man", "woman", "boy"), ("snow", "white", "grass"),
)  # fmt: skip
NATIVE, FLOAT32, INT8 = "native", "float32", "int8"

Answers = dict[str, dict[str, Any]]


def main() -> int:
    """Write or check the answers of one precision; return 1 if any differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.equivalence", description=__doc__)
    parser.add_argument("action", choices=("write", "check"))
    parser.add_argument("--precision", choices=(NATIVE, FLOAT32), default=NATIVE)
    arguments = parser.parse_args()
    seen = frozenset() if arguments.precision == FLOAT32 else processor._flags()
    with mock.patch.object(processor, "_flags", lambda: seen):
        precision = INT8 if processor.has_int8_dot_product() else FLOAT32
        computed = answers(Path(os.environ.get("FLICKR8K_DIR", ROOT.parent / "shared" / "flickr8k")))
    file = FOLDER / f"{precision}.json"
    if arguments.action == "write":
        file.write_text(json.dumps(computed, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{sum(map(len, computed.values()))} answers written to {file.name}")
        return 0
    different = list(differences(json.loads(file.read_text(encoding="utf-8")), computed))
    for line in different[:MAX_PRINTED]:
        print(line)
    print(f"{precision}: {sum(map(len, computed.values()))} answers, {len(different)} differ")
    return int(bool(different))


def answers(flickr8k_dir: Path) -> Answers:
    """Compute all answers, over a gallery of the thousand dev photos."""
    flickr8k = open_flickr8k(flickr8k_dir)
    with tempfile.TemporaryDirectory() as work:
        gallery = Path(work) / "dev"
        gallery.mkdir()
        for name in flickr8k.splits["dev"]:
            (gallery / name).symlink_to((flickr8k.folder / name).resolve())
        settings = EngineSettings(gallery=gallery, home=Path(work) / "home")
        photos, checkpoint = open_gallery(settings), load_checkpoint(settings.artifact)
        file = embeddings_file(photos, checkpoint, settings)
        save(embed_gallery(photos, checkpoint), file, checkpoint.fingerprint)
        engine = Engine(settings, checkpoint)
        engine.warm()
        while not engine.ready:
            engine.prepare()
        return _query(engine, flickr8k)


def _query(engine: Engine, flickr8k: Flickr8k) -> Answers:
    names = flickr8k.splits["dev"][::10][:PHOTOS]
    queries = [flickr8k.captions[name][0] for name in flickr8k.splits["dev"][5::10][:QUERIES]]
    results: Answers = {kind: {} for kind in ("captions", "matches", "tags", "find", "similar", "analogy")}
    for row, name in enumerate(names):
        photo = (flickr8k.folder / name).read_bytes()
        description = engine.describe(photo)
        results["captions"][str(row)] = [
            [c.text, _rounded(c.score), _rounded(c.confidence)] for c in description.captions
        ]
        results["matches"][str(row)] = [[m.key, _rounded(m.score)] for m in description.matches]
        results["tags"][str(row)] = [[t.word, _rounded(t.score)] for t in engine.tags(photo)]
    for row, query in enumerate(queries):
        results["find"][str(row)] = [
            [m.key, _rounded(m.score), _rounded(m.confidence)] for m in engine.find(query)
        ]
    for word in WORDS:
        results["similar"][word] = [[w.word, _rounded(w.score)] for w in engine.similar(word)]
    for a, b, c in ANALOGIES:
        results["analogy"][f"{a} {b} {c}"] = [[w.word, _rounded(w.score)] for w in engine.analogy(a, b, c)]
    return results


def differences(before: Answers, after: Answers) -> list[str]:
    """Describe each answer that has changed by more than rounding."""
    return [
        f"{kind} {key}: {before.get(kind, {}).get(key)} became {after.get(kind, {}).get(key)}"
        for kind in sorted(before.keys() | after.keys())
        for key in sorted(before.get(kind, {}).keys() | after.get(kind, {}).keys())
        if not _is_same(before.get(kind, {}).get(key), after.get(kind, {}).get(key))
    ]


def _is_same(before: Any, after: Any) -> bool:
    if isinstance(after, list):
        return isinstance(before, list) and len(before) == len(after) and all(map(_is_same, before, after))
    if isinstance(after, float):
        return isinstance(before, float) and abs(before - after) <= SCORE_TOLERANCE
    return bool(before == after)


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)


if __name__ == "__main__":
    sys.exit(main())
