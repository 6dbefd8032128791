"""A bot to be killed: `python -m tests.bot.bot_process BASE_URL TOKEN HOME`, with a scripted engine."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.app import build_application
from bot.lifecycle import opened_inbox, opened_store, serve
from bot.settings import Settings
from bot.updates.dispatcher import Dispatcher
from tests.bot.harness import UNLIMITED, ScriptedEngine


class BlockingEngine(ScriptedEngine):
    """Return no picture while the `hold` file exists."""

    def __init__(self, hold: Path) -> None:
        super().__init__()
        self._hold = hold

    async def picture(self, image: str) -> bytes:
        while self._hold.exists():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return await super().picture(image)


async def main(base_url: str, token: str, home: Path) -> None:
    files = base_url.removesuffix("bot") + "file/bot"
    settings = Settings.model_construct(base_url=base_url, base_file_url=files, home=home, grace=5.0)
    async with opened_store(settings, token) as store, opened_inbox(settings, token) as inbox:
        application = build_application(
            settings, BlockingEngine(home / "hold"), store, token=token, limits=UNLIMITED
        )
        await serve(Dispatcher(application, inbox, settings.concurrency), settings)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
