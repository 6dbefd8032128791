"""Run the fuzz test against the whole bot."""

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
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Flaky

from engine.api import MATCHES
from engine.errors import BadInputError
from engine.photos import decoding
from engine.results import Caption, Description, Explanation, Match, Tag
from tests.bot.harness import ScriptedEngine
from tests.stress.environment import Outcome, StressEnvironment, describe_error, stress_environment
from tests.stress.fuzz import galleries, malformed_images
from tests.stress.fuzz.galleries import DiskReport
from tests.stress.fuzz.mutations import mutated_cases
from tests.stress.fuzz.seeds import ADA, DATE, PRIVATE, Json

IMAGE_SIDE: Final = 224  # pixels: about what the network takes
ROUND_SIZE: Final = 500  # deliveries to one bot; short rounds make a failure quick to repeat
SEND_EVERY: Final = 10  # the share of images that go through the whole bot, too
MAX_FAILURES: Final = 10  # after which the run ends
MAX_SHOWN: Final = 4_000  # characters of a failing update; seed and round reproduce it
MAX_MEGABYTES: Final = 1_500  # more memory than before: the engine takes 350, the worst image 450


class DecodingEngine(ScriptedEngine):
    """A scripted engine that decodes every photo as the real one does."""

    async def describe(self, photo: bytes, *args: Any, **kwargs: Any) -> Description:
        await _decode(photo)
        return await super().describe(photo, *args, **kwargs)

    async def captions(self, photo: bytes, *args: Any, **kwargs: Any) -> tuple[Caption, ...]:
        await _decode(photo)
        return await super().captions(photo, *args, **kwargs)

    async def tags(self, photo: bytes, *args: Any, **kwargs: Any) -> tuple[Tag, ...]:
        await _decode(photo)
        return await super().tags(photo, *args, **kwargs)

    async def explain(self, photo: bytes, caption: str = "") -> Explanation:
        await _decode(photo)
        return await super().explain(photo, caption)

    async def find(self, text: str, count: int = MATCHES, photo: bytes | None = None) -> tuple[Match, ...]:
        if photo is not None:
            await _decode(photo)
        return await super().find(text, count, photo)

    async def search_focused(self, photo: bytes, *args: Any, **kwargs: Any) -> tuple[Match, ...]:
        await _decode(photo)
        return await super().search_focused(photo, *args, **kwargs)


async def _decode(photo: bytes) -> None:
    await asyncio.to_thread(decoding.decode, photo, IMAGE_SIDE)


