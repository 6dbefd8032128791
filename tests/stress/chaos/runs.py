"""Runs several plans of the chaos test side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from bot.playground import Playground
from tests.odd_files import write_small_gallery
from tests.small_disk import on_small_disk
from tests.stress.chaos.bots import GALLERY, HOME, BotProcess, ForkServer, bot_environment
from tests.stress.chaos.plan import Plan, Report
from tests.stress.chaos.run import ChaosRun
from tests.stress.chaos.storms import DISK_MEGABYTES, FullDiskRun, SlowDiskRun, TwoProcessesRun


async def chaos(plans: Sequence[Plan]) -> list[Report]:
    """Run several plans side by side, each with a playground, a folder and a bot of its own.

    The home of a plan with a full disk is a small disk, which the fork server and its bots see.
    """
    async with AsyncExitStack() as stack:
        folders = [Path(stack.enter_context(TemporaryDirectory())) for _ in plans]
        prefix: tuple[str, ...] = ()
        for plan, folder in zip(plans, folders, strict=True):
            (folder / HOME).mkdir()
            if plan.storm == "full disk":
                prefix = (*prefix, *on_small_disk(folder / HOME, DISK_MEGABYTES))
        forks = await stack.enter_async_context(ForkServer.open(prefix))
        total = sum(plan.rounds for plan in plans)
        progress = stack.enter_context(tqdm(total=total, desc="kills", unit="", disable=None))
        runs = zip(plans, folders, strict=True)
        return await asyncio.gather(*(_run(plan, folder, forks, progress) for plan, folder in runs))


async def _run(plan: Plan, folder: Path, fork_server: ForkServer, progress: tqdm[Any]) -> Report:
    write_small_gallery(folder / GALLERY)
    async with Playground() as playground:
        bot = BotProcess(bot_environment(playground, plan, folder), fork_server)
        try:
            return await _chaos_run(plan, playground, bot, folder, fork_server).run(progress)
        finally:
            await bot.kill()


def _chaos_run(
    plan: Plan, playground: Playground, bot: BotProcess, folder: Path, fork_server: ForkServer
) -> ChaosRun:
    if plan.storm == "full disk":
        home = (folder / HOME).relative_to("/")
        return FullDiskRun(plan, playground, bot, disk=Path(f"/proc/{fork_server.pid}/root") / home)
    if plan.storm == "two processes":
        environment = bot_environment(playground, plan, folder, "other_log")
        return TwoProcessesRun(plan, playground, bot, other=BotProcess(environment, fork_server))
    return (SlowDiskRun if plan.storm == "slow disk" else ChaosRun)(plan, playground, bot)
