"""What people read about photos."""

from __future__ import annotations

import html
from collections.abc import Sequence

from engine.results import Description, GalleryInfo, Match
from handlers.replies.markup import QUERY_UNITS, SENTENCE_UNITS, quoted, score
from handlers.texts import Texts

CREDIT_UNITS = 400
NAME_UNITS = 20  # of an image's name; ten of them
OTHERS = 4  # captions at most besides the best


def description(texts: Texts, answer: Description, gallery: GalleryInfo) -> str:
    """Say what is in a photo; other sayings and whose photos the look-alikes are come after it."""
    parts = [_best(texts, answer)]
    if others := answer.captions[1 : 1 + OTHERS]:
        parts.append("\n".join([texts("captions-or"), *(f"<i>{_sentence(one.text)}</i>" for one in others)]))
    parts.append(_credit(texts, gallery) if answer.matches else texts("no-matches"))
    return "\n\n".join(parts)


def lookalikes(texts: Texts, matches: Sequence[Match]) -> str:
    """Caption the album of photos most like the one that was sent."""
    return _album(texts, texts("lookalikes"), matches)


def found(
    texts: Texts, query: str, matches: Sequence[Match], gallery: GalleryInfo, *, hint: bool = False
) -> str:
    """Caption the album of photos a description fits."""
    title = texts("found", query=quoted(query, QUERY_UNITS))
    parts = [_album(texts, title, matches), _credit(texts, gallery)]
    if hint:
        parts.append(texts("hint-after-find"))
    return "\n\n".join(parts)


def _best(texts: Texts, answer: Description) -> str:
    if not answer.captions:
        return f"{texts('caption-unsure')}\n<b>{_sentence(texts('no-caption'))}</b>"
    best = answer.captions[0]
    said = f"<b>{_sentence(best.text)}</b>"
    return f"{texts('caption-unsure')}\n{said}" if best.is_weak else said


def _album(texts: Texts, title: str, matches: Sequence[Match]) -> str:
    if not matches:
        return f"<b>{title}</b>\n{texts('no-matches')}"
    note = [texts("not-sure")] if matches[0].is_weak else []
    scores = " · ".join(map(_linked_score, matches))
    hint = [texts("sources")] if any(match.source for match in matches) else []
    return "\n".join([f"<b>{title}</b>", *note, scores, *hint])


def _linked_score(match: Match) -> str:
    """A score that leads to the original; where it has no page, the name says where it is."""
    shown = score(match.score)
    if match.source:
        return f'<a href="{html.escape(match.source)}">{shown}</a>'
    return f"{shown} {quoted(_tail(match.image), NAME_UNITS)}"


def _tail(name: str) -> str:
    """The end of a path: it tells more than the beginning."""
    return name if len(name) < NAME_UNITS else f"…{name[1 - NAME_UNITS :]}"


def _credit(texts: Texts, gallery: GalleryInfo) -> str:
    credit = texts("credit", name=gallery.name, size=gallery.size, credit=gallery.credit).strip()
    return f"<blockquote expandable>{quoted(credit, CREDIT_UNITS)}</blockquote>"


def _sentence(caption: str) -> str:
    text = caption[:1].upper() + caption[1:]
    return quoted(text if text.endswith((".", "!", "?")) else f"{text}.", SENTENCE_UNITS)
