"""Commands that query the network."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from data.listing import printable
from engine.api import CAPTIONS, LABELS, MATCHES, TAGS, find_command
from engine.cli.command import AddCommand, Answer, Command, positive_int
from engine.errors import BadInputError
from engine.gallery import cache_dir
from engine.model.checkpoint import load as load_checkpoint
from engine.results import Caption, Intent, IntentKind, Label, Match, Recognised, Tag, WordMatch
from engine.service import Engine
from engine.settings import EngineSettings
from engine.words.joint_words import JointWordVectors
from engine.words.word_similarity import WordSpace, word_space

log = logging.getLogger(__name__)


def describe(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Caption a photo and find the images most similar to it."""
    photo = read_file(args.photo)
    description = Engine(settings).describe(photo, args.count)
    known = to_rows([description.known] if description.known else [])
    return {
        "captions": to_rows(description.captions),
        "recognised": to_rows(description.recognised),
        **({"known": known} if known else {}),
        "matches": to_rows(description.matches),
    }


def caption(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Caption a photo."""
    photo = read_file(args.photo)
    return to_rows(Engine(settings).captions(photo, args.count))


def tags(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find single words for a photo."""
    photo = read_file(args.photo)
    return to_rows(Engine(settings).tags(photo, args.count))


def labels(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Choose the labels that fit a photo best."""
    photo = read_file(args.photo)
    return to_rows(Engine(settings).labels(photo, args.labels, args.count))


def search_focused(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find the images most similar to a photo, with a focus on what a text names."""
    photo = read_file(args.photo)
    return to_rows(Engine(settings).search_focused(photo, " ".join(args.text), args.count))


def similar_images(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find the images most similar to one of the gallery."""
    return to_rows(Engine(settings).similar_images(printable(args.image), args.count))


def near_duplicates(settings: EngineSettings, _: argparse.Namespace) -> Answer:
    """List the near-duplicates in the gallery: copies and bursts, which searches show once."""
    found = Engine(settings).near_duplicates()
    return [{"near_duplicates": list(match.near_duplicates), "image": match.image} for match in found]


def similar_words(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find the words nearest to a word."""
    return to_rows(_word_space(settings).similar(args.word, args.count))


def analogy(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Answer "A is to B as C is to ?"."""
    return to_rows(_word_space(settings).analogy(args.a, args.b, args.c, args.count))


def word_similarity(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Compare two words: their cosine, and the percentage of word pairs that are less similar."""
    return asdict(_word_space(settings).word_similarity(args.a, args.b))


def _word_space(settings: EngineSettings) -> WordSpace:
    """Return the network's words without a gallery; their joint vectors are kept for the next command."""
    graphs, words = (settings.home / name for name in (cache_dir.GRAPHS, cache_dir.WORDS))
    checkpoint = load_checkpoint(settings.artifact, settings.threads, graphs)
    return word_space(checkpoint, JointWordVectors(checkpoint, words))


def find(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Find the images that fit a description; a lone + or - adds or subtracts a part."""
    photo = read_file(args.photo) if args.photo else None
    engine, text = Engine(settings), " ".join(args.text)
    if args.how == "invert":
        return to_rows(engine.invert(text, args.count))
    if not engine.ready:
        log.info("The decoder will help to search once the gallery is prepared: python -m engine index")
    query = engine.understand(find_command(text), with_photo=photo is not None).query if text.strip() else ""
    return to_rows(engine.find(query or text, args.count, photo))


def ask(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Understand a message in one of seven languages, and answer it."""
    engine = Engine(settings)
    intent = engine.understand(" ".join(args.text), args.language)
    understood = {name: value for name, value in asdict(intent).items() if value not in ((), None, False)}
    return {"understood": understood, **_answer(engine, intent, args.count)}


def _answer(engine: Engine, intent: Intent, count: int) -> dict[str, Any]:
    match intent.kind, intent.words:
        case IntentKind.DESCRIPTION, _:
            return {"matches": to_rows(engine.find(intent.query, count))}
        case IntentKind.SIMILAR, (word,):
            return {"words": to_rows(engine.similar(word, count))}
        case IntentKind.ALIKE, (a, b):
            return {"similarity": asdict(engine.word_similarity(a, b))}
        case IntentKind.ANALOGY, (a, b, c):
            return {"words": to_rows(engine.analogy(a, b, c, count))}
    return {}


def explain(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Caption a photo and draw what each word depends on."""
    photo = read_file(args.photo)
    explanation = Engine(settings).explain(photo)
    return {"caption": explanation.caption, "picture": write_file(args.output, explanation.picture)}


def draw_map(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Draw a map of words or of images, similar ones next to each other."""
    engine = Engine(settings)
    picture = engine.word_map() if args.of == "words" else engine.image_map()
    return {"picture": write_file(args.output, picture)}


def add_commands(add: AddCommand) -> None:
    """Add the commands that query the network."""
    _add_photo_commands(add)
    _add_word_commands(add)
    _add_search_commands(add)
    _add_drawing_commands(add)


def _add_query(
    add: AddCommand, name: str, command: Command, *aliases: str, count: int | None = MATCHES
) -> argparse.ArgumentParser:
    """Add a command with --gallery, and with --count unless `count` is None."""
    sub = add(name, command, *aliases)
    sub.add_argument("--gallery", type=Path, metavar="DIR", help="images of your own (KINDRED_GALLERY)")
    if count is not None:
        sub.add_argument(
            "--count", type=positive_int, default=count, help="how many answers (default: %(default)s)"
        )
    return sub


def _add_photo_commands(add: AddCommand) -> None:
    def add_photo_query(
        name: str, command: Command, *aliases: str, count: int = MATCHES
    ) -> argparse.ArgumentParser:
        sub = _add_query(add, name, command, *aliases, count=count)
        sub.add_argument("photo", type=Path, metavar="PHOTO")
        return sub

    add_photo_query("describe", describe)
    add_photo_query("caption", caption, "captions", count=CAPTIONS)
    add_photo_query("tags", tags, count=TAGS)
    choosing = add_photo_query("labels", labels, "zero-shot", count=LABELS)
    choosing.add_argument("labels", nargs="+", metavar="LABEL")
    focusing = add_photo_query("focus", search_focused, "search-focused")
    focusing.add_argument("text", nargs="+", metavar="TEXT")


def _add_word_commands(add: AddCommand) -> None:
    _add_query(add, "similar", similar_words, "similar-words").add_argument("word", metavar="WORD")
    triple = _add_query(add, "analogy", analogy)
    pair = _add_query(add, "alike", word_similarity, "word-similarity", count=None)
    for sub, names in ((triple, "abc"), (pair, "ab")):
        for name in names:
            sub.add_argument(name, metavar=name.upper())


def _add_search_commands(add: AddCommand) -> None:
    similar = _add_query(add, "kindred", similar_images, "similar-images")
    similar.add_argument("image", metavar="IMAGE", help="its name in the gallery")
    _add_query(add, "near-duplicates", near_duplicates, count=None)
    asking = _add_query(add, "ask", ask)
    asking.add_argument("text", nargs="+", metavar="TEXT")
    asking.add_argument("--language", metavar="CODE", help="its language, such as de (default: detected)")
    search = _add_query(add, "find", find, "search")
    search.add_argument("text", nargs="+", metavar="TEXT")
    search.add_argument("--photo", type=Path, metavar="PHOTO", help="a photo that the text modifies")
    search.add_argument(
        "--how", choices=("search", "invert"), default="search", help="in two stages, or by inversion"
    )


def _add_drawing_commands(add: AddCommand) -> None:
    explaining = _add_query(add, "why", explain, "explain", count=None)
    explaining.add_argument("photo", type=Path, metavar="PHOTO")
    mapping = _add_query(add, "map", draw_map, count=None)
    mapping.add_argument("of", choices=("words", "images"))
    for sub in (explaining, mapping):
        sub.add_argument("--output", type=Path, required=True, metavar="FILE", help="write the PNG here")


def read_file(photo: Path) -> bytes:
    """Return the bytes of a photo.

    Raises:
        BadInputError: there is no such file, or it may not be read.
    """
    try:
        return photo.read_bytes()
    except OSError as error:
        raise BadInputError(f"{photo} cannot be read: {error.strerror}.") from error


def write_file(file: Path, picture: bytes) -> str:
    """Write a picture and return its path.

    Raises:
        BadInputError: the file cannot be written.
    """
    try:
        file.write_bytes(picture)
    except OSError as error:
        raise BadInputError(f"{file} cannot be written: {error.strerror}.") from error
    return str(file)


def to_rows(
    results: Iterable[Caption | Label | Match | Recognised | Tag | WordMatch],
) -> list[dict[str, Any]]:
    """Return results as JSON objects."""
    return [_match_row(result) if isinstance(result, Match) else asdict(result) for result in results]


def _match_row(match: Match) -> dict[str, Any]:
    return {
        "near_duplicates": list(match.near_duplicates),
        "image": match.image,
        "confidence": match.confidence,
        "score": match.score,
    }
