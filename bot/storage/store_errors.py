"""Translation of SQLite's errors into the error of the `Store` protocol."""

from __future__ import annotations

import functools
import inspect
import sqlite3
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from handlers.store import StoreUnavailableError

Class = TypeVar("Class", bound=type)
Method = Callable[..., Coroutine[Any, Any, Any]]


def translate_sqlite_errors(store: Class) -> Class:
    """Make the public coroutine methods of a class raise `StoreUnavailableError` for `sqlite3.Error`."""
    for name, method in list(vars(store).items()):
        if not name.startswith("_") and inspect.iscoroutinefunction(method):
            setattr(store, name, _translated(method))
    return store


def _translated(method: Method) -> Method:
    @functools.wraps(method)
    async def translated(*args: object, **kwargs: object) -> object:
        try:
            return await method(*args, **kwargs)
        except sqlite3.Error as error:
            raise StoreUnavailableError(str(error)) from error

    return translated
