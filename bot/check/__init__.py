"""`python -m bot check`: reports what is right and what is wrong with an installation."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from telegram import Bot, Update, User
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from bot.check.cluster import check_replicas
from bot.check.database import check_database
from bot.check.delivery import check_file, check_webhook
from bot.check.index import check_vectors, megabytes
from bot.contradictions import tight_limits
from bot.credentials import SettingsError
from bot.finding import Finding, Mark
from bot.home_lock import IN_USE, is_in_use
from bot.settings import Settings, unknown_variables
from bot.types import ALLOWED_UPDATES
from data.download import part_size
from engine.errors import BrokenInstallationError, CacheDirError, CheckpointError
from engine.gallery import cache_dir

REQUEST_TIMEOUT = 10.0  # seconds


def check() -> Iterator[Finding]:
    """Check everything, quick checks first, and yield each finding as soon as it is made."""
    yield from (Finding(Mark.ADVICE, "settings", sentence) for sentence in unknown_variables())
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        yield from (Finding(Mark.WRONG, "settings", line) for line in str(error).splitlines())
        return
    yield from check_settings(settings)
    yield check_clock(time.time())
    yield check_threads(settings.threads, _cores())
    yield check_home(settings.home)
    yield from check_lock(settings.home)
    yield from check_damaged_files(settings.home)
    yield from check_database(settings)
    yield from check_replicas(settings)
    yield from check_telegram(settings)
    yield from check_engine(settings)


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Check the secrets of the servers, and the limits that depend on each other."""
    wrong = []
    for read in (settings.read_web_key, settings.read_webhook_secret):
        try:
            read()
        except SettingsError as error:
            wrong.append(str(error))
    yield from (Finding(Mark.WRONG, "settings", line) for line in wrong)
    if not wrong:
        yield Finding(Mark.RIGHT, "settings", "all of them can be used.")
    yield from (Finding(Mark.ADVICE, "limits", line) for line in tight_limits(settings))


def check_clock(now: float) -> Finding:
    """Compare the clock with Kindred's own files: with one far behind, no certificate is valid yet.

    Args:
        now: The Unix time in seconds.
    """
    installed = Path(__file__).stat().st_mtime
    shown = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    if now < installed:
        return Finding(
            Mark.WRONG,
            "clock",
            f"it says {shown}, before Kindred was installed. Set it, or Telegram is refused.",
        )
    return Finding(Mark.RIGHT, "clock", f"it says {shown}.")


def check_threads(threads: int, cores: int) -> Finding:
    """Compare the threads of an inference with the processor's cores."""
    if threads > cores:
        return Finding(
            Mark.ADVICE,
            "threads",
            f"{threads} on {cores} cores wait for each other. Set KINDRED_THREADS={cores}.",
        )
    return Finding(Mark.RIGHT, "threads", f"{threads} of {cores} cores answer a photo.")


def check_home(home: Path) -> Finding:
    """Check that KINDRED_HOME can be written and has free space."""
    try:
        with cache_dir.reporting_write_errors(home):
            home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=home) as file:
                file.write(b"written")
            free = shutil.disk_usage(home).free
    except CacheDirError as error:
        return Finding(Mark.WRONG, "home", str(error))
    if free < cache_dir.MIN_FREE_BYTES:
        return Finding(Mark.WRONG, "home", f"{home} has only {megabytes(free)} free. Make some room.")
    return Finding(Mark.RIGHT, "home", f"{home} can be written; {megabytes(free)} are free.")


def check_lock(home: Path) -> Iterator[Finding]:
    """Report a bot process that uses KINDRED_HOME: another would not start beside it."""
    with suppress(OSError):  # `check_home` reports a folder that cannot be written
        if is_in_use(home):
            yield Finding(Mark.ADVICE, "process", IN_USE.format(home=home))


def check_damaged_files(home: Path) -> Iterator[Finding]:
    """Report the databases that were damaged and set aside."""
    for file in sorted(home.glob("*.sqlite3.damaged-????-??-??-??????")):
        message = (
            f"{file} was damaged, and is deleted a week after that. Was the disk full, or the power cut?"
        )
        yield Finding(Mark.ADVICE, "memory", message)


