"""Texts of answers about photos, and captions of albums."""

from __future__ import annotations

import html
from collections.abc import Sequence

from engine.results import Caption, Explanation, GalleryInfo, Match, Tag
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
from handlers.queries.parsing import MAX_LENGTH, has_signs
from handlers.queries.subject import Subject

MAX_CREDIT_UNITS = 400
MAX_NAME_UNITS = 20  # of an image's name; a caption holds ten
MAX_SUBJECT_UNITS = 2 * MAX_LENGTH  # an answer repeats the user's words in full: its buttons read them back


def photo_answer(
    texts: Texts,
    subject: Subject,
    caption: Caption | None,
    gallery: GalleryInfo,
    *,
    notes: Sequence[str] = (),
    matched: bool = True,
) -> str:
    """Show the caption of a photo, what its matches were searched by, and the gallery's credit."""
    parts = [with_notes(notes, _bold_caption(texts, caption))]
    if subject.kind is SubjectKind.FOCUS and matched:
        parts.append(_title(texts, subject))
    parts.append(_credit(texts, gallery) if matched else texts("photos-away"))
    return "\n\n".join(parts)


def search_answer(
    texts: Texts,
    subject: Subject,
    gallery: GalleryInfo,
    *,
    notes: Sequence[str] = (),
    matched: bool = True,
    hint: bool = False,
) -> str:
    """Show what photos were searched by, and the gallery's credit."""
    parts = [with_notes(notes, _title(texts, subject))]
    if hint:
        parts.append(texts("hint-after-find"))
    parts.append(_credit(texts, gallery) if matched else texts("no-matches"))
    return "\n\n".join(parts)


def with_notes(notes: Sequence[str], answer: str) -> str:
    """Prepend notes to an answer."""
    return "\n".join([*(f"<i>{note}</i>" for note in notes), answer])


def album_caption(texts: Texts, subject: Subject, matches: Sequence[Match], offset: int = 0) -> str:
    """Caption a page of matches; `offset` counts those on the pages before it."""
    title = _title(texts, subject, MAX_QUERY_UNITS)
    if offset:
        title += texts("page", first=offset + 1, last=offset + len(matches))
    note = [texts("not-sure")] if matches[0].is_weak else []
    scores = " · ".join(_linked_score(texts, match) for match in matches)
    return "\n".join([title, *note, scores, *_sources(texts, matches)])


def media_group_answer(
    texts: Texts, caption_lines: Sequence[str], gallery: GalleryInfo, *, matched: bool
) -> str:
    """Show the captions of the photos of a media group, one a line."""
    numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(caption_lines, 1))
    credit = [_credit(texts, gallery)] if matched else []
    return "\n\n".join([texts("your-photos", count=len(caption_lines)), numbered, *credit])


def caption_line(texts: Texts, caption: Caption | None) -> str:
    """Format the caption of a photo as one line."""
    line = _sentence(caption.text if caption else texts("no-caption"))
    return line if caption and not caption.is_weak else texts("line-unsure", caption=line)


def best_matches_caption(texts: Texts, matches: Sequence[tuple[int, Match]]) -> str:
    """Caption the best match of each photo of a media group, with the number of that photo."""
    scores = " · ".join(f"{number}: {_linked_score(texts, match)}" for number, match in matches)
    return "\n".join([texts("best-matches"), scores, *_sources(texts, [match for _, match in matches])])


def near_duplicates_note(texts: Texts, match: Match) -> tuple[str, ...]:
    """Return a note on how many images are like a match and not shown, if there are any."""
    count = len(match.near_duplicates)
    return (f"({texts('near-duplicates', count=count)})",) if count else ()


def tag_list(texts: Texts, tags: Sequence[Tag]) -> str:
    """List the tags of a photo."""
    if not tags:
        return texts("no-words")
    words = (f"{escape_html(tag.word, MAX_WORD_UNITS)} {format_score(tag.score)}" for tag in tags)
    return f"{texts('tags')}\n{' · '.join(words)}"


def explanation_caption(texts: Texts, explanation: Explanation) -> str:
    """Caption the picture that explains a caption word by word."""
    return texts("why", caption=f"<b>{_sentence(explanation.caption)}</b>")


def _title(texts: Texts, subject: Subject, max_units: int = MAX_SUBJECT_UNITS) -> str:
    words = escape_html(subject.words, max_units)
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


def _bold_caption(texts: Texts, caption: Caption | None) -> str:
    bold = f"<b>{_sentence(caption.text if caption else texts('no-caption'))}</b>"
    return bold if caption and not caption.is_weak else f"{texts('caption-unsure')}\n{bold}"


def _linked_score(texts: Texts, match: Match) -> str:
    """Format a score as a link to the image's source, or else with the image's name, and count its like."""
    score = format_score(match.score)
    if match.source:
        linked = f'<a href="{html.escape(match.source)}">{score}</a>'
    else:
        name = truncate_start(match.image, MAX_NAME_UNITS)  # the end identifies an image better
        linked = f"{score} {escape_html(name, MAX_NAME_UNITS)}"
    return " ".join([linked, *near_duplicates_note(texts, match)])


def _sources(texts: Texts, matches: Sequence[Match]) -> list[str]:
    return [texts("sources")] if any(match.source for match in matches) else []


def _credit(texts: Texts, gallery: GalleryInfo) -> str:
    credit = texts("credit", name=gallery.name, size=gallery.size, credit=gallery.credit).strip()
    return f"<blockquote expandable>{escape_html(credit, MAX_CREDIT_UNITS)}</blockquote>"


def _sentence(caption: str) -> str:
    text = caption[:1].upper() + caption[1:]
    return escape_html(text if text.endswith((".", "!", "?")) else f"{text}.", MAX_SENTENCE_UNITS)
