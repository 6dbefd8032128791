"""What people read about photos."""

from __future__ import annotations

import html
from collections.abc import Sequence

from engine.results import Caption, Explanation, GalleryInfo, Match, Tag
from handlers.i18n.texts import Texts
from handlers.keyboards.callback_data import SubjectKind
from handlers.messages.html import QUERY_UNITS, SENTENCE_UNITS, WORD_UNITS, quoted, score
from handlers.queries.parsing import MAX_LENGTH, has_signs
from handlers.queries.subject import Subject

CREDIT_UNITS = 400
NAME_UNITS = 20  # of an image's name; ten of them
WORDS_UNITS = 2 * MAX_LENGTH  # a message repeats a person's words in full: its buttons read them there


def described(
    texts: Texts,
    subject: Subject,
    caption: Caption | None,
    gallery: GalleryInfo,
    *,
    notes: Sequence[str] = (),
    matched: bool = True,
) -> str:
    """Say what is in a photo, what its look-alikes were chosen by, and whose photos they are."""
    parts = [noted(notes, _said(texts, caption))]
    if subject.kind is SubjectKind.FOCUS and matched:
        parts.append(_title(texts, subject))
    parts.append(_credit(texts, gallery) if matched else texts("no-matches"))
    return "\n\n".join(parts)


def found(
    texts: Texts,
    subject: Subject,
    gallery: GalleryInfo,
    *,
    notes: Sequence[str] = (),
    matched: bool = True,
    hint: bool = False,
) -> str:
    """Say what photos were looked for by, and whose they are."""
    parts = [noted(notes, _title(texts, subject))]
    if hint:
        parts.append(texts("hint-after-find"))
    parts.append(_credit(texts, gallery) if matched else texts("no-matches"))
    return "\n\n".join(parts)


def noted(notes: Sequence[str], answer: str) -> str:
    """Put before an answer what people should know about it."""
    return "\n".join([*(f"<i>{note}</i>" for note in notes), answer])


def album(texts: Texts, subject: Subject, matches: Sequence[Match], first: int = 0) -> str:
    """Caption a page of photos; `first` counts those on the pages before it."""
    title = _title(texts, subject, QUERY_UNITS)
    if first:
        title += texts("page", first=first + 1, last=first + len(matches))
    note = [texts("not-sure")] if matches[0].is_weak else []
    return "\n".join([title, *note, " · ".join(map(_linked_score, matches)), *_sources(texts, matches)])


def listed(texts: Texts, lines: Sequence[str], gallery: GalleryInfo, *, matched: bool) -> str:
    """Say what is in each photo of an album, a line each."""
    numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
    credit = [_credit(texts, gallery)] if matched else []
    return "\n\n".join([texts("your-photos", count=len(lines)), numbered, *credit])


def line(texts: Texts, caption: Caption | None) -> str:
    """Say in one line what is in a photo."""
    said = _sentence(caption.text if caption else texts("no-caption"))
    return said if caption and not caption.is_weak else texts("line-unsure", caption=said)


def best_matches(texts: Texts, matches: Sequence[tuple[int, Match]]) -> str:
    """Caption the best matches of the photos of an album, each with the number of its photo."""
    scores = " · ".join(f"{number}: {_linked_score(match)}" for number, match in matches)
    return "\n".join([texts("best-matches"), scores, *_sources(texts, [match for _, match in matches])])


def tags(texts: Texts, found_tags: Sequence[Tag]) -> str:
    """List single words for a photo."""
    if not found_tags:
        return texts("no-words")
    words = (f"{quoted(tag.word, WORD_UNITS)} {score(tag.score)}" for tag in found_tags)
    return f"{texts('tags')}\n{' · '.join(words)}"


def explain(texts: Texts, reason: Explanation) -> str:
    """Caption the picture of what each word of a caption came from."""
    return texts("why", caption=f"<b>{_sentence(reason.caption)}</b>")


def _title(texts: Texts, subject: Subject, units: int = WORDS_UNITS) -> str:
    words = quoted(subject.words, units)
    match subject.kind:
        case SubjectKind.FOCUS if has_signs(subject.words):
            return texts("lookalikes-changed", words=words)
        case SubjectKind.FOCUS:
            return texts("lookalikes-in", words=words)
        case SubjectKind.FIND:
            return texts("found", words=words)
        case SubjectKind.KINDRED:
            return texts("kindred")
        case _:
            return texts("lookalikes")


def _said(texts: Texts, caption: Caption | None) -> str:
    said = f"<b>{_sentence(caption.text if caption else texts('no-caption'))}</b>"
    return said if caption and not caption.is_weak else f"{texts('caption-unsure')}\n{said}"


def _linked_score(match: Match) -> str:
    """A score that leads to the original; where it has no page, the name says where it is."""
    shown = score(match.score)
    if match.source:
        return f'<a href="{html.escape(match.source)}">{shown}</a>'
    return f"{shown} {quoted(_tail(match.image), NAME_UNITS)}"


def _tail(name: str) -> str:
    """The end of a path: it tells more than the beginning."""
    return name if len(name) < NAME_UNITS else f"…{name[1 - NAME_UNITS :]}"


def _sources(texts: Texts, matches: Sequence[Match]) -> list[str]:
    return [texts("sources")] if any(match.source for match in matches) else []


def _credit(texts: Texts, gallery: GalleryInfo) -> str:
    credit = texts("credit", name=gallery.name, size=gallery.size, credit=gallery.credit).strip()
    return f"<blockquote expandable>{quoted(credit, CREDIT_UNITS)}</blockquote>"


def _sentence(caption: str) -> str:
    text = caption[:1].upper() + caption[1:]
    return quoted(text if text.endswith((".", "!", "?")) else f"{text}.", SENTENCE_UNITS)
