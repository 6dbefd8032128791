"""A PostgreSQL with pgvector, and tables of its own for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("psycopg", reason="no PostgreSQL: ModuleNotFoundError")

from engine.search.postgres.vector_table import VectorTable
from tests.postgres import server_or_skip

KEYS = itertools.count(1)
OpenTable = Callable[[], VectorTable]


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    with server_or_skip() as server:
        yield server


@pytest.fixture(scope="session")
def url(server: Any) -> str:
    return str(server.get_uri())


@pytest.fixture
def open_table(url: str) -> Iterator[OpenTable]:
    """Return a function that opens this test's table, as one more process would."""
    key, tables = f"{next(KEYS):08}-{'f' * 16}-", list[VectorTable]()

    def open_one() -> VectorTable:
        tables.append(VectorTable(url, key, 32))
        return tables[-1]

    yield open_one
    for table in tables:
        table.close()
