"""Texts of answers about photos, and captions of albums."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.api import MAX_TEXT_LENGTH
from engine.results import Caption, Explanation, GalleryInfo, Match, Recognised, Tag
from handlers.i18n.texts import Texts
from handlers.keyboards.callback_data import SubjectKind
from handlers.messages.html import (
    MAX_QUERY_UNITS,
    MAX_SENTENCE_UNITS,
    MAX_WORD_UNITS,
    escape_html,
    format_score,
    truncate_start,
)
from handlers.queries.parsing import has_signs
from handlers.queries.subject import Subject
from handlers.replies.closeness import by_closeness, of_match

MAX_CREDIT_UNITS = 300
MAX_NAME_UNITS = 20  # of an image's name; a caption holds ten
MAX_SUBJECT_UNITS = (
    2 * MAX_TEXT_LENGTH
)  # an answer repeats the user's words in full: its buttons read them back
GUESSED_TAGS = 3  # named where the caption would be a guess
MIN_TAG_SCORE = 0.3  # of a tag that is named without being asked for; set by eye


@dataclass(frozen=True, slots=True)
class PhotoReading:
    """What the engine sees in a photo.

    Attributes:
        caption: the likeliest caption; None if there is none.
        tags: single words, where the caption would be a guess.
        known: the image of the gallery that the photo is, if it is one.
        recognised: things in it, the likeliest first.
    """

    caption: Caption | None
    tags: tuple[Tag, ...] = ()
    known: Match | None = None
    recognised: tuple[Recognised, ...] = ()

    @property
    def is_guess(self) -> bool:
        """True if the caption is more likely wrong than right, so that it is not shown."""
        return self.caption is None or self.caption.is_weak


def photo_answer(
    texts: Texts, subject: Subject, reading: PhotoReading, *, notes: Sequence[str] = (), matched: bool = True
) -> str:
    """Say what a photo shows, whether the gallery has it, and what its matches were searched by."""
    lines = [f"<b>{photo_line(texts, reading)}</b>"]
    if not reading.is_guess and (names := _further_names(reading)):
        lines.append(texts("recognised", names=escape_html(", ".join(names), MAX_SENTENCE_UNITS)))
    if reading.known:
        lines.append(texts("known-photo", page=_page_link(texts, reading.known)))
    if not matched and not reading.known:  # which may be the only image
        lines.append(texts("photos-away"))
    elif subject.kind is SubjectKind.FOCUS:
        lines.append(search_title(texts, subject))
    return with_notes(notes, "\n".join(lines))


def other_caption(texts: Texts, subject: Subject, caption: Caption, *, notes: Sequence[str] = ()) -> str:
    """Show another caption of a photo, also a weak one: the user asked for it."""
    sentence = f"<b>{_sentence(caption.text)}</b>"
    lines = [texts("caption-unsure"), sentence] if caption.is_weak else [sentence]
    if subject.kind is SubjectKind.FOCUS:
        lines.append(search_title(texts, subject))
    return with_notes(notes, "\n".join(lines))


def photo_line(texts: Texts, reading: PhotoReading) -> str:
    """Say what a photo shows in one sentence; where the caption would be a guess, name things in it."""
    if reading.caption and not reading.is_guess:
        return _sentence(reading.caption.text)
    tags = [tag.word for tag in reading.tags if tag.score >= MIN_TAG_SCORE]
    words = list(dict.fromkeys([*(thing.name for thing in reading.recognised), *tags]))[:GUESSED_TAGS]
    if not words:
        return texts("cannot-tell")
    return texts("cannot-tell-tags", words=", ".join(escape_html(word, MAX_WORD_UNITS) for word in words))


def _further_names(reading: PhotoReading) -> list[str]:
    """Return the names of recognised things that the caption does not mention."""
    caption = reading.caption.text.lower() if reading.caption else ""
    names = (thing.name for thing in reading.recognised)
    return [name for name in names if not re.search(rf"\b{re.escape(name)}(?:s|es)?\b", caption)]


def search_answer(
    texts: Texts, subject: Subject, *, notes: Sequence[str] = (), matched: bool = True, page: str = ""
) -> str:
    """Say what images were searched by."""
    lines = [search_title(texts, subject) + page, *([] if matched else [texts("no-matches")])]
    return with_notes(notes, "\n".join(lines))


def page_numbers(texts: Texts, first: int, last: int) -> str:
    """Return the numbers of the images on a page, to follow a title."""
    return texts("page", first=first, last=last)


def with_notes(notes: Sequence[str], answer: str) -> str:
    """Prepend notes to an answer."""
    return "\n".join([*(f"<i>{note}</i>" for note in notes), answer])


def album_caption(
    texts: Texts,
    subject: Subject,
    matches: Sequence[tuple[int, Match]],
    gallery: GalleryInfo,
    *,
    is_first_page: bool = True,
    numbers: bool = False,
    unsure: bool = False,
) -> str:
    """Caption a page of numbered matches: how close each is, with a link to its page, and the credit.

    The message below it has the title, except for a photo: there the caption is what was asked for.
    """
    lines = []
    found = [match for _, match in matches]
    if is_first_page and (unsure or found[0].is_weak):  # a later one begins where a better one ended
        lines = [texts("not-sure" if subject.kind is SubjectKind.FIND else "not-sure-photo")]
    elif is_first_page and subject.kind is SubjectKind.DESCRIBE:
        lines = [texts("photo-matches")]
    return "\n".join([*lines, _closeness(texts, matches, numbers), credit(texts, gallery, found)])


def best_matches_caption(
    texts: Texts, matches: Sequence[tuple[int, Match]], gallery: GalleryInfo, *, numbers: bool = False
) -> str:
    """Caption the best match of each photo of a media group, with the number of that photo."""
    found = [match for _, match in matches]
    closeness = _closeness(texts, matches, numbers, of_photos=True)
    return "\n".join([texts("best-matches"), closeness, credit(texts, gallery, found)])


def random_caption(texts: Texts, gallery: GalleryInfo, matches: Sequence[Match]) -> str:
    """Caption random images; those that others are like are named by their numbers."""
    notes = [
        f"{number}: {note}"
        for number, match in enumerate(matches, 1)
        for note in near_duplicates_note(texts, match)
    ]
    return "\n".join([*([" · ".join(notes)] if notes else []), credit(texts, gallery, matches)])


def near_duplicates_note(texts: Texts, match: Match) -> tuple[str, ...]:
    """Return a note on how many images are like a match and not shown, if there are any."""
    count = len(match.near_duplicates)
    return (f"({texts('near-duplicates', count=count)})",) if count else ()


def media_group_answer(texts: Texts, lines: Sequence[str], *, choosable: bool = True) -> str:
    """Say what the photos of a media group show, one a line, and that buttons choose one of them."""
    numbered = [f"{number}. {line}" for number, line in enumerate(lines, 1)]
    hint = [texts("choose-photo")] if choosable else []
    return "\n".join([texts("your-photos", count=len(lines)), *numbered, *hint])


def credit(texts: Texts, gallery: GalleryInfo, matches: Sequence[Match] = ()) -> str:
    """Name the gallery and its authors in one line; of a gallery that the bot knows, in the user's language.

    Where the images have pages, those credit the authors.
    """
    key = f"credit-{gallery.name.lower()}"
    known = texts(key) if gallery.name.isalnum() and texts.has(key) else ""
    authors = known or escape_html(
        f"{texts('credit', name=gallery.name)} {gallery.credit}".strip(), MAX_CREDIT_UNITS
    )
    pages = [texts("sources")] if any(match.source for match in matches) else []
    return f"<i>{' '.join([authors, *pages])}</i>"


def tag_list(texts: Texts, tags: Sequence[Tag], *, numbers: bool = False) -> str:
    """List the tags of a photo."""
    if not tags:
        return texts("no-words")
    words = [escape_html(tag.word, MAX_WORD_UNITS) for tag in tags]
    if numbers:
        words = [f"{word} {format_score(tag.score)}" for word, tag in zip(words, tags, strict=True)]
    return f"{texts('tags')}\n{' · '.join(words)}"


def explanation_caption(texts: Texts, explanation: Explanation) -> str:
    """Caption the picture that explains a caption word by word."""
    return texts("why", caption=f"<b>{_sentence(explanation.caption)}</b>")


def search_title(texts: Texts, subject: Subject) -> str:
    """Return what images were searched by; buttons read the words back from it."""
    words = escape_html(subject.words, MAX_SUBJECT_UNITS)
    match subject.kind:
        case SubjectKind.FOCUS if has_signs(subject.words):
            return texts("photo-matches-changed", words=words)
        case SubjectKind.FOCUS:
            return texts("photo-matches-focused", words=words)
        case SubjectKind.FIND:
            return texts("search-results", words=words)
        case SubjectKind.GALLERY_IMAGE:
            return texts("similar-images")
        case _:
            return texts("photo-matches")


def _closeness(
    texts: Texts, matches: Sequence[tuple[int, Match]], numbers: bool, *, of_photos: bool = False
) -> str:
    """List numbered matches by their closeness, or with their scores."""
    if not numbers:
        listed = ((of_match(match), _linked(texts, match, str(number))) for number, match in matches)
        return by_closeness(texts, listed)
    scores = ((number, _linked(texts, match, format_score(match.score))) for number, match in matches)
    return " · ".join(f"{number}: {score}" if of_photos else score for number, score in scores)


def _linked(texts: Texts, match: Match, label: str) -> str:
    """Return a label as a link to the image's page, or else with the image's name, and count its like."""
    if match.source:
        linked = f'<a href="{html.escape(match.source)}">{label}</a>'
    else:
        name = truncate_start(match.image, MAX_NAME_UNITS)  # the end identifies an image better
        linked = f"{label} {escape_html(name, MAX_NAME_UNITS)}"
    return " ".join([linked, *near_duplicates_note(texts, match)])


def _page_link(texts: Texts, match: Match) -> str:
    """Return a link to the page of an image, or else its name."""
    if match.source:
        return f'<a href="{html.escape(match.source)}">{texts("photo-page")}</a>'
    return escape_html(match.image, MAX_QUERY_UNITS)


def _sentence(caption: str) -> str:
    text = caption[:1].upper() + caption[1:]
    return escape_html(text if text.endswith((".", "!", "?")) else f"{text}.", MAX_SENTENCE_UNITS)
