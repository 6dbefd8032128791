"""A bot to be killed, with a scripted engine: `python -m tests.bot.bot_process BASE_URL TOKEN HOME [URL]`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.app import build_application
from bot.lifecycle import serve
from bot.settings import Settings
from bot.storage.opening import opened_storage
from bot.storage.store import SQLStore
from bot.updates.dispatcher import Dispatcher
from tests.bot.harness import UNLIMITED, ScriptedEngine


def hold_after_album(store: SQLStore, home: Path) -> None:
    """Wait between an album and the text under it while the file `hold` exists; the file `held` says so."""
    keep_file_ids = store.keep_file_ids

    async def hold(*arguments: Any) -> None:
        while (home / "hold").exists():
            (home / "held").touch()
            await asyncio.sleep(0.01)
        await keep_file_ids(*arguments)

    store.keep_file_ids = hold  # type: ignore[method-assign]


async def main(base_url: str, token: str, home: Path, database_url: str | None = None) -> None:
    files = base_url.removesuffix("bot") + "file/bot"
    settings = Settings.model_construct(
        base_url=base_url, base_file_url=files, home=home, grace=5.0,
        database_url=SecretStr(database_url) if database_url else None,
    )  # fmt: skip
    async with opened_storage(settings, token) as storage:
        hold_after_album(storage.store, home)
        engine = ScriptedEngine()
        if (home / "changed").exists():
            engine.matches = engine.matches[::-1]
        application = build_application(
            settings, engine, storage.store, token=token, limits=UNLIMITED, send_log=storage.send_log
        )
        await serve(Dispatcher(application, storage.inbox, settings.concurrency), settings)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *sys.argv[4:]))
