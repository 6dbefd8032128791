"""The web front over the real engine, and an HTTP client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from bot.metrics import Metrics
from bot.web import WebServer
from engine.api import EngineAPI
from tests.bot.harness import http_client


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest_asyncio.fixture(loop_scope="session")
async def web(engine: EngineAPI, metrics: Metrics) -> AsyncIterator[WebServer]:
    """A web front as the demo starts it: on loopback, without a key."""
    async with WebServer(engine, metrics) as web:
        yield web


@pytest_asyncio.fixture(loop_scope="session")
async def client(web: WebServer) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(base_url=web.address, timeout=60) as client:
        yield client
