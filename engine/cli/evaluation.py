"""Commands that measure the network, and compare ways to search."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from data.wild import CLASSES
from engine.cli.command import AddCommand, Answer, positive_int
from engine.cli.data_sets import flickr8k_of, wild_photos
from engine.gallery import cache_dir, galleries
from engine.gallery.embeddings import embeddings_file
from engine.model.checkpoint import load as load_checkpoint
from engine.search.indexing import update
from engine.service import Engine
from engine.settings import EngineSettings

SPLITS = ("train", "dev", "test")


def add_commands(add: AddCommand) -> None:
    """Add the commands."""
    evaluation = add("evaluate", evaluate)
    evaluation.add_argument("--split", choices=SPLITS, help="of Flickr8K (default: dev, unless --wild)")
    evaluation.add_argument(
        "--wild", type=Path, metavar="DIR", help="folder of everyday and class photos (WILD_DIR)"
    )
    evaluation.add_argument(
        "--word-sets", type=Path, metavar="DIR", help="folder of MEN-TR-3k.txt and questions-words.txt"
    )
    evaluation.add_argument("--asked", action="store_true", help="measure how messages are understood")
    evaluation.add_argument(
        "--queries", type=positive_int, default=300, help="captions asked for (default: %(default)s)"
    )
    evaluation.add_argument(
        "--literally", action="store_true", help="search for what is asked as it is written, too (slow)"
    )
    agreement = add("compare-runtime", compare_runtime)
    agreement.add_argument("--split", choices=SPLITS, default="dev", help="of Flickr8K (default: dev)")
    agreement.add_argument("--photos", type=positive_int, default=1000, help="the first ones (default: 1000)")
    agreement.add_argument(
        "--float32", action="store_true", help="compare in float32, where the processor computes in int8, too"
    )
    indexes = add("compare-indexes", compare_indexes)
    indexes.add_argument(
        "--queries", type=positive_int, default=500, help="photos, and captions (default: %(default)s)"
    )
    indexes.add_argument("--seed", type=int, default=1)
    comparison = add("compare-search", compare_search, "compare")
    comparison.add_argument("--split", choices=SPLITS, default="dev")
    comparison.add_argument(
        "--queries", type=positive_int, default=500, help="captions to search for (default: %(default)s)"
    )
    comparison.add_argument("--seed", type=int, default=1)


def evaluate(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Evaluate captions, search and words on a split, and on photos unlike Flickr8K's."""
    from engine.evaluation.evaluate import evaluate as run

    split = args.split or (None if args.wild else "dev")
    if args.asked:
        from engine.evaluation.asked import evaluate_asked

        joint = settings.model_copy(update={"two_stages": False})  # nothing to prepare first
        return evaluate_asked(
            Engine(joint), flickr8k_of(settings), split or "dev", args.queries, literally=args.literally
        )
    answer: dict[str, Any] = {}
    if split:
        answer |= run(
            load_checkpoint(settings.artifact, settings.threads), flickr8k_of(settings), split, args.word_sets
        )
    if settings.wild:
        answer |= {"wild": _evaluate_wild(settings, settings.wild)}
    return answer


def _evaluate_wild(settings: EngineSettings, folder: Path) -> dict[str, Any]:
    """Evaluate an engine whose gallery is the folder of class photos."""
    from engine.evaluation.wild import evaluate_wild

    photos = wild_photos(folder)
    of_classes = settings.model_copy(update={"gallery": folder / CLASSES, "gallery_url": None})
    checkpoint = load_checkpoint(settings.artifact, settings.threads)
    with cache_dir.reporting_write_errors(settings.home):
        gallery = galleries.open_gallery(of_classes)
        update(gallery, checkpoint, embeddings_file(gallery, checkpoint, of_classes))
    engine = Engine(of_classes, checkpoint)
    engine.prepare_all()
    return evaluate_wild(engine, photos)


def compare_runtime(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Compare the runtime with the reference network, which is torch's: captions and joint vectors."""
    from engine.evaluation.compare_runtime import compare_runtime as run

    checkpoint = load_checkpoint(settings.artifact, settings.threads, exact=args.float32)
    return run(checkpoint, flickr8k_of(settings), args.split, args.photos)


def compare_search(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Search a split by its captions with five methods, and compare them."""
    from engine.evaluation.compare_search import compare_search as run

    return run(
        load_checkpoint(settings.artifact, settings.threads),
        flickr8k_of(settings),
        args.split,
        args.queries,
        args.seed,
    )


def compare_indexes(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Search the gallery with each index, and compare them; pgvector's if KINDRED_DATABASE_URL is set."""
    from engine.evaluation.compare_indexes import compare_indexes as run

    with cache_dir.reporting_write_errors(settings.home):
        return run(
            load_checkpoint(settings.artifact, settings.threads),
            galleries.open_gallery(settings),
            settings,
            flickr8k_of(settings) if settings.flickr8k else None,
            queries=args.queries,
            seed=args.seed,
        )
