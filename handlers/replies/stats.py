"""What the host of the bot reads in /stats."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

from engine.results import GalleryInfo
from handlers.i18n.texts import Texts
from handlers.messages.html import WORD_UNITS, quoted
from handlers.usage.metrics import Requests

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Report:
    """Attributes: seconds since the start; people who wrote since; what `UsageReport` and `Store` tell."""

    seconds: float
    people: int
    gallery: GalleryInfo
    requests: Mapping[str, Requests]
    files: tuple[int, int]
    votes: Mapping[str, tuple[int, int]]


def stats(texts: Texts, report: Report) -> str:
    """List the figures, group by group."""
    hits, misses = report.files
    rows = report.requests.values()
    head = [
        f"<b>{texts('stats', uptime=_uptime(texts, report.seconds))}</b>",
        texts("stats-people", count=report.people),
        texts("stats-gallery", name=quoted(report.gallery.name, WORD_UNITS), size=report.gallery.size),
        texts("stats-requests", answered=sum(r.answered for r in rows), failed=sum(r.failed for r in rows)),
        texts("stats-files", hits=hits, all=hits + misses),
    ]
    parts = ["\n".join(head)]
    if report.requests:
        parts.append(_requests(texts, report.requests))
    up, down = (sum(thumbs[side] for thumbs in report.votes.values()) for side in (0, 1))
    votes = [
        f"{quoted(kind, WORD_UNITS)}: 👍 {ups} 👎 {downs}" for kind, (ups, downs) in report.votes.items()
    ]
    parts.append("\n".join([texts("stats-votes", up=up, down=down), *votes]))
    return "\n\n".join(parts)


def _requests(texts: Texts, requests: Mapping[str, Requests]) -> str:
    """One row a kind: answered, failed, median and p95 in seconds."""
    width = max(map(len, requests))
    rows = [
        f"{kind:<{width}}{row.answered:>5}{row.failed:>4}{row.median:>6.2f}{row.p95:>6.2f}"
        for kind, row in sorted(requests.items(), key=lambda item: -item[1].answered)
    ]
    return f"{texts('stats-columns')}\n<pre>" + html.escape("\n".join(rows), quote=False) + "</pre>"


def _uptime(texts: Texts, seconds: float) -> str:
    days, hours = divmod(int(seconds), DAY)[0], int(seconds) % DAY // HOUR
    return texts("stats-uptime", days=days, hours=hours, minutes=int(seconds) % HOUR // MINUTE)
