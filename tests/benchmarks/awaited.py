"""Builds of Kindred as the bot has them: an awaited engine in a process of its own, for many photos at once.

This file is also the program that runs there, with another checkout's engine (see `tests.benchmarks.before`).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

Describe = Callable[[Sequence[Path], int], list[float]]  # photos, how many at once: seconds of each


@contextmanager
def running_engine(checkout: Path, shared: dict[str, object]) -> Iterator[Describe]:
    """Run a build's awaited engine as long as the block runs.

    Args:
        checkout: its folder.
        shared: its settings.

    Raises:
        RuntimeError: it does not start or does not answer.
    """
    from tests.benchmarks.build_process import running_program

    with running_program(checkout, __file__, shared) as program:

        def describe(photos: Sequence[Path], at_once: int) -> list[float]:
            return list(json.loads(program.ask(json.dumps([at_once, *map(str, photos)]))))

        yield describe


async def serve(shared: dict[str, object]) -> None:
    """Describe photos, whose paths come in lines behind the number at once; write the seconds of each."""
    try:
        from engine.async_engine import open_engine
    except ModuleNotFoundError:  # version 0.1.0
        from engine.worker import open_engine  # type: ignore[import-not-found, no-redef]
    from engine.settings import EngineSettings

    engine = await open_engine(EngineSettings(**shared, two_stages=False))  # type: ignore[arg-type]

    async def answer(waiting: Iterator[str], seconds: list[float]) -> None:
        for photo in waiting:
            content = await asyncio.to_thread(Path(photo).read_bytes)
            start = time.perf_counter()
            await engine.describe(content, captions=1)
            seconds.append(time.perf_counter() - start)

    print("[]", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        at_once, *photos = json.loads(line)
        waiting, seconds = iter(photos), list[float]()
        await asyncio.gather(*(answer(waiting, seconds) for _ in range(at_once)))
        print(json.dumps(seconds), flush=True)
    await engine.close()


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))  # its modules are no packages of the other build
    asyncio.run(serve(json.loads(sys.argv[1])))