def _peak_megabytes() -> float:
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _forget_peak() -> float:
    """Begin a new peak, where the system can, and return it: what this process takes now, in megabytes."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak_megabytes()


@dataclass
class Report:
    """The outcome of a run.

    Attributes:
        images: number of images.
        decoded: number of them that could be decoded.
        disk: the outcome for photos and galleries on disk.
        failures: what failed, and how to reproduce it.
        megabytes_before: the peak memory of this process before the run.
    """

    seed: int
    outcome: Outcome = field(default_factory=Outcome)
    images: int = 0
    decoded: int = 0
    disk: DiskReport = field(default_factory=DiskReport)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    megabytes_before: float = field(default_factory=_forget_peak)

    @property
    def lines(self) -> list[str]:
        """The figures and the failures, as text."""
        outcome = self.outcome
        ignored = outcome.updates - outcome.answered - outcome.declined - outcome.unreadable.total()
        rows = [
            ("updates", outcome.updates, f"seed {self.seed}"),
            ("  answered", outcome.answered, ""),
            ("  declined politely", outcome.declined, ""),
            ("  not for the bot", ignored, ""),
            ("  unreadable", outcome.unreadable.total(), _listed(outcome.unreadable)),
            ("images", self.images, f"{self.decoded} decoded, {self.images - self.decoded} refused"),
            ("photos with odd EXIF", self.disk.variants, "each has to be read"),
            (
                "damaged gallery files",
                self.disk.files,
                f"{self.disk.indexed} indexed, {self.disk.refused} left out",
            ),
            ("escaped exceptions", self.disk.escapes.total(), _listed(self.disk.escapes)),
            ("crashes", outcome.crashes.total(), _listed(outcome.crashes)),
            ("internals in messages", outcome.leaks.total(), _listed(outcome.leaks)),
            ("unhandled errors", outcome.log_errors.total(), _listed(outcome.log_errors)),
            ("calls Telegram refused", outcome.refusals.total(), _listed(outcome.refusals)),
            ("  for expected reasons", outcome.expected_refusals.total(), _listed(outcome.expected_refusals)),
            ("more memory at its peak, MB", round(self.megabytes), f"the limit is {MAX_MEGABYTES}"),
            ("seconds", round(self.seconds), ""),
        ]
        lines = (f"{name:<28}{count:>7,}  {more}".rstrip() for name, count, more in rows)
        return [*lines, *self.failures, *self.disk.failures[:MAX_FAILURES]]

    @property
    def passed(self) -> bool:
        """True if nothing failed and memory stayed within its limit."""
        return not (self.failures or self.disk.failures) and self.megabytes <= MAX_MEGABYTES

    @property
    def megabytes(self) -> float:
        """How much the peak memory of this process has grown; other tests may have run in it before."""
        return _peak_megabytes() - self.megabytes_before


def _listed(counter: Counter[str]) -> str:
    return "; ".join(f"{count} x {text}" for text, count in counter.most_common())


class FaultFoundError(AssertionError):
    """A delivery led to a fault."""


EngineContext = AbstractAsyncContextManager[Any]  # of an engine; a scripted one lacks some methods


def fuzz(
    seed: int,
    updates: int,
    images: int,
    engine: EngineContext,
    scripted: DecodingEngine | None = None,
    *,
    variants: int = 0,
    files: int = 0,
) -> Report:
    """Send mutated updates to a bot with a scripted engine, then malformed images to one with `engine`.

    Before that, decode about `variants` photos with odd EXIF, and index so many damaged `files`.
    """
    report, started_at = Report(seed), time.monotonic()
    if variants:
        galleries.fuzz_exif(report.disk, variants)
    galleries.fuzz_galleries(report.disk, seed, files)
    with asyncio.Runner() as runner:
        for number in itertools.count(1):
            left = updates - report.outcome.updates
            if left <= 0 or len(report.failures) == MAX_FAILURES:
                break
            with _environment(runner, nullcontext(scripted or DecodingEngine())) as environment:
                _run_round(runner, environment, report, number, min(left, ROUND_SIZE))
        if images:
            with _environment(runner, engine) as environment:
                _send_images(runner, environment, report, images)
    report.seconds = time.monotonic() - started_at
    return report


def _run_round(
    runner: asyncio.Runner, environment: StressEnvironment, report: Report, number: int, count: int
) -> None:
    """Deliver cases until one fails, and let hypothesis shrink it to the smallest that fails alike."""
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
    @hypothesis.given(mutated_cases())
    def deliver(case: list[Json]) -> None:
        nonlocal smallest, fault
        outcome = runner.run(environment.deliver(case))
        if not fault:
            report.outcome.add(outcome)
            fault = next(iter(outcome.faults), "")
        if fault and fault in outcome.faults:  # shrinking must not slip to another fault
            smallest = case
            raise FaultFoundError

    try:
        deliver()
    except (FaultFoundError, Flaky):
        report.failures.append(
            f"seed {report.seed}, round {number}: {fault}\n    {json.dumps(smallest)[:MAX_SHOWN]}"
        )
    gc.collect()  # tasks whose exception was never retrieved log it now
    late = environment.late_errors()
    if late.faults:
        report.outcome.add(late)
        report.failures.append(f"seed {report.seed}, round {number}: {'; '.join(late.faults)}")


def _send_images(runner: asyncio.Runner, environment: StressEnvironment, report: Report, images: int) -> None:
    """Decode every image, and send some of them to the bot."""
    for number in range(images):
        recipe, content = malformed_images.make_image(report.seed, number)
        outcome = _try_to_decode(report, content)
        if number % SEND_EVERY == number // SEND_EVERY % SEND_EVERY:  # so that each recipe takes part
            outcome.add(runner.run(_send(environment, content)))
        report.outcome.add(outcome)
        if outcome.faults:
            call = f"malformed_images.make_image({report.seed}, {number}), {recipe}"
            report.failures.append(f"{call}: {'; '.join(outcome.faults)}")


def _try_to_decode(report: Report, content: bytes) -> Outcome:
    outcome = Outcome()
    report.images += 1
    try:
        decoding.decode(content, IMAGE_SIDE)
        report.decoded += 1
    except BadInputError:
        pass
    except Exception as error:  # noqa: BLE001 - any other exception is a finding
        outcome.crashes[describe_error(error)] += 1
    return outcome


async def _send(environment: StressEnvironment, content: bytes) -> Outcome:
    environment.add_file("malformed", content)
    file = {
        "file_id": "malformed", "file_unique_id": "M", "mime_type": "image/jpeg", "file_name": "photo.jpg",
    }  # fmt: skip
    message = {"message_id": 1, "date": DATE, "chat": PRIVATE, "from": ADA, "document": file}
    return await environment.deliver([{"update_id": 1, "message": message}])


@contextmanager
def _environment(runner: asyncio.Runner, engine: EngineContext) -> Iterator[StressEnvironment]:
    stack = AsyncExitStack()

    async def enter() -> StressEnvironment:
        opened_engine = await stack.enter_async_context(engine)
        return await stack.enter_async_context(
            stress_environment(opened_engine, malformed_images.seed_files())
        )

    try:
        yield runner.run(enter())
    finally:
        runner.run(stack.aclose())
