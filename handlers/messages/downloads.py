"""Content of Telegram's files: over HTTP, or from the disk of a Bot API server that runs with --local."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from telegram import File

from engine.errors import BadInputError, PhotoTooLargeError

logger = logging.getLogger(__name__)

MAX_DOWNLOAD_BYTES = 20 * 2**20  # Telegram's getFile refuses larger files; a server with --local does not


async def content_of(file: File) -> bytes:
    """Return the content of a file, `MAX_DOWNLOAD_BYTES` at most.

    Raises:
        PhotoTooLargeError: it is larger.
        BadInputError: it lies on the disk of the Bot API server, and cannot be read from here.
        TelegramError: the server does not hand it out.
    """
    path = _path_on_disk(file)
    if path is None:
        return bytes(await _at_server(file).download_as_bytearray())
    try:
        return await asyncio.to_thread(_read, path)
    except OSError as error:
        logger.error(
            "The Bot API server runs with --local, and its file %s cannot be read: %s. Share its folder with "
            "this process, at the same path, or run it without --local",
            path.name,
            error.strerror,
        )
        raise BadInputError(key="download-failed") from error


def _at_server(file: File) -> File:
    """Return a file with its URL as its path: a path that exists in the working folder, PTB reads there."""
    base = f"{file.get_bot().base_file_url}/"
    if not file.file_path or file.file_path.startswith(base):
        return file
    at_server = File(file.file_id, file.file_unique_id, file.file_size, base + file.file_path)
    at_server.set_bot(file.get_bot())
    return at_server


def _path_on_disk(file: File) -> Path | None:
    """Return the path of a file that the server names by its place on disk, an absolute path.

    PTB takes a path that does not exist here for a part of a URL.
    """
    name = (file.file_path or "").removeprefix(f"{file.get_bot().base_file_url}/")
    return Path(name) if Path(name).is_absolute() else None


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_DOWNLOAD_BYTES:
        raise PhotoTooLargeError(key="file-too-large")
    return path.read_bytes()
