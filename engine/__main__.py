"""The engine on the command line. Results go to standard output, everything else to standard error."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.flickr8k import Flickr8k, Flickr8kError, open_flickr8k
from engine.cli.queries import Add, Answer, Verb, add_questions, positive
from engine.errors import EngineError, GalleryError
from engine.model import checkpoint
from engine.search import cache_dir, galleries
from engine.search.ann_index import AnnoyIndex, ExactIndex, recall_at
from engine.search.embeddings import gallery_key, renew, vectors_file
from engine.service import Engine
from engine.settings import EngineSettings, mistakes

log = logging.getLogger(__name__)

FAILED, STOPPED = 1, 130  # the second is what a shell reports for a command ended by Ctrl-C
QUERIES = 500  # of the recall measurement


def index(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Prepare a gallery for search, or what is new in it, and hold its index to an exact scan."""
    began = time.time()
    loaded = checkpoint.load(settings.artifact)
    output: Path | None = args.output
    with cache_dir.writing_to(output.parent, "--output") if output else cache_dir.writing_to(settings.home):
        gallery = galleries.choose(settings)
        file = output or vectors_file(gallery, loaded, settings)
        renewal = renew(gallery, loaded, file)
        vectors, key = renewal.vectors, gallery_key(gallery, loaded)
        annoy, exact = (
            AnnoyIndex(vectors.matrix, settings.home / cache_dir.INDEX, key),
            ExactIndex(vectors.matrix),
        )
    found = recall_at(annoy, exact, vectors.matrix[:QUERIES])
    if output is None:  # what is written elsewhere is to be shipped; grids are made where they serve
        Engine(settings).prepare_all()
        # What the gallery was before goes away; a bot that has it mapped keeps it until it stops.
        cache_dir.clean(settings.home, key, unused_since=began)
    if settings.gallery:
        log.info("To serve this folder: KINDRED_GALLERY=%s", gallery.folder.resolve())
    return {
        "gallery": gallery.name,
        "images": len(vectors.images),
        "encoded": renewal.encoded,
        "removed": renewal.removed,
        "left_out": len(gallery.images) - len(vectors.images),
        "vectors": str(file),
        "annoy_recall_at_10": round(found, 4),
    }


def train(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Train the network on Flickr8K and save it."""
    from engine.training.config import HIGH_RESOLUTION, SelfCriticalConfig, TrainingConfig
    from engine.training.pipeline import TrainingSources
    from engine.training.pipeline import train as run

    stages = (
        TrainingConfig(seed=args.seed, epochs=args.epochs or TrainingConfig.epochs),
        replace(HIGH_RESOLUTION, epochs=args.larger_epochs or HIGH_RESOLUTION.epochs),
    )
    self_critical = SelfCriticalConfig(seed=args.seed, epochs=args.refine_epochs or SelfCriticalConfig.epochs)
    work = args.work or settings.home / "training"
    sources = TrainingSources(
        flickr8k=_flickr8k(settings), word_vectors=args.words, sentence_encoder=args.sentences, work=work
    )
    run(sources, settings.artifact, stages, self_critical)
    return {"artifact": str(settings.artifact)}


def evaluate(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Measure captions, search and words on a split."""
    from engine.evaluation.evaluate import evaluate as run

    return run(checkpoint.load(settings.artifact), _flickr8k(settings), args.split, args.word_sets)


def compare_search(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Search a split by its captions in five ways."""
    from engine.evaluation.compare_search import compare_search as run

    return run(checkpoint.load(settings.artifact), _flickr8k(settings), args.split, args.queries, args.seed)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; 0 if it answered, 1 with one line on standard error if not."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    args = _parser().parse_args(arguments)
    verb: Verb = args.verb
    try:
        answer = verb(_settings(args), args)
    except ValidationError as error:
        print("\n".join(mistakes(error, EngineSettings)), file=sys.stderr)
        return FAILED
    except EngineError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("Stopped. What is indexed is kept; the same command goes on from there.", file=sys.stderr)
        return STOPPED
    except ModuleNotFoundError as error:
        print(
            f"{error.name} is not installed. Install what training needs: pip install '.[train]'",
            file=sys.stderr,
        )
        return FAILED
    print(json.dumps(answer, indent=2, ensure_ascii=False) if args.json else _readable(answer))
    return 0


def _settings(args: argparse.Namespace) -> EngineSettings:
    """The environment's settings, with what the command line names in their place."""
    named = {name: getattr(args, name, None) for name in ("flickr8k", "gallery", "artifact")}
    named["gallery"] = getattr(args, "folder", None) or named["gallery"]
    return EngineSettings(**{name: value for name, value in named.items() if value is not None})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m engine", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def add(verb: Verb) -> argparse.ArgumentParser:
        name = verb.__name__.rstrip("_").replace("_", "-")
        sub = verbs.add_parser(name, help=verb.__doc__, description=verb.__doc__)
        sub.set_defaults(verb=verb)
        sub.add_argument("--json", action="store_true", help="print JSON")
        sub.add_argument("--flickr8k", type=Path, metavar="DIR", help="Flickr8K's folder (FLICKR8K_DIR)")
        sub.add_argument(
            "--artifact", type=Path, metavar="DIR", help="the network's folder (KINDRED_ARTIFACT)"
        )
        return sub

    add_questions(add)
    _add_making(add)
    return parser


def _add_making(add: Add) -> None:
    """The verbs that make and measure what the others answer from."""
    making = add(index)
    making.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="images of your own to index")
    making.add_argument("--gallery", type=Path, metavar="DIR", help="the same (KINDRED_GALLERY)")
    making.add_argument("--output", type=Path, metavar="FILE", help="write the vectors here")
    training = add(train)
    training.add_argument("--words", type=Path, required=True, metavar="FILE", help="general word vectors")
    training.add_argument(
        "--work", type=Path, metavar="DIR", help="features and saved state; to go on, name it again"
    )
    training.add_argument(
        "--sentences", type=Path, required=True, metavar="DIR", help="sentence encoder that teaches"
    )
    training.add_argument("--epochs", type=positive, help="passes over the photos")
    training.add_argument("--larger-epochs", type=positive, help="passes over larger photos after that")
    training.add_argument("--refine-epochs", type=positive, help="passes that refine the captions")
    training.add_argument("--seed", type=int, default=1)
    measuring = add(evaluate)
    measuring.add_argument("--split", choices=("train", "dev", "test"), default="dev")
    measuring.add_argument(
        "--word-sets", type=Path, metavar="DIR", help="folder of MEN-TR-3k.txt and questions-words.txt"
    )
    comparing = add(compare_search)
    comparing.add_argument("--split", choices=("train", "dev", "test"), default="dev")
    comparing.add_argument("--queries", type=positive, default=500, help="captions to ask (%(default)s)")
    comparing.add_argument("--seed", type=int, default=1)


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


def _readable(answer: Answer, indent: str = "") -> str:
    """Plain text for people: a row a result, a heading a part."""
    if isinstance(answer, list):
        return "\n".join(indent + _row(row) for row in answer)
    lines = []
    for name, value in answer.items():
        nested = isinstance(value, dict | list)
        lines.append(
            f"{indent}{name}" + ("\n" + _readable(value, indent + "  ") if nested else f": {_cell(value)}")
        )
    return "\n".join(lines)


def _row(row: dict[str, Any]) -> str:
    """Numbers first, so that they stand below each other; yes and no are for programs."""
    return "  ".join(_cell(value) for value in reversed(row.values()) if not isinstance(value, bool))


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
