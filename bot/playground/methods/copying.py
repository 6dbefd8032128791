"""Methods that put an old message somewhere else."""

from __future__ import annotations

from bot.playground.methods import content
from bot.playground.people.client import LEFT_BEHIND, origin_of
from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.keyboards import inline_keyboard
from bot.playground.telegram.parameters import Json, Parameters
from bot.playground.telegram.reply_parameters import asked


async def copy_message(cloud: Cloud, given: Parameters) -> Json:
    """copyMessage: as if the bot had said it; a new caption takes the place of the old one."""
    chat = content.target_of(cloud, given)
    kept = _content(_original(cloud, given, "message to copy not found"))
    kept.pop("forward_origin", None)
    if "caption" in given.values:
        kept = {k: v for k, v in kept.items() if k not in ("caption", "caption_entities")}
        kept |= content.caption(given)
    message = cloud.post_from_bot(chat, asked(chat, given) | kept | inline_keyboard(given))
    return {"message_id": message["message_id"]}


async def forward_message(cloud: Cloud, given: Parameters) -> Json:
    """forwardMessage: with the name of who said it first."""
    chat = content.target_of(cloud, given)
    original = _original(cloud, given, "message to forward not found")
    return cloud.post_from_bot(
        chat, asked(chat, given) | {"forward_origin": origin_of(original)} | _content(original)
    )


def _original(cloud: Cloud, given: Parameters, missing: str) -> Json:
    message = content.chat_of(cloud, given, "from_chat_id").messages.get(given.integer("message_id"))
    if message is None:
        raise bad_request(missing)
    return message


def _content(message: Json) -> Json:
    return {name: value for name, value in message.items() if name not in LEFT_BEHIND}