def check_telegram(settings: Settings) -> Iterator[Finding]:
    """Ask Telegram for the bot's account, and check its switches."""
    try:
        account, delivery = asyncio.run(_ask(settings, settings.read_token()))
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
    except (ValueError, RuntimeError) as error:  # httpx and PTB raise these for an invalid proxy
        yield Finding(Mark.WRONG, "Telegram", f"the proxy that the environment names cannot be used: {error}")
    else:
        yield Finding(Mark.RIGHT, "token", f"Telegram knows it: this is @{account.username}.")
        yield check_privacy_mode(account)
        yield check_inline_mode(account, wanted=Update.INLINE_QUERY in ALLOWED_UPDATES)
        yield from delivery


def check_privacy_mode(account: User) -> Finding:
    """Check that in groups the bot gets only messages for it."""
    if account.can_read_all_group_messages:
        return Finding(
            Mark.ADVICE,
            "groups",
            "the bot is handed every message of a group, and needs none but those to it. Send /setprivacy to "
            "@BotFather and choose Enable.",
        )
    return Finding(Mark.RIGHT, "groups", "the bot is handed only what is said to it.")


def check_inline_mode(account: User, *, wanted: bool) -> Finding:
    """Check that inline mode is on exactly if the bot answers inline queries: others spin for ever."""
    if wanted and not account.supports_inline_queries:
        message = "it is off. To search from every chat, send /setinline to @BotFather."
        return Finding(Mark.ADVICE, "inline mode", message)
    if account.supports_inline_queries and not wanted:
        message = "it is on, and nobody answers. Send /setinline to @BotFather, then /empty."
        return Finding(Mark.ADVICE, "inline mode", message)
    return Finding(Mark.RIGHT, "inline mode", "it is on." if wanted else "it is off, as it should be.")


def check_engine(settings: Settings) -> Iterator[Finding]:
    """Load the network, and check the gallery and its index."""
    from engine.gallery import galleries
    from engine.model import checkpoint

    loaded = None
    try:
        loaded = checkpoint.load(settings.artifact)
        size = loaded.network.parameters
        yield Finding(
            Mark.RIGHT, "weights", f"{size / 1e6:.0f} million, and they fit ({loaded.fingerprint})."
        )
    except CheckpointError as error:
        yield Finding(
            Mark.WRONG, "weights", f"{error} What ships comes back with git checkout engine/weights."
        )
    try:
        with cache_dir.reporting_write_errors(settings.home):
            gallery = galleries.open_gallery(settings)
    except BrokenInstallationError as error:
        yield Finding(Mark.WRONG, "gallery", str(error))
        return
    if gallery.name == galleries.STARTER:
        yield check_starter(settings.fetch, part_size(galleries.download_dir(settings)))
    else:
        yield Finding(Mark.RIGHT, "gallery", f"{len(gallery.images):,} photos in {gallery.folder}.")
    yield from (Finding(Mark.ADVICE, "gallery", notice) for notice in gallery.notices)
    if loaded is not None:
        yield from check_vectors(gallery, loaded, settings)


def check_starter(fetch: bool, fetched: int) -> Finding:
    """Advise the host who has no gallery.

    Args:
        fetch: Whether the bot fetches Flickr8K.
        fetched: The bytes of Flickr8K that are here.
    """
    message = "only a few starter photos. KINDRED_GALLERY or FLICKR8K_DIR can name a folder with more."
    if fetch and fetched:
        message += f" Flickr8K: {megabytes(fetched)} of 1.1 GB are fetched, and the bot goes on with it."
    elif fetch:
        message += " Otherwise the bot fetches Flickr8K (1.1 GB) while it runs."
    return Finding(Mark.ADVICE, "gallery", message)


async def _ask(settings: Settings, token: str) -> tuple[User, list[Finding]]:
    """Return the bot's account, and how updates and files reach it."""
    request = HTTPXRequest(connect_timeout=REQUEST_TIMEOUT, read_timeout=REQUEST_TIMEOUT)
    async with Bot(token, settings.base_url, settings.base_file_url, request=request) as bot:
        return bot.bot, [await check_webhook(bot, settings.webhook_url), await check_file(bot)]


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # the cores this process may use; not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
