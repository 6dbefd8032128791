"""Where in a chat a message goes: the topic it belongs to and the message it answers."""

from __future__ import annotations

from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.parameters import Json, Parameters

NO_THREAD = "message thread not found"
NO_ORIGINAL = "message to be replied not found"


def placed(chat: Chat, topic: int, original: Json | None) -> Json:
    """Say a place as the fields it becomes in a message.

    Two of Telegram's surprises are kept: in a topic, what answers nothing "answers" the message
    that opened the topic; in a supergroup without topics, replies have a thread, but no topic.
    """
    fields: Json = {}
    if chat.is_forum:
        topic = topic or _thread(original)
        original = original or chat.messages.get(topic)
        fields = {"message_thread_id": topic, "is_topic_message": True} if topic else {}
    elif chat.type == "supergroup" and original is not None:
        fields = {"message_thread_id": _thread(original) or original["message_id"]}
    if original is not None:
        fields["reply_to_message"] = {k: v for k, v in original.items() if k != "reply_to_message"}
    return fields


def asked(chat: Chat, given: Parameters) -> Json:
    """Read `message_thread_id` and `reply_parameters` of a call."""
    topic = thread(chat, given)
    original = _original(chat, given.mapping("reply_parameters"), topic)
    return placed(chat, topic, original)


def thread(chat: Chat, given: Parameters) -> int:
    """Read `message_thread_id`: a topic, or 0 for none; the general topic has no number here."""
    topic = given.integer("message_thread_id")
    if topic and topic not in chat.topics:
        raise bad_request(NO_THREAD)
    return topic


def _original(chat: Chat, asked_for: Json, topic: int) -> Json | None:
    number = asked_for.get("message_id")
    here = asked_for.get("chat_id", chat.id) in (chat.id, str(chat.id))
    original = chat.messages.get(number) if isinstance(number, int) and here else None
    if original is not None and topic and _thread(original) != topic:
        original = None  # what was said in another topic cannot be answered in this one
    if asked_for and original is None and not asked_for.get("allow_sending_without_reply"):
        raise bad_request(NO_ORIGINAL)
    return original


def _thread(message: Json | None) -> int:
    number: int = (message or {}).get("message_thread_id", 0)
    return number
