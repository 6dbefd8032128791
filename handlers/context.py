"""What a handler is given besides the update: a typed context that carries the engine."""

from __future__ import annotations

from typing import Any, ClassVar

from telegram import Message, Update
from telegram.ext import CallbackContext, ExtBot

from engine.verbs import Verbs
from handlers.presses import Presses


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """The context of every handler; `bound_to` gives it the engine of one application."""

    engine: ClassVar[Verbs]
    presses: ClassVar[Presses]


def bound_to(engine: Verbs) -> type[Context]:
    """Make the context class of one application, with its engine and its memory of presses."""
    return type("BoundContext", (Context,), {"engine": engine, "presses": Presses()})


def question(update: Update) -> Message:
    """Give the new message an update brings; the filters of the bot let no other update in."""
    if update.message is None:
        raise TypeError("a handler for new messages was given another kind of update")
    return update.message
