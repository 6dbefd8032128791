"""Fetching Flickr8K in the background, while the starter photos are served."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from data.download import ARCHIVES, DownloadError, fetch

log = logging.getLogger(__name__)

RETRY_INTERVAL: Final = 900.0  # seconds between two attempts while the bot runs
LOG_INTERVAL: Final = 60.0  # seconds between two lines on the progress
JOIN_TIMEOUT: Final = 2.0  # seconds; a thread that waits for the network ends with the process


class Flickr8kFetch:
    """A thread that fetches Flickr8K into a folder; cut off, it goes on later.

    Attributes:
        share: how much is there, 0 to 1; None while nothing is fetched.
    """

    def __init__(self, folder: Path, on_complete: Callable[[], None]) -> None:
        """Start the thread, which calls `on_complete` once all is there."""
        self.share: float | None = None
        self._folder, self._on_complete = folder, on_complete
        self._is_closed, self._log_at = threading.Event(), 0.0
        # A daemon: the process need not wait for a server that does not answer.
        self._thread = threading.Thread(target=self._run, name="fetch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop fetching; what is there already stays."""
        self._is_closed.set()
        self._thread.join(JOIN_TIMEOUT)

    def _run(self) -> None:
        log.info(
            "Flickr8K (1.1 GB) is fetched meanwhile; until it is whole, a few starter photos are served."
        )
        problem = ""
        while not self._is_closed.is_set():
            try:
                fetch(self._folder, report=self._report)
            except DownloadError as error:
                if str(error) != problem and not self._is_closed.is_set():
                    log.info("A few starter photos are served, for now: %s", error)
                problem = str(error)
            else:
                self._on_complete()
                return
            finally:
                self.share = None
            self._is_closed.wait(RETRY_INTERVAL)

    def _report(self, archive: str, done: int, total: int | None) -> None:
        """Note how much of an archive is there, in bytes.

        Raises:
            DownloadError: the fetch was closed.
        """
        if self._is_closed.is_set():
            raise DownloadError("Flickr8K is not whole yet; the next start goes on with it.")
        is_largest = archive == ARCHIVES[-1].name
        self.share = done / total if is_largest and total else 0.0
        if is_largest and total and time.monotonic() >= self._log_at:
            log.info("Flickr8K: %.0f of %.0f MB are here.", done / 1e6, total / 1e6)
            self._log_at = time.monotonic() + LOG_INTERVAL
