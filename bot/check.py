"""What is right and what is wrong with an installation, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from telegram import Bot, Update, User
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from bot.settings import Settings, SettingsError, misspelt
from bot.types import ALLOWED_UPDATES
from engine.errors import BrokenInstallationError, CacheDirError, CheckpointError
from engine.search import cache_dir

if TYPE_CHECKING:
    from engine.model.checkpoint import Checkpoint
    from engine.search.embeddings import IndexStatus

PATIENCE = 10.0  # seconds for Telegram's answer
FEW = 100 * 2**20  # bytes: less free space than this, and the next log or download fills the disk


class Mark(StrEnum):
    """How something stands."""

    RIGHT = "✓"
    WRONG = "✗"
    ADVICE = "!"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        mark: how it stands.
        about: what was looked at.
        says: what is so, and what to do where that is not right.
    """

    mark: Mark
    about: str
    says: str

    def __str__(self) -> str:
        return f"{self.mark} {self.about}: {self.says}"


def check() -> Iterator[Finding]:
    """Look at everything, the quick things first; each finding comes as soon as it is made."""
    yield from (Finding(Mark.ADVICE, "settings", sentence) for sentence in misspelt())
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        yield from (Finding(Mark.WRONG, "settings", line) for line in str(error).splitlines())
        return
    yield Finding(Mark.RIGHT, "settings", "all of them can be used.")
    yield clock(time.time())
    yield threads(settings.threads, _cores())
    yield folder(settings.home)
    yield from set_aside(settings.home)
    yield from telegram(settings)
    yield from network(settings)


def clock(now: float) -> Finding:
    """Compare the clock with Kindred's own files: one that is far behind trusts no certificate."""
    installed = Path(__file__).stat().st_mtime
    said = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    if now < installed:
        return Finding(
            Mark.WRONG,
            "clock",
            f"it says {said}, before Kindred was installed. Set it, or Telegram is refused.",
        )
    return Finding(Mark.RIGHT, "clock", f"it says {said}.")


def threads(wanted: int, cores: int) -> Finding:
    """Compare the threads of an inference with the processor's cores."""
    if wanted > cores:
        return Finding(
            Mark.ADVICE,
            "threads",
            f"{wanted} on {cores} cores wait for each other. Set KINDRED_THREADS={cores}.",
        )
    return Finding(Mark.RIGHT, "threads", f"{wanted} of {cores} cores answer a photo.")


def folder(place: Path) -> Finding:
    """Tell whether KINDRED_HOME can be written, and has some room."""
    try:
        with cache_dir.writing_to(place):
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b"written")
            free = shutil.disk_usage(place).free
    except CacheDirError as error:
        return Finding(Mark.WRONG, "home", str(error))
    if free < FEW:
        return Finding(Mark.WRONG, "home", f"{place} has only {_megabytes(free)} free. Make some room.")
    return Finding(Mark.RIGHT, "home", f"{place} can be written; {_megabytes(free)} are free.")


def set_aside(place: Path) -> Iterator[Finding]:
    """Point out what was damaged and could not be kept whole."""
    for file in sorted(place.glob("*.sqlite3.damaged-????-??-??-??????")):
        says = f"{file} was damaged, and is deleted a week after that. Was the disk full, or the power cut?"
        yield Finding(Mark.ADVICE, "memory", says)


def telegram(settings: Settings) -> Iterator[Finding]:
    """Ask Telegram who the bot is, and whether it is switched as Kindred wants it."""
    try:
        account = asyncio.run(_account(settings, settings.read_token()))
    except SettingsError as error:
        yield Finding(Mark.WRONG, "token", str(error))
    except InvalidToken:  # its text holds the token
        yield Finding(Mark.WRONG, "token", "Telegram does not know it. @BotFather shows the right one.")
    except TelegramError as error:
        yield Finding(
            Mark.WRONG,
            "Telegram",
            f"{settings.base_url} cannot be reached ({error}). Is this machine on the network? Is a firewall "
            "or a proxy between?",
        )
    except (ValueError, RuntimeError) as error:  # httpx and PTB have no errors of their own for it
        yield Finding(Mark.WRONG, "Telegram", f"the proxy that the environment names cannot be used: {error}")
    else:
        yield Finding(Mark.RIGHT, "token", f"Telegram knows it: this is @{account.username}.")
        yield privacy_mode(account)
        yield inline_mode(account, wanted=Update.INLINE_QUERY in ALLOWED_UPDATES)


