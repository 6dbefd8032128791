"""Commands that index a gallery, and train, evaluate and compare networks."""

from __future__ import annotations

import argparse
import logging
import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors.numpy import load_file

from data.flickr8k import Flickr8k, Flickr8kError, open_flickr8k
from data.wild import CLASSES, WildPhotos, WildPhotosError, open_wild
from engine.cli.command import AddCommand, Answer, positive_int
from engine.errors import GalleryError
from engine.gallery import cache_dir, galleries
from engine.gallery.embeddings import embeddings_file, gallery_key
from engine.language.tagger import WEIGHTS as TAGGER
from engine.model.checkpoint import load as load_checkpoint
from engine.search.ann_index import ExactIndex, recall_at
from engine.search.feature_recorder import FeatureRecorder
from engine.search.indexes import is_scanned, open_index
from engine.search.indexing import ImagesEncoder, encode_images, index_status, update
from engine.service import Engine
from engine.settings import EngineSettings
from engine.words.word_context import WEIGHTS as CONTEXT
from engine.words.word_context import WordContext

if TYPE_CHECKING:
    from engine.cluster.data_indexing import ClusterEncoder

log = logging.getLogger(__name__)

RECALL_QUERIES = 500  # images whose neighbours measure the recall of the index
SPLITS = ("train", "dev", "test")


