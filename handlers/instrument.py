"""Every request is counted and timed, in one place: around its handler."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler

from engine.errors import BadInputError
from handlers.context import Context

Answer = Callable[[Update, Context], Coroutine[Any, Any, Any]]
Handler = BaseHandler[Update, Context, Any]


def instrument(kind: str, handler: Handler) -> Handler:
    """Count a handler's requests as of this kind, unless it names a more exact one (`Context.kind`)."""
    handler.callback = _timed(kind, handler.callback)
    return handler


def _timed(kind: str, answer: Answer) -> Answer:
    async def timed(update: Update, context: Context) -> None:
        context.kind = kind
        begun = time.monotonic()
        done = False
        try:
            await answer(update, context)
            done = True
        except BadInputError:
            done = True  # answered, too: with what the person can do
            raise
        finally:
            if done:
                context.counter.answered(context.kind, time.monotonic() - begun)
            else:
                context.counter.failed(context.kind)

    return timed
