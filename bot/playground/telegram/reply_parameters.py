"""Replies and topics: which message a new one answers, and which thread it belongs to."""

from __future__ import annotations

from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.parameters import Json, Parameters


def reply_fields(chat: Chat, topic: int, original: Json | None) -> Json:
    """Return the fields of a message in this topic that replies to this original.

    Two peculiarities of Telegram are kept: in a topic, a message that replies to nothing "replies"
    to the message that opened the topic; in a supergroup without topics, replies have a thread, but
    no topic.
    """
    fields: Json = {}
    if chat.is_forum:
        topic = topic or _thread_id(original)
        original = original or chat.messages.get(topic)
        fields = {"message_thread_id": topic, "is_topic_message": True} if topic else {}
    elif chat.type == "supergroup" and original is not None:
        fields = {"message_thread_id": _thread_id(original) or original["message_id"]}
    if original is not None:
        fields["reply_to_message"] = {k: v for k, v in original.items() if k != "reply_to_message"}
    return fields


def read_reply_fields(chat: Chat, parameters: Parameters) -> Json:
    """Return the fields that `message_thread_id` and `reply_parameters` of a call become.

    Raises:
        ApiError: there is no such topic, or no such message to reply to.
    """
    topic = read_topic(chat, parameters)
    original = _original(chat, parameters.mapping("reply_parameters"), topic)
    return reply_fields(chat, topic, original)


def read_topic(chat: Chat, parameters: Parameters) -> int:
    """Return `message_thread_id`: a topic, or 0 for the general one.

    Raises:
        ApiError: there is no such topic.
    """
    topic = parameters.integer("message_thread_id")
    if topic and topic not in chat.topics:
        raise bad_request("message thread not found")
    return topic


def _original(chat: Chat, reply: Json, topic: int) -> Json | None:
    message_id = reply.get("message_id")
    same_chat = reply.get("chat_id", chat.id) in (chat.id, str(chat.id))
    original = chat.messages.get(message_id) if isinstance(message_id, int) and same_chat else None
    if original is not None and topic and _thread_id(original) != topic:
        original = None  # a message of another topic cannot be replied to in this one
    if reply and original is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return original


def _thread_id(message: Json | None) -> int:
    thread_id: int = (message or {}).get("message_thread_id", 0)
    return thread_id
