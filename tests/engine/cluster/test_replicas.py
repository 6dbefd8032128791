"""Replicas on Ray Serve: how they are asked, die, are replaced, and what they leave open to others."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.api import EngineAPI
from engine.cluster import deployment
from engine.cluster.deployment import deploy, replica_status
from engine.cluster.ray_engine import RayEngine
from engine.errors import BadInputError, BusyError
from engine.results import GalleryInfo
from engine.settings import EngineSettings
from tests.engine.cluster.replicas import COMPLAIN, DIE, ScriptedReplica
from tests.processes import ANYWHERE, REPLICA_NAME, listening, named

pytestmark = pytest.mark.filterwarnings("ignore")  # those of Ray itself
TIMEOUT = 120.0  # seconds: a busy machine must not fail a test
ONGOING = 2


@pytest.fixture(scope="module")
async def engine(on_ray: EngineSettings, weights: Path) -> AsyncIterator[EngineAPI]:
    """An engine of two replicas that compute nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployment, "Replica", ScriptedReplica)
        patch.setattr(deployment, "_start_indexer", lambda *_: None)
        patch.setitem(deployment.OPTIONS, "max_ongoing_requests", ONGOING)
        patch.setitem(deployment.OPTIONS, "graceful_shutdown_wait_loop_s", 0.1)
        handle = await asyncio.to_thread(deploy, version_of(on_ray, weights, "first"))
        engine = RayEngine(handle, GalleryInfo("?", 0, ""), on_ray.waiting, ExitStack())
        yield engine  # type: ignore[misc]
        await engine.close()


def version_of(settings: EngineSettings, weights: Path, version: str) -> EngineSettings:
    return settings.model_copy(update={"artifact": weights / version, "max_replicas": None})


async def process_of(engine: EngineAPI) -> int:
    return int((await engine.similar("dog"))[0].word)


async def appears(folder: Path, count: int = 1) -> list[int]:
    """Return the processes that have begun to answer."""
    async with asyncio.timeout(TIMEOUT):
        while len(files := os.listdir(folder)) < count:  # noqa: ASYNC110, PTH208 - others write them
            await asyncio.sleep(0.02)
    return [int(file) for file in files]


async def test_a_replica_answers_as_the_engine_does(engine: EngineAPI) -> None:
    assert await engine.describe(bytes(200_000), count=3) == 200_003
    assert len(await engine.picture("1.jpg")) == 300_000
    with pytest.raises(AttributeError):
        engine.gallery_of_another  # type: ignore[attr-defined]  # noqa: B018


async def test_pictures_of_many_albums_at_once_leave_room_for_a_question(
    engine: EngineAPI, on_ray: EngineSettings
) -> None:
    pictures = [engine.picture(f"{number}.jpg") for number in range(10 * on_ray.waiting)]
    *read, answer = await asyncio.gather(*pictures, engine.similar("dog"))
    assert {len(picture) for picture in read} == {300_000}
    assert answer


@pytest.mark.skipif(sys.platform != "linux", reason="not Linux: there is no /proc")
async def test_a_replica_takes_no_call_without_the_token(engine: EngineAPI) -> None:
    import grpc

    assert await process_of(engine)
    addresses = list(listening(named(REPLICA_NAME)))
    ports = [port for address, port in addresses if address in ANYWHERE]
    assert ports  # Ray fixes the address; without it there is nothing to refuse
    for port in ports:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await channel.unary_unary("/ray.serve.ASGIService/HandleRequest")(b"")
            assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_errors_arrive_as_they_were_raised(engine: EngineAPI) -> None:
    with pytest.raises(BadInputError) as raised:
        await engine.similar(COMPLAIN)
    assert (raised.value.key, raised.value.values) == ("unknown-word", {"word": "xyzzy"})
    with pytest.raises(KeyError):
        await engine.picture("none")


async def test_more_requests_than_may_wait_are_refused(
    engine: EngineAPI, on_ray: EngineSettings, tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    asked.mkdir()
    await replicas_run(2)
    room = 2 * ONGOING + on_ray.waiting
    calls = [
        asyncio.ensure_future(engine.analogy(str(asked), str(tmp_path / "go"), "")) for _ in range(4 * room)
    ]
    try:
        async with asyncio.timeout(TIMEOUT):
            while sum(call.done() for call in calls) < room:  # noqa: ASYNC110 - any of them
                await asyncio.sleep(0.02)
        assert engine.stalled_for > 0
    finally:
        (tmp_path / "go").touch()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    busy = sum(isinstance(answer, BusyError) for answer in answers)
    answered = sum(isinstance(answer, tuple) for answer in answers)
    assert answered + busy == len(calls)
    assert answered >= on_ray.waiting
    assert engine.stalled_for == 0


async def test_a_call_whose_replica_is_killed_is_answered_by_another(
    engine: EngineAPI, tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    asked.mkdir()
    answer = asyncio.ensure_future(engine.analogy(str(asked), str(tmp_path / "go"), ""))
    (killed,) = await appears(asked)
    os.kill(killed, signal.SIGKILL)
    (tmp_path / "go").touch()
    async with asyncio.timeout(TIMEOUT):
        assert int((await answer)[0].word) != killed


async def test_other_weights_replace_one_replica_after_the_other_and_no_request_fails(
    engine: EngineAPI, on_ray: EngineSettings, weights: Path
) -> None:
    versions = []

    async def ask() -> None:
        while versions[-1:] != ["second"]:
            versions.append((await engine.similar("dog"))[1].word)

    async with asyncio.timeout(TIMEOUT):
        asking = asyncio.ensure_future(ask())
        await asyncio.to_thread(deploy, version_of(on_ray, weights, "second"))
        await asking
        assert {(await engine.similar("dog"))[1].word for _ in range(9)} == {"second"}
    assert versions[0] == "first"


async def test_what_runs_already_is_left_as_it_is(
    engine: EngineAPI, on_ray: EngineSettings, weights: Path
) -> None:
    await replicas_run(2)
    before = {await process_of(engine) for _ in range(20)}
    await asyncio.to_thread(deploy, version_of(on_ray, weights, "second"))
    assert {await process_of(engine) for _ in range(20)} <= before


async def test_a_request_that_kills_its_replica_is_made_twice_and_given_up(engine: EngineAPI) -> None:
    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(BusyError):
            await engine.similar(DIE)


async def replicas_run(count: int) -> None:
    """Wait until so many replicas answer."""
    async with asyncio.timeout(TIMEOUT):
        status = await asyncio.to_thread(replica_status)
        while status is None or status.running < count:
            await asyncio.sleep(0.1)
            status = await asyncio.to_thread(replica_status)
