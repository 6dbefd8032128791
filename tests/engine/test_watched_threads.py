"""Threads of which it is known whether they hang, and how much waits for them."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest

from engine import watched_threads
from engine.errors import BusyError
from engine.watched_threads import WatchedThreads

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Clock:
    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watched_threads, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


async def recorded() -> None:
    """Let the loop note what threads have told it."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_threads_are_stalled_since_their_last_answer_while_something_waits(clock: Clock) -> None:
    threads, gates = WatchedThreads("t", max_pending=9), [threading.Event() for _ in range(2)]
    assert threads.stalled_for == 0
    clock.now += 100  # nothing was asked for
    tasks = [asyncio.create_task(threads.run(gate.wait)) for gate in gates]
    await asyncio.sleep(0)
    clock.now += 10
    assert threads.stalled_for == 10
    gates[0].set()
    await tasks[0]
    await recorded()
    assert threads.stalled_for == 0
    clock.now += 7
    assert threads.stalled_for == 7
    gates[1].set()
    await tasks[1]
    await recorded()
    clock.now += 5
    assert threads.stalled_for == 0  # nothing waits
    gates[0].clear()
    task = asyncio.create_task(threads.run(gates[0].wait))
    await asyncio.sleep(0)
    clock.now += 4
    assert threads.stalled_for == 4  # and not the idle time before
    gates[0].set()
    await task
    assert await threads.run(lambda: 3) == 3
    threads.executor.shutdown()


async def test_what_is_given_up_before_it_began_proves_nothing(clock: Clock) -> None:
    threads, gate = WatchedThreads("t", max_pending=9), threading.Event()
    running = asyncio.create_task(threads.run(gate.wait))
    waiting = asyncio.create_task(threads.run(lambda: None))
    await asyncio.sleep(0)
    clock.now += 10
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await recorded()
    assert threads.stalled_for == 10
    gate.set()
    await running
    threads.executor.shutdown()


async def test_only_so_many_tasks_wait_or_run(clock: Clock) -> None:
    threads, gate = WatchedThreads("t", max_pending=2), threading.Event()
    for _ in range(2):  # as many again when the first have ended
        gate.clear()
        tasks = [asyncio.create_task(threads.run(gate.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await threads.run(lambda: None)
        gate.set()
        await asyncio.gather(*tasks)
        await recorded()
    threads.executor.shutdown()


@pytest.mark.parametrize("workers", [None, 2])
async def test_tasks_run_one_by_one_unless_more_threads_are_wanted(workers: int | None) -> None:
    options = {} if workers is None else {"workers": workers}
    threads, together = WatchedThreads("t", max_pending=9, **options), threading.Barrier(2)

    def meet() -> bool:
        try:
            together.wait(0.05 if workers is None else 20)
        except threading.BrokenBarrierError:
            return False
        return True

    met = await asyncio.gather(threads.run(meet), threads.run(meet))
    assert met == [workers == 2] * 2
    threads.executor.shutdown()
