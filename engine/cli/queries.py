"""The verbs of the command line that ask the network something; `engine.__main__` runs them."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.api import CAPTIONS, LABELS, MATCHES, TAGS
from engine.errors import BadInputError
from engine.model import checkpoint
from engine.results import Caption, Label, Match, Tag, WordMatch
from engine.service import Engine
from engine.settings import EngineSettings
from engine.words.word_similarity import word_space

log = logging.getLogger(__name__)

Answer = dict[str, Any] | list[dict[str, Any]]
Verb = Callable[[EngineSettings, argparse.Namespace], Answer]
Add = Callable[[Verb], argparse.ArgumentParser]


def describe(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Caption a photo and find the images most like it."""
    photo = read(args.photo)
    found = Engine(settings).describe(photo, args.count)
    return {"captions": plain(found.captions), "matches": plain(found.matches)}


def caption(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Caption a photo."""
    photo = read(args.photo)
    return plain(Engine(settings).captions(photo, args.count))


def tags(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find single words for a photo."""
    photo = read(args.photo)
    return plain(Engine(settings).tags(photo, args.count))


def labels(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Choose among labels those that fit a photo best."""
    photo = read(args.photo)
    return plain(Engine(settings).labels(photo, args.labels, args.count))


def focus(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find the images most like a photo in what a text says of it."""
    photo = read(args.photo)
    return plain(Engine(settings).search_focused(photo, " ".join(args.text), args.count))


def kindred(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find the images most like one of the gallery."""
    return plain(Engine(settings).similar_images(args.image, args.count))


def similar(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find the words nearest to a word."""
    return plain(word_space(checkpoint.load(settings.artifact)).similar(args.word, args.count))


def analogy(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Answer "A is to B as C is to ?"."""
    words = word_space(checkpoint.load(settings.artifact))
    return plain(words.analogy(args.a, args.b, args.c, args.count))


def alike(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Tell how alike two words are: cosine, and percent of word pairs that are less alike."""
    return asdict(word_space(checkpoint.load(settings.artifact)).word_similarity(args.a, args.b))


def find(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find the images that a description fits; a lone + or - adds a part or takes it away."""
    engine, text = Engine(settings), " ".join(args.text)
    if args.how == "invert":
        return plain(engine.invert(text, args.count))
    if not engine.ready:
        log.info("The decoder will help to search once the gallery is prepared: python -m engine index")
    return plain(engine.find(text, args.count, read(args.photo) if args.photo else None))


def why(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Caption a photo and draw where in it each word comes from."""
    explained = Engine(settings).explain(read(args.photo))
    return {"caption": explained.caption, "picture": write(args.output, explained.picture)}


def map_(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Draw a map of words or of images, alike beside alike."""
    engine = Engine(settings)
    picture = engine.word_map() if args.of == "words" else engine.image_map()
    return {"picture": write(args.output, picture)}


def add_questions(add: Add) -> None:
    """Put the verbs on the command line.

    Args:
        add: makes the parser of a verb, with the options that all verbs have.
    """

    def question(verb: Verb, count: int | None = MATCHES) -> argparse.ArgumentParser:
        sub = add(verb)
        sub.add_argument("--gallery", type=Path, metavar="DIR", help="images of your own (KINDRED_GALLERY)")
        if count is not None:
            sub.add_argument("--count", type=positive, default=count, help="how many answers (%(default)s)")
        return sub

    def photo_question(verb: Verb, count: int | None) -> argparse.ArgumentParser:
        sub = question(verb, count)
        sub.add_argument("photo", type=Path, metavar="PHOTO")
        return sub

    photo_question(describe, MATCHES)
    photo_question(caption, CAPTIONS)
    photo_question(tags, TAGS)
    photo_question(labels, LABELS).add_argument("labels", nargs="+", metavar="LABEL")
    photo_question(focus, MATCHES).add_argument("text", nargs="+", metavar="TEXT")
    question(kindred).add_argument("image", metavar="IMAGE", help="its name in the gallery")
    question(similar).add_argument("word", metavar="WORD")
    for verb, names, count in ((analogy, "abc", MATCHES), (alike, "ab", None)):
        words = question(verb, count)
        for name in names:
            words.add_argument(name, metavar=name.upper())
    finding = question(find)
    finding.add_argument("text", nargs="+", metavar="TEXT")
    finding.add_argument("--photo", type=Path, metavar="PHOTO", help="a photo that the text changes")
    finding.add_argument(
        "--how", choices=("search", "invert"), default="search", help="in two stages, or by inversion"
    )
    drawing = photo_question(why, None)
    mapping = question(map_, None)
    mapping.add_argument("of", choices=("words", "images"))
    for sub in (drawing, mapping):
        sub.add_argument("--output", type=Path, required=True, metavar="FILE", help="write the PNG here")


def positive(text: str) -> int:
    """A number of 1 or more, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def read(photo: Path) -> bytes:
    """The bytes of a photo.

    Raises:
        BadInput: there is no such file, or it may not be read.
    """
    try:
        return photo.read_bytes()
    except OSError as error:
        raise BadInputError(f"{photo} cannot be read: {error.strerror}.") from error


def write(file: Path, picture: bytes) -> str:
    """Write a picture; returns where.

    Raises:
        BadInput: the file cannot be written.
    """
    try:
        file.write_bytes(picture)
    except OSError as error:
        raise BadInputError(f"{file} cannot be written: {error.strerror}.") from error
    return str(file)


def plain(found: Iterable[Caption | Label | Match | Tag | WordMatch]) -> list[dict[str, Any]]:
    """Results as JSON has them."""
    return [_match(one) if isinstance(one, Match) else asdict(one) for one in found]


def _match(match: Match) -> dict[str, Any]:
    return {"image": match.image, "confidence": match.confidence, "score": match.score}