def index(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Prepare a gallery for search, or what is new in it, and measure the recall of its index."""
    if settings.engine == "local":
        return _index(settings, args.output)
    from engine.cluster.data_indexing import cluster_encoder

    with cluster_encoder(settings) as cluster:
        return _index(settings, args.output, cluster)


def _index(settings: EngineSettings, output: Path | None, cluster: ClusterEncoder | None = None) -> Answer:
    started = time.time()
    checkpoint = load_checkpoint(settings.artifact, settings.threads, streams=settings.threads)
    folder, name = (output.parent, "--output") if output else (settings.home, "KINDRED_HOME")
    with cache_dir.reporting_write_errors(folder, name):
        gallery = galleries.open_gallery(settings)
        file, key = output or embeddings_file(gallery, checkpoint, settings), gallery_key(gallery, checkpoint)
        encode: ImagesEncoder = cluster or partial(encode_images, checkpoint)
        recorder = None
        if settings.two_stages and not output:
            status = index_status(gallery, checkpoint, settings)
            coming = {image: status.states[image] for image in status.missing}
            recorder = FeatureRecorder(gallery, status.embeddings, coming, checkpoint, settings)
            encode = recorder.recording(partial(cluster, with_grids=True) if cluster else encode)
        report = update(gallery, checkpoint, file, settings, encode)
        matrix = report.embeddings.matrix
        searched = open_index(gallery, checkpoint, report.embeddings, settings)
    recall = recall_at(searched, ExactIndex(matrix), matrix[:RECALL_QUERIES])
    name_of_index = "scan" if is_scanned(report.embeddings, settings) else settings.index
    if output is None:  # what is written elsewhere is to be shipped: features are computed where it serves
        engine = Engine(settings, checkpoint)
        if recorder:
            recorder.close(report.embeddings)
        if cluster:
            cluster.complete_features(engine.live_gallery.retriever)
        engine.prepare_all()
        engine.live_gallery.retriever.find_near_duplicates()
        # Files of the gallery's former state go; a bot that has them mapped keeps them until it stops.
        cache_dir.remove_unused(settings.home, key, unused_since=started)
    if settings.gallery:
        log.info("To serve this folder: KINDRED_GALLERY=%s", os.fsdecode(gallery.folder.key))
    return {
        "gallery": gallery.name,
        "images": len(report.embeddings.images),
        "encoded": report.encoded,
        "removed": report.removed,
        "left_out": len(gallery.images) - len(report.embeddings.images),
        "vectors": str(file),
        f"{name_of_index}_recall_at_10": round(recall, 4),
    }


def train(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Train the network on Flickr8K and save it."""
    from engine.training.config import HIGH_RESOLUTION, NameConfig, SelfCriticalConfig, TrainingConfig
    from engine.training.pipeline import TrainingSources
    from engine.training.pipeline import train as run

    stages = (
        TrainingConfig(seed=args.seed, epochs=args.epochs or TrainingConfig.epochs),
        replace(HIGH_RESOLUTION, epochs=args.larger_epochs or HIGH_RESOLUTION.epochs),
    )
    self_critical = SelfCriticalConfig(seed=args.seed, epochs=args.refine_epochs or SelfCriticalConfig.epochs)
    names = NameConfig(seed=args.seed, epochs=args.name_epochs or NameConfig.epochs)
    work = args.work or settings.home / "training"
    sources = TrainingSources(
        flickr8k=_flickr8k(settings),
        word_vectors=args.words,
        wordnet=args.wordnet,
        everyday_captions=args.everyday_captions,
        sentence_encoder=args.sentences,
        work=work,
        wild=_wild(settings.wild) if settings.wild else None,
    )
    run(sources, settings.artifact, stages, self_critical, names)
    return {"artifact": str(settings.artifact)}


def evaluate(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Evaluate captions, search and words on a split, and on photos unlike Flickr8K's."""
    from engine.evaluation.evaluate import evaluate as run

    split = args.split or (None if args.wild else "dev")
    if args.asked:
        from engine.evaluation.asked import evaluate_asked

        joint = settings.model_copy(update={"two_stages": False})  # nothing to prepare first
        return evaluate_asked(
            Engine(joint), _flickr8k(settings), split or "dev", args.queries, literally=args.literally
        )
    answer: dict[str, Any] = {}
    if split:
        answer |= run(
            load_checkpoint(settings.artifact, settings.threads), _flickr8k(settings), split, args.word_sets
        )
    if settings.wild:
        answer |= {"wild": _evaluate_wild(settings, settings.wild)}
    return answer


def _evaluate_wild(settings: EngineSettings, folder: Path) -> dict[str, Any]:
    """Evaluate an engine whose gallery is the folder of class photos."""
    from engine.evaluation.wild import evaluate_wild

    photos = _wild(folder)
    of_classes = settings.model_copy(update={"gallery": folder / CLASSES, "gallery_url": None})
    checkpoint = load_checkpoint(settings.artifact, settings.threads)
    with cache_dir.reporting_write_errors(settings.home):
        gallery = galleries.open_gallery(of_classes)
        update(gallery, checkpoint, embeddings_file(gallery, checkpoint, of_classes))
    engine = Engine(of_classes, checkpoint)
    engine.prepare_all()
    return evaluate_wild(engine, photos)


def train_tagger(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Train what reads messages, on captions and the phrases of seven languages: tagger and word context."""
    from engine.training.language.count_bigrams import count_bigrams
    from engine.training.language.general_vectors import general_vectors
    from engine.training.language.train_tagger import train_tagger as run

    flickr8k = _flickr8k(settings)
    captions = [caption for name in flickr8k.splits["train"] for caption in flickr8k.captions[name]]
    if args.captions:
        captions += args.captions.read_text("utf-8").splitlines()
    checkpoint = load_checkpoint(settings.artifact, settings.threads)
    report: dict[str, Any] = {}
    if not args.start:
        pairs = count_bigrams(captions, checkpoint.vocabulary, args.context, seed=args.seed)
        report["pairs_of_words"] = pairs
    vectors, names = general_vectors(checkpoint), sorted(set(checkpoint.class_names.own))
    context = WordContext(load_file(args.context))
    start = load_file(args.start) if args.start else None
    shares = run(
        captions, vectors, context, args.output, steps=args.steps, seed=args.seed, names=names, start=start
    )
    return {"right": shares, **report}


def compare_runtime(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Compare the runtime with the reference network, which is torch's: captions and joint vectors."""
    from engine.evaluation.compare_runtime import compare_runtime as run

    checkpoint = load_checkpoint(settings.artifact, settings.threads, exact=args.float32)
    return run(checkpoint, _flickr8k(settings), args.split, args.photos)


def compare_search(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Search a split by its captions with five methods, and compare them."""
    from engine.evaluation.compare_search import compare_search as run

    return run(
        load_checkpoint(settings.artifact, settings.threads),
        _flickr8k(settings),
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
            _flickr8k(settings) if settings.flickr8k else None,
            queries=args.queries,
            seed=args.seed,
        )


def add_commands(add: AddCommand) -> None:
    """Add the commands that prepare and measure what queries use."""
    indexing = add("index", index)
    indexing.add_argument("folder", nargs="?", metavar="DIR", help="images of your own to index")
    indexing.add_argument("--gallery", metavar="DIR", help="the same (KINDRED_GALLERY)")
    indexing.add_argument("--output", type=Path, metavar="FILE", help="write the embeddings here")
    _add_training(add)
    _add_tagger(add)
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


def _add_training(add: AddCommand) -> None:
    training = add("train", train)
    training.add_argument("--words", type=Path, required=True, metavar="FILE", help="general word vectors")
    training.add_argument(
        "--work", type=Path, metavar="DIR", help="features and saved state; name it again to resume"
    )
    training.add_argument(
        "--sentences", type=Path, required=True, metavar="DIR", help="sentence encoder used as the teacher"
    )
    training.add_argument(
        "--wordnet", type=Path, required=True, metavar="DIR", help="data files of WordNet's nouns"
    )
    training.add_argument(
        "--everyday-captions", type=Path, required=True, metavar="FILE", help="captions of everyday photos"
    )
    training.add_argument(
        "--wild", type=Path, metavar="DIR", help="everyday photos to fit confidences on, too (WILD_DIR)"
    )
    training.add_argument("--epochs", type=positive_int, help="epochs of training")
    training.add_argument("--larger-epochs", type=positive_int, help="epochs on larger photos after that")
    training.add_argument("--refine-epochs", type=positive_int, help="epochs that refine the captions")
    training.add_argument("--name-epochs", type=positive_int, help="epochs in which it learns to read names")
    training.add_argument("--seed", type=int, default=1)


def _add_tagger(add: AddCommand) -> None:
    tagger = add("train-tagger", train_tagger)
    tagger.add_argument("--captions", type=Path, metavar="FILE", help="more descriptions, one a line")
    tagger.add_argument("--output", type=Path, default=TAGGER, metavar="FILE", help="write the tagger here")
    tagger.add_argument(
        "--context",
        type=Path,
        default=CONTEXT,
        metavar="FILE",
        help="write the pairs of words here; read them with --start",
    )
    tagger.add_argument(
        "--steps", type=positive_int, default=6_500, help="batches of sentences (default: %(default)s)"
    )
    tagger.add_argument("--seed", type=int, default=1)
    tagger.add_argument(
        "--start", type=Path, metavar="FILE", help="train this tagger further, and write the mean of both"
    )


def _wild(folder: Path) -> WildPhotos:
    """Open a folder of everyday and class photos."""
    try:
        return open_wild(folder)
    except WildPhotosError as error:
        raise GalleryError(str(error)) from error


def _flickr8k(settings: EngineSettings) -> Flickr8k:
    if settings.flickr8k is None:
        raise GalleryError("Which Flickr8K? Name its folder with --flickr8k or FLICKR8K_DIR.")
    try:
        flickr8k = open_flickr8k(settings.flickr8k)
    except Flickr8kError as error:
        raise GalleryError(str(error)) from error
    for notice in flickr8k.notices:
        log.info("%s", notice)
    return flickr8k
