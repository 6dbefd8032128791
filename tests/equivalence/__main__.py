"""Compare what the engine answers with the answers on file: `python -m tests.equivalence check`.

A hundred dev photos are captioned, explained in tags and searched with; a hundred dev captions are searched
for; frequent words are looked up. `write` puts the answers on file, `check` compares and names each answer
that differs. Answers depend on the arithmetic of the processor, so each kind has a file of its own, and
`--precision` takes features of this processor away to answer as a lesser one would.
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

import torch

from data.flickr8k import Flickr8k, open_flickr8k
from engine.model import checkpoint
from engine.search import galleries
from engine.search.embeddings import renew, vectors_file
from engine.service import Engine
from engine.settings import EngineSettings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent
PHOTOS, QUERIES = 100, 100
SCORE_TOLERANCE = 2e-3  # sums in another order round in another way
WORDS = (
    "boy", "girl", "man", "woman", "dog", "cat", "beach", "water", "snow", "grass", "red", "blue", "ball",
    "bike", "running", "jumping", "sitting", "children", "players", "mountain", "violin", "horse",
)  # fmt: skip
ANALOGIES = (
    ("man", "men", "woman"), ("boy", "boys", "girl"), ("dog", "dogs", "cat"), ("run", "running", "jump"),
    ("man", "woman", "boy"), ("snow", "white", "grass"),
)  # fmt: skip
# What each kind of processor can do beyond float32, as torch names it.
FEATURES: dict[str, dict[str, bool] | None] = {
    "native": None,
    "int8": {"avx512_vnni": True},
    "bfloat16": {"avx512_bf16": True},
    "float32": {},
}

Answers = dict[str, dict[str, Any]]


def main() -> int:
    """Write or check the answers of one kind of processor; 1 where some differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.equivalence", description=__doc__)
    parser.add_argument("action", choices=("write", "check"))
    parser.add_argument("--precision", choices=tuple(FEATURES), default="native")
    asked = parser.parse_args()
    with mock.patch("torch.cpu.get_capabilities", _capabilities(asked.precision)):
        kind = _kind()
        found = answers(Path(os.environ.get("FLICKR8K_DIR", ROOT.parent / "shared" / "flickr8k")))
    file = FOLDER / f"{kind}.json"
    if asked.action == "write":
        file.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{sum(map(len, found.values()))} answers written to {file.name}")
        return 0
    different = list(differences(json.loads(file.read_text(encoding="utf-8")), found))
    print("\n".join(different[:40]))
    print(f"{kind}: {sum(map(len, found.values()))} answers, {len(different)} differ")
    return int(bool(different))


def answers(flickr8k_dir: Path) -> Answers:
    """Ask everything, over a gallery of the thousand dev photos."""
    flickr8k = open_flickr8k(flickr8k_dir)
    with tempfile.TemporaryDirectory() as work:
        gallery = Path(work) / "dev"
        gallery.mkdir()
        for name in flickr8k.splits["dev"]:
            (gallery / name).symlink_to((flickr8k.folder / name).resolve())
        settings = EngineSettings(gallery=gallery, home=Path(work) / "home")
        indexed, network = galleries.choose(settings), checkpoint.load(settings.artifact)
        renew(indexed, network, vectors_file(indexed, network, settings))
        engine = Engine(settings)
        engine.warm()
        engine.prepare_all()
        return _ask(engine, flickr8k)


def _ask(engine: Engine, flickr8k: Flickr8k) -> Answers:
    names = flickr8k.splits["dev"][::10][:PHOTOS]
    queries = [flickr8k.captions[name][0] for name in flickr8k.splits["dev"][5::10][:QUERIES]]
    found: Answers = {kind: {} for kind in ("captions", "matches", "tags", "find", "similar", "analogy")}
    for row, name in enumerate(names):
        photo = (flickr8k.folder / name).read_bytes()
        description = engine.describe(photo)
        found["captions"][str(row)] = [
            [c.text, _short(c.score), _short(c.confidence)] for c in description.captions
        ]
        found["matches"][str(row)] = [[m.key, _short(m.score)] for m in description.matches]
        found["tags"][str(row)] = [[t.word, _short(t.score)] for t in engine.tags(photo)]
    for row, query in enumerate(queries):
        found["find"][str(row)] = [[m.key, _short(m.score), _short(m.confidence)] for m in engine.find(query)]
    for word in WORDS:
        found["similar"][word] = [[w.word, _short(w.score)] for w in engine.similar(word)]
    for a, b, c in ANALOGIES:
        found["analogy"][f"{a} {b} {c}"] = [[w.word, _short(w.score)] for w in engine.analogy(a, b, c)]
    return found


def differences(before: Answers, now: Answers) -> list[str]:
    """Name each answer that is another one, or scored otherwise than rounding explains."""
    return [
        f"{kind} {key}: {before[kind].get(key)} became {answer}"
        for kind, group in now.items()
        for key, answer in group.items()
        if not _same(before[kind].get(key), answer)
    ]


def _same(before: Any, now: Any) -> bool:
    if isinstance(now, list):
        return isinstance(before, list) and len(before) == len(now) and all(map(_same, before, now))
    if isinstance(now, float):
        return isinstance(before, float) and abs(before - now) <= SCORE_TOLERANCE
    return bool(before == now)


def _short(score: float | None) -> float | None:
    return None if score is None else round(score, 4)


def _capabilities(precision: str) -> Any:
    taken = FEATURES[precision]
    return torch.cpu.get_capabilities if taken is None else lambda: taken


def _kind() -> str:
    from engine.model.int8 import has_int8_dot_product
    from engine.model.openvino_backend import fast_precision

    parts = (["int8"] if has_int8_dot_product() else []) + [str(fast_precision()).removeprefix("torch.")]
    return "-".join(parts)


if __name__ == "__main__":
    sys.exit(main())