def privacy_mode(account: User) -> Finding:
    """In groups Kindred answers commands: it need not read all else."""
    if account.can_read_all_group_messages:
        return Finding(
            Mark.ADVICE,
            "groups",
            "the bot is handed every message of a group, and needs none but those to it. Send /setprivacy to "
            "@BotFather and choose Enable.",
        )
    return Finding(Mark.RIGHT, "groups", "the bot is handed only what is said to it.")


def inline_mode(account: User, *, wanted: bool) -> Finding:
    """Inline mode has to be what the bot can do: questions that nobody answers spin for ever."""
    if wanted and not account.supports_inline_queries:
        says = "it is off. To search from every chat, send /setinline to @BotFather."
        return Finding(Mark.ADVICE, "inline mode", says)
    if account.supports_inline_queries and not wanted:
        says = "it is on, and nobody answers. Send /setinline to @BotFather, then /empty."
        return Finding(Mark.ADVICE, "inline mode", says)
    return Finding(Mark.RIGHT, "inline mode", "it is on." if wanted else "it is off, as it should be.")


def network(settings: Settings) -> Iterator[Finding]:
    """Load the network and look at the gallery it is to search."""
    from engine.model import checkpoint
    from engine.search import embeddings, galleries

    loaded = None
    try:
        loaded = checkpoint.load(settings.artifact)
        size = sum(parameter.numel() for parameter in loaded.network.parameters())
        yield Finding(
            Mark.RIGHT, "weights", f"{size / 1e6:.0f} million, and they fit ({loaded.fingerprint})."
        )
    except CheckpointError as error:
        yield Finding(
            Mark.WRONG, "weights", f"{error} What ships comes back with git checkout engine/artifact."
        )
    try:
        with cache_dir.writing_to(settings.home):
            gallery = galleries.choose(settings)
    except BrokenInstallationError as error:
        yield Finding(Mark.WRONG, "gallery", str(error))
        return
    if gallery.name == galleries.STARTER:
        says = "only a few starter photos. KINDRED_GALLERY or FLICKR8K_DIR can name a folder with more."
        yield Finding(Mark.ADVICE, "gallery", says)
    else:
        yield Finding(Mark.RIGHT, "gallery", f"{len(gallery.images):,} photos in {gallery.folder}.")
    yield from (Finding(Mark.ADVICE, "gallery", notice) for notice in gallery.notices)
    if loaded is not None:
        status = embeddings.index_status(gallery, loaded, settings)
        yield index(status)
        if settings.two_stages:
            yield room(settings.home, status, loaded)


def index(status: IndexStatus) -> Finding:
    """Tell how many photos can be found, and whether there are newer ones."""
    known, missing = len(status.vectors.images), len(status.missing)
    if missing and status.too_many:
        mark = Mark.ADVICE if known else Mark.WRONG
        says = (
            f"{missing:,} photos are new or have changed, {known:,} can be found. Run python -m engine index."
        )
        return Finding(mark, "index", says)
    if status.vectors.unreadable:
        says = (
            f"{status.vectors.unreadable:,} of the files cannot be read: python -m engine index names them."
        )
        return Finding(Mark.ADVICE, "index", says)
    soon = f", {missing:,} more when the bot starts" if missing else ""
    return Finding(Mark.RIGHT, "index", f"{known:,} photos can be found{soon}.")


def room(place: Path, status: IndexStatus, loaded: Checkpoint) -> Finding:
    """Tell whether there is room for what the second stage of search needs."""
    from engine.search.feature_cache import room_of

    needed = room_of(len(status.vectors.images) + len(status.missing), loaded.network.config)
    try:
        made = [file.stat() for file in (place / cache_dir.GRIDS).glob(f"{status.key}*.npy")]
        free = shutil.disk_usage(place).free
    except OSError as error:
        return Finding(Mark.WRONG, "room", f"{place} cannot be looked at: {error.strerror}.")
    there = sum(512 * getattr(one, "st_blocks", 0) for one in made)  # the files are sparse
    if needed - there > free:
        says = f"search needs {_megabytes(needed)}, and {place} has {_megabytes(free)}. Make room, or set "
        return Finding(Mark.WRONG, "room", f"{says}KINDRED_TWO_STAGES=false.")
    return Finding(Mark.RIGHT, "room", f"there is enough for search: it needs {_megabytes(needed)} in all.")


async def _account(settings: Settings, token: str) -> User:
    request = HTTPXRequest(connect_timeout=PATIENCE, read_timeout=PATIENCE)
    async with Bot(token, settings.base_url, settings.base_file_url, request=request) as bot:
        return bot.bot


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # what this process may use; not everywhere
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MB"
