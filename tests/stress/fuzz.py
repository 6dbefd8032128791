"""Rubbish for the whole bot: mutated updates, hostile images; and what became of them."""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Flaky

from engine.api import MATCHES
from engine.errors import BadInputError
from engine.photos import preprocess
from engine.results import Caption, Description, Explanation, Match, Tag
from tests.bot.harness import ScriptedEngine
from tests.stress import hostile
from tests.stress.environment import Outcome, World, opened, told
from tests.stress.mutations import cases
from tests.stress.seeds import ADA, DATE, PRIVATE, Json

SIDE: Final = 224  # pixels: about what the network looks at
ROUND: Final = 500  # deliveries to one bot; then comes a new one, so that a failure takes little to repeat
SENT: Final = 10  # one image of so many goes through the whole bot, too
ENOUGH: Final = 10  # rounds that failed: more of them tell nothing new
SHOWN: Final = 4_000  # characters of an update that failed; seed and round make it again
MEMORY: Final = 2_000  # MB at most: torch and the engine take 850, the worst of the images 450


class SeeingEngine(ScriptedEngine):
    """A scripted engine that opens every photo as the real one does."""

    async def describe(self, photo: bytes, *more: Any, **named: Any) -> Description:
        await _see(photo)
        return await super().describe(photo, *more, **named)

    async def captions(self, photo: bytes, *more: Any, **named: Any) -> tuple[Caption, ...]:
        await _see(photo)
        return await super().captions(photo, *more, **named)

    async def tags(self, photo: bytes, *more: Any, **named: Any) -> tuple[Tag, ...]:
        await _see(photo)
        return await super().tags(photo, *more, **named)

    async def explain(self, photo: bytes) -> Explanation:
        await _see(photo)
        return await super().explain(photo)

    async def find(self, text: str, count: int = MATCHES, photo: bytes | None = None) -> tuple[Match, ...]:
        if photo is not None:
            await _see(photo)
        return await super().find(text, count, photo)

    async def search_focused(self, photo: bytes, *more: Any, **named: Any) -> tuple[Match, ...]:
        await _see(photo)
        return await super().search_focused(photo, *more, **named)


async def _see(photo: bytes) -> None:
    await asyncio.to_thread(preprocess.decode, photo, SIDE)


@dataclass
class Report:
    """What became of everything; `failures` hold how to see each again."""

    seed: int
    outcome: Outcome = field(default_factory=Outcome)
    pictures: int = 0
    opened: int = 0  # of them
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def lines(self) -> list[str]:
        """The figures, and every failure."""
        seen = self.outcome
        silent = seen.updates - seen.answered - seen.declined - seen.unread.total()
        rows = [
            ("updates", seen.updates, f"seed {self.seed}"),
            ("  answered", seen.answered, ""),
            ("  declined with a kind word", seen.declined, ""),
            ("  not the bot's to answer", silent, ""),
            ("  no update at all", seen.unread.total(), _listed(seen.unread)),
            ("images", self.pictures, f"{self.opened} opened, {self.pictures - self.opened} refused"),
            ("crashes", seen.crashes.total(), _listed(seen.crashes)),
            ("tracebacks to people", seen.revealed.total(), _listed(seen.revealed)),
            ("errors nobody handled", seen.errors.total(), _listed(seen.errors)),
            ("calls Telegram refused", seen.refused.total(), _listed(seen.refused)),
            ("  and may refuse", seen.lawful.total(), _listed(seen.lawful)),
            ("megabytes at most", round(self.megabytes), f"the limit is {MEMORY}"),
            ("seconds", round(self.seconds), ""),
        ]
        return [*(f"{name:<28}{count:>7,}  {more}".rstrip() for name, count, more in rows), *self.failures]

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.failures and self.megabytes <= MEMORY

    @property
    def megabytes(self) -> float:
        """The most memory this process ever had."""
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _listed(found: Counter[str]) -> str:
    return "; ".join(f"{count} x {text}" for text, count in found.most_common())


class Flawed(AssertionError):
    """A delivery of which something came that must not be."""


Opening = AbstractAsyncContextManager[Any]  # of an engine; a scripted one does not know all verbs


def fuzz(
    seed: int, updates: int, pictures: int, engine: Opening, swift: SeeingEngine | None = None
) -> Report:
    """Pour updates over a bot with a swift engine, and images over one with `engine`."""
    report, begun = Report(seed), time.monotonic()
    with asyncio.Runner() as runner:
        for number in itertools.count(1):
            left = updates - report.outcome.updates
            if left <= 0 or len(report.failures) == ENOUGH:
                break
            with _world(runner, nullcontext(swift or SeeingEngine())) as world:
                _round(runner, world, report, number, min(left, ROUND))
        if pictures:
            with _world(runner, engine) as world:
                _show(runner, world, report, pictures)
    report.seconds = time.monotonic() - begun
    return report


def _round(runner: asyncio.Runner, world: World, report: Report, number: int, count: int) -> None:
    """Deliver cases until one fails; hypothesis looks for the smallest that fails, too."""
    smallest: list[Json] = []
    fault = ""

    @hypothesis.seed(f"{report.seed}:{number}")
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=[*HealthCheck],
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(cases())
    def pour(case: list[Json]) -> None:
        nonlocal smallest, fault
        outcome = runner.run(world.deliver(case))
        if not fault:
            report.outcome.add(outcome)
            fault = next(iter(outcome.faults), "")
        if fault and fault in outcome.faults:  # and no other one, on the way to a smaller case
            smallest = case
            raise Flawed

    try:
        pour()
    except (Flawed, Flaky):
        report.failures.append(
            f"seed {report.seed}, round {number}: {fault}\n    {json.dumps(smallest)[:SHOWN]}"
        )
    gc.collect()  # tasks whose errors nobody asked for tell of them now
    late = world.late()
    if late.faults:
        report.outcome.add(late)
        report.failures.append(f"seed {report.seed}, round {number}: {'; '.join(late.faults)}")


def _show(runner: asyncio.Runner, world: World, report: Report, pictures: int) -> None:
    """Let the engine open images, and the whole bot answer some of them."""
    for number in range(pictures):
        recipe, content = hostile.picture(report.seed, number)
        outcome = _decode(report, content)
        if number % SENT == number // SENT % SENT:  # of every recipe some
            outcome.add(runner.run(_send(world, content)))
        report.outcome.add(outcome)
        if outcome.faults:
            named = f"hostile.picture({report.seed}, {number}), {recipe}"
            report.failures.append(f"{named}: {'; '.join(outcome.faults)}")


def _decode(report: Report, content: bytes) -> Outcome:
    outcome = Outcome()
    report.pictures += 1
    try:
        preprocess.decode(content, SIDE)
        report.opened += 1
    except BadInputError:
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        outcome.crashes[told(error)] += 1
    return outcome


async def _send(world: World, content: bytes) -> Outcome:
    world.put("hostile", content)
    file = {"file_id": "hostile", "file_unique_id": "H", "mime_type": "image/jpeg", "file_name": "photo.jpg"}
    message = {"message_id": 1, "date": DATE, "chat": PRIVATE, "from": ADA, "document": file}
    return await world.deliver([{"update_id": 1, "message": message}])


@contextmanager
def _world(runner: asyncio.Runner, engine: Opening) -> Iterator[World]:
    stack = AsyncExitStack()

    async def enter() -> World:
        verbs = await stack.enter_async_context(engine)
        return await stack.enter_async_context(opened(verbs, hostile.shelf()))

    try:
        yield runner.run(enter())
    finally:
        runner.run(stack.aclose())
