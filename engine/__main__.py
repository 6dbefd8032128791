"""The engine on the command line. Results go to standard output, everything else to standard error."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.flickr8k import Flickr8k, Flickr8kError, open_flickr8k
from engine import artifact, galleries
from engine.errors import BadInput, EngineError, GalleryError
from engine.index import AnnoyIndex, ExactIndex, recall_at
from engine.results import Match, WordMatch
from engine.service import Engine
from engine.settings import EngineSettings
from engine.verbs import MATCHES
from engine.words import word_space

QUERIES = 500  # of the recall measurement

Answer = dict[str, Any] | list[dict[str, Any]]
Verb = Callable[[EngineSettings, argparse.Namespace], Answer]


def describe(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Caption a photo and find the images most like it."""
    try:
        photo = args.photo.read_bytes()
    except OSError as error:
        raise BadInput(f"{args.photo} cannot be read: {error.strerror}.") from error
    found = Engine(settings).describe(photo, args.count)
    return {"captions": [asdict(c) for c in found.captions], "matches": _plain(found.matches)}


def similar(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find the words nearest to a word."""
    return _plain(word_space(artifact.load(settings.artifact)).similar(args.word, args.count))


def analogy(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Answer "A is to B as C is to ?"."""
    words = word_space(artifact.load(settings.artifact))
    return _plain(words.analogy(args.a, args.b, args.c, args.count))


def find(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find the images that a description fits."""
    return _plain(Engine(settings).find(" ".join(args.text), args.count))


def index(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Compute the vectors of a gallery, and hold its index to an exact scan."""
    loaded = artifact.load(settings.artifact)
    gallery = galleries.choose(settings)
    file = args.output or galleries.vectors_file(gallery, loaded, settings)
    galleries.save(galleries.make(gallery, loaded, progress=True), file, loaded.fingerprint)
    vectors = galleries.load(file, loaded.fingerprint)  # as they will be served: in half precision
    if vectors is None:
        raise GalleryError(f"{file} could not be read back.")
    annoy, exact = AnnoyIndex(vectors.matrix, settings.home / "index"), ExactIndex(vectors.matrix)
    found = recall_at(annoy, exact, vectors.matrix[:QUERIES])
    return {
        "gallery": gallery.name,
        "images": len(vectors.images),
        "left_out": len(gallery.images) - len(vectors.images),
        "vectors": str(file),
        "annoy_recall_at_10": round(found, 4),
    }


def train(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Train the network on Flickr8K and save it."""
    from engine.training.run import train as run
    from engine.training.train import TrainConfig

    config = TrainConfig(seed=args.seed, epochs=args.epochs or TrainConfig.epochs)
    work = args.work or settings.home / "training"
    run(_flickr8k(settings), args.words, work, settings.artifact, config)
    return {"artifact": str(settings.artifact)}


def evaluate(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Measure captions and search on a split."""
    from engine.training.evaluate import evaluate as run

    return run(artifact.load(settings.artifact), _flickr8k(settings), args.split)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; 0 if it answered, 1 with one line on standard error if not."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    args = _parser().parse_args(arguments)
    verb: Verb = args.verb
    try:
        answer = verb(_settings(args), args)
    except (EngineError, ValidationError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(
            f"{error.name} is not installed. Install what training needs: pip install '.[train]'",
            file=sys.stderr,
        )
        return 1
    print(json.dumps(answer, indent=2, ensure_ascii=False) if args.json else _readable(answer))
    return 0


def _settings(args: argparse.Namespace) -> EngineSettings:
    """The environment's settings, with what the command line names in their place."""
    named = {name: getattr(args, name, None) for name in ("flickr8k", "gallery", "artifact")}
    return EngineSettings(**{name: value for name, value in named.items() if value is not None})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m engine", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def add(verb: Verb) -> argparse.ArgumentParser:
        sub = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        sub.set_defaults(verb=verb)
        sub.add_argument("--json", action="store_true", help="print JSON")
        sub.add_argument("--flickr8k", type=Path, metavar="DIR", help="Flickr8K's folder (FLICKR8K_DIR)")
        sub.add_argument(
            "--artifact", type=Path, metavar="DIR", help="the network's folder (KINDRED_ARTIFACT)"
        )
        return sub

    def add_question(verb: Verb) -> argparse.ArgumentParser:
        sub = add(verb)
        sub.add_argument("--gallery", type=Path, metavar="DIR", help="images of your own (KINDRED_GALLERY)")
        sub.add_argument("--count", type=_positive, default=MATCHES, help="how many answers (%(default)s)")
        return sub

    add_question(describe).add_argument("photo", type=Path, metavar="PHOTO")
    add_question(similar).add_argument("word", metavar="WORD")
    words = add_question(analogy)
    for name in ("a", "b", "c"):
        words.add_argument(name, metavar=name.upper())
    add_question(find).add_argument("text", nargs="+", metavar="TEXT")
    _add_making(add)
    return parser


def _add_making(add: Callable[..., argparse.ArgumentParser]) -> None:
    """The verbs that make and measure what the others answer from."""
    making = add(index)
    making.add_argument("--gallery", type=Path, metavar="DIR", help="images of your own (KINDRED_GALLERY)")
    making.add_argument("--output", type=Path, metavar="FILE", help="write the vectors here")
    training = add(train)
    training.add_argument("--words", type=Path, required=True, metavar="FILE", help="general word vectors")
    training.add_argument(
        "--work", type=Path, metavar="DIR", help="features and saved state; to go on, name it again"
    )
    training.add_argument("--epochs", type=_positive, help="passes over the photos")
    training.add_argument("--seed", type=int, default=1)
    add(evaluate).add_argument("--split", choices=("train", "dev", "test"), default="dev")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _flickr8k(settings: EngineSettings) -> Flickr8k:
    if settings.flickr8k is None:
        raise GalleryError("Which Flickr8K? Name its folder with --flickr8k or FLICKR8K_DIR.")
    try:
        found = open_flickr8k(settings.flickr8k)
    except Flickr8kError as error:
        raise GalleryError(str(error)) from error
    for notice in found.notices:
        logging.info("%s", notice)
    return found


def _plain(found: tuple[Match, ...] | tuple[WordMatch, ...]) -> list[dict[str, Any]]:
    return [
        {"image": one.image, "score": one.score} if isinstance(one, Match) else asdict(one) for one in found
    ]


def _readable(answer: Answer, indent: str = "") -> str:
    """Plain text for people: a row a result, a heading a part."""
    if isinstance(answer, list):
        return "\n".join(indent + "  ".join(map(_cell, reversed(row.values()))) for row in answer)
    lines = []
    for name, value in answer.items():
        nested = isinstance(value, dict | list)
        lines.append(
            f"{indent}{name}" + ("\n" + _readable(value, indent + "  ") if nested else f": {_cell(value)}")
        )
    return "\n".join(lines)


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
