"""What a handler is given besides the update: a typed context that carries the engine."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from telegram import Message, Update
from telegram.ext import Application, CallbackContext, ExtBot

from engine.verbs import Verbs
from handlers.collector import Collector
from handlers.presses import Presses
from handlers.store import Store
from handlers.texts import Texts, texts_in


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """The context of every handler; `bound_to` gives it the engine of one application."""

    engine: ClassVar[Verbs]
    store: ClassVar[Store]
    presses: ClassVar[Presses]
    collector: ClassVar[Collector]
    texts: Texts  # in the language of the person who wrote

    @classmethod
    def from_update(cls, update: object, application: Application[Any, Any, Any, Any, Any, Any]) -> Self:
        """Make the context of one update."""
        context = super().from_update(update, application)
        context.texts = texts_for(update)
        return context


def bound_to(engine: Verbs, store: Store) -> type[Context]:
    """Make the context class of one application, with its engine and what it remembers."""
    own = {"engine": engine, "store": store, "presses": Presses(), "collector": Collector()}
    return type("BoundContext", (Context,), own)


def texts_for(update: object) -> Texts:
    """Give the sentences in the language that the person's app is set to."""
    user = update.effective_user if isinstance(update, Update) else None
    return texts_in(user.language_code if user else None)


def question(update: Update) -> Message:
    """Give the new message an update brings; the filters of the bot let no other update in."""
    if update.message is None:
        raise TypeError("a handler for new messages was given another kind of update")
    return update.message
