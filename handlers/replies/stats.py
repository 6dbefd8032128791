"""The text of /stats, for the operator."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

from engine.results import GalleryInfo
from handlers.i18n.texts import Texts
from handlers.messages.html import MAX_WORD_UNITS, escape_html
from handlers.replies.general import gallery_progress
from handlers.usage.metrics import Requests

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds


@dataclass(frozen=True, slots=True)
class StatsReport:
    """The statistics that /stats shows.

    Attributes:
        uptime: seconds since the start.
        users: number of distinct users since the start.
        gallery: the gallery that is searched.
        requests: statistics for each kind of request.
        files: numbers of photos sent by file id, and uploaded.
        votes: numbers of votes up and down for each kind of answer.
    """

    uptime: float
    users: int
    gallery: GalleryInfo
    requests: Mapping[str, Requests]
    files: tuple[int, int]
    votes: Mapping[str, tuple[int, int]]


def stats(texts: Texts, report: StatsReport) -> str:
    """Format the statistics, group by group."""
    hits, misses = report.files
    rows = report.requests.values()
    head = [
        f"<b>{texts('stats', uptime=_uptime(texts, report.uptime))}</b>",
        texts("stats-people", count=report.users),
        texts(
            "stats-gallery", name=escape_html(report.gallery.name, MAX_WORD_UNITS), size=report.gallery.size
        ),
        *gallery_progress(texts, report.gallery),
        texts(
            "stats-requests",
            answered=sum(row.answered for row in rows),
            failed=sum(row.failed for row in rows),
        ),
        texts("stats-files", hits=hits, all=hits + misses),
    ]
    parts = ["\n".join(head)]
    if report.requests:
        parts.append(_request_table(texts, report.requests))
    parts.append(_votes(texts, report.votes))
    return "\n\n".join(parts)


def _votes(texts: Texts, votes: Mapping[str, tuple[int, int]]) -> str:
    ups, downs = (sum(counts[side] for counts in votes.values()) for side in (0, 1))
    rows = [f"{escape_html(kind, MAX_WORD_UNITS)}: 👍 {up} 👎 {down}" for kind, (up, down) in votes.items()]
    return "\n".join([texts("stats-votes", up=ups, down=downs), *rows])


def _request_table(texts: Texts, requests: Mapping[str, Requests]) -> str:
    """Format one row for each kind: answered, failed, median and p95 in seconds."""
    width = max(map(len, requests))
    rows = [
        f"{kind:<{width}}{row.answered:>5}{row.failed:>4}{row.median:>6.2f}{row.p95:>6.2f}"
        for kind, row in sorted(requests.items(), key=lambda item: -item[1].answered)
    ]
    return f"{texts('stats-columns')}\n<pre>" + html.escape("\n".join(rows), quote=False) + "</pre>"


def _uptime(texts: Texts, uptime: float) -> str:
    seconds = int(uptime)
    days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
    return texts("stats-uptime", days=days, hours=hours, minutes=minutes)
