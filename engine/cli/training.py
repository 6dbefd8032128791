"""Commands that train the network, and the tagger that reads messages."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from safetensors.numpy import load_file

from engine.cli.command import AddCommand, Answer, positive_int
from engine.cli.data_sets import flickr8k_of, wild_photos
from engine.language.tagger import WEIGHTS as TAGGER
from engine.model.checkpoint import load as load_checkpoint
from engine.settings import EngineSettings
from engine.words.word_context import WEIGHTS as CONTEXT
from engine.words.word_context import WordContext


def add_commands(add: AddCommand) -> None:
    """Add the commands."""
    _add_training(add)
    _add_tagger(add)


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
        flickr8k=flickr8k_of(settings),
        word_vectors=args.words,
        wordnet=args.wordnet,
        everyday_captions=args.everyday_captions,
        sentence_encoder=args.sentences,
        work=work,
        wild=wild_photos(settings.wild) if settings.wild else None,
    )
    run(sources, settings.artifact, stages, self_critical, names)
    return {"artifact": str(settings.artifact)}


def train_tagger(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Train what reads messages, on captions and the phrases of seven languages: tagger and word context."""
    from engine.training.language.count_bigrams import count_bigrams
    from engine.training.language.general_vectors import general_vectors
    from engine.training.language.train_tagger import train_tagger as run

    flickr8k = flickr8k_of(settings)
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
