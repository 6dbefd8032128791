"""Instrumentation of handlers: every request is counted and timed around its callback."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler

from engine.errors import BadInputError
from handlers.context import Context

Callback = Callable[[Update, Context], Coroutine[Any, Any, Any]]
Handler = BaseHandler[Update, Context, Any]


def instrument(kind: str, handler: Handler) -> Handler:
    """Count a handler's requests under a kind, unless its callback sets another `Context.kind`."""
    handler.callback = _instrumented(kind, handler.callback)
    return handler


def _instrumented(kind: str, callback: Callback) -> Callback:
    async def instrumented(update: Update, context: Context) -> None:
        context.kind = kind
        start = time.monotonic()
        answered = False
        try:
            await callback(update, context)
            answered = True
        except BadInputError:
            answered = True  # the reply tells the user what to do
            raise
        finally:
            if answered:
                context.usage.answered(context.kind, time.monotonic() - start)
            else:
                context.usage.failed(context.kind)

    return instrumented
