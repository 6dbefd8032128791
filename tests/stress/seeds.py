"""What people and Telegram send, as it stands on the wire: where every mutation begins.

Files are called by names that `tests.stress.environment` has on its shelf.
"""

from __future__ import annotations

from typing import Any, Final

from bot.playground.state import BOT_ID
from bot.playground.telegram.profile import FIRST_NAME, USERNAME
from engine.results import image_key
from handlers.buttons import sample_keyboard
from handlers.i18n.texts import texts_in
from handlers.keyboards.answer_keyboard import Panel
from handlers.keyboards.callback_data import ButtonAction, Kind, Verb

Json = dict[str, Any]

ADMIN: Final = 5_000_000_009
STORAGE: Final = -1_002_000_000_777
BOT: Final[Json] = {"id": BOT_ID, "is_bot": True, "first_name": FIRST_NAME, "username": USERNAME}
ADA: Final[Json] = {"id": 5_000_000_001, "is_bot": False, "first_name": "Ada", "language_code": "en"}
HANS: Final[Json] = {"id": 5_000_000_002, "is_bot": False, "first_name": "Hans", "language_code": "de"}
HOST: Final[Json] = {"id": ADMIN, "is_bot": False, "first_name": "Host"}
PRIVATE: Final[Json] = {"id": ADA["id"], "type": "private", "first_name": "Ada"}
SMALL: Final[Json] = {"id": -4_000_000_001, "type": "group", "title": "Few"}
GROUP: Final[Json] = {"id": -1_002_000_000_001, "type": "supergroup", "title": "Many"}
FORUM: Final[Json] = {"id": -1_002_000_000_002, "type": "supergroup", "title": "Topics", "is_forum": True}
CHANNEL: Final[Json] = {"id": -1_002_000_000_003, "type": "channel", "title": "News"}
DATE: Final = 1_700_000_000
FILES: Final = ("photo", "large photo", "png", "webp", "cut", "bomb", "empty", "words", "too large")


def _file(name: str, **more: Any) -> Json:
    return {"file_id": name, "file_unique_id": f"U{FILES.index(name)}", "file_size": 12_345, **more}


def _photo(name: str = "photo") -> list[Json]:
    return [_file("photo", width=90, height=67), _file(name, width=1280, height=960)]


def _document(name: str, mime_type: str = "image/jpeg", file_name: str = "photo.jpg") -> Json:
    return _file(name, mime_type=mime_type, file_name=file_name)


def _sticker(animated: bool = False, video: bool = False) -> Json:
    moves = {"is_animated": animated, "is_video": video}
    still = {"thumbnail": _file("photo", width=128, height=128)} if animated or video else {}
    return _file("webp", type="regular", width=512, height=512, emoji="🙂", **moves, **still)


def _message(chat: Json = PRIVATE, sender: Json = ADA, number: int = 100, **content: Any) -> Json:
    return {"message_id": number, "date": DATE, "chat": chat, "from": sender, **content}


def _command(text: str, chat: Json = PRIVATE, sender: Json = ADA, **content: Any) -> Json:
    entity = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
    return _message(chat, sender, text=text, entities=[entity], **content)


def _answered(panel: Panel, question: Json, text: str = "A dog 0.", **more: Any) -> Json:
    """An answer of the bot, with its buttons."""
    markup = panel.markup(texts_in("en"))
    assert markup, "a panel without buttons is no seed"
    asked = {"reply_to_message": question, "reply_markup": markup.to_dict()}
    return _message(question["chat"], BOT, 200, text=text, **asked, **more)


def _pressed(message: Json | None, data: str, **more: Any) -> Json:
    hung = {"message": message} if message else {"inline_message_id": "BAAAAA"}
    return {"id": "1", "from": ADA, "chat_instance": "2", "data": data, **hung, **more}


def _moved(chat: Json, before: str, now: str) -> Json:
    old, new = ({"user": BOT, "status": status} for status in (before, now))
    until = {"until_date": 0} if now == "kicked" else {}
    return {"chat": chat, "from": ADA, "date": DATE, "old_chat_member": old, "new_chat_member": new | until}


TEXTS: Final = (
    "boy", "man:men::woman:?", "man is to men as woman is to?", "a dog running on the beach",
    "ein Hund läuft am Strand", "собака на пляже", "cat + sofa", "ship - sail", "find", "?", "dog cat",
)  # fmt: skip
COMMANDS: Final = (
    "/start", "/start find-a-dog", "/start similar_Ym95", "/start settings", "/start delete_me", "/help",
    "/privacy", "/caption", "/tags", "/similar boy", "/similar", "/analogy man men woman", "/alike boy girl",
    "/find a dog", "/find", "/random", "/map words", "/map images", "/map", "/settings", "/delete_me",
    "/stats", "/fnid a dog", "/nobody@other_bot", f"/help@{USERNAME}",
)  # fmt: skip

_OURS = _message(PRIVATE, BOT, 90, text="A dog.")
_PHOTO = _message(number=91, photo=_photo())
_IN_GROUP = _message(GROUP, HANS, 92, photo=_photo())
_TOPIC: Json = {"message_thread_id": 7, "is_topic_message": True}
_MENTION: Json = {"type": "mention", "offset": 0, "length": len(USERNAME) + 1}

MESSAGES: Final[tuple[Json, ...]] = (
    *(_message(text=text) for text in TEXTS),
    _message(sender=HANS, text="ein roter Ball"),
    *(_command(text) for text in COMMANDS),
    _command("/stats", PRIVATE | {"id": ADMIN}, HOST),
    # Pictures.
    *(_message(photo=_photo(name)) for name in FILES),
    *(_message(document=_document(name)) for name in FILES),
    _message(photo=_photo("large photo"), caption="the dog"),
    _message(photo=_photo(), caption="- grass + beach"),
    _message(document=_document("png", "image/png", "дом.png"), caption="a house"),
    _message(document=_document("words", "application/pdf", "photo.jpg.pdf")),
    _message(sticker=_sticker()),
    _message(sticker=_sticker(animated=True)),
    _message(sticker=_sticker(video=True)),
    _message(video=_file("words", width=640, height=360, duration=3, thumbnail=_photo()[0])),
    _message(
        animation=_file("words", width=640, height=360, duration=3, thumbnail=_photo()[0]),
        document=_document("words", "video/mp4", "funny.mp4"),
    ),
    _message(video_note=_file("words", length=240, duration=3, thumbnail=_photo()[0])),
    # What it cannot take.
    _message(voice=_file("words", duration=3)),
    _message(audio=_file("words", duration=3, performer="Ada", title="A song")),
    _message(location={"latitude": 1.0, "longitude": 2.0}),
    _message(contact={"phone_number": "+1", "first_name": "Grace"}),
    _message(dice={"emoji": "🎲", "value": 6}),
    # Passed on, answered, edited.
    _message(
        photo=_photo(), caption="Not mine", forward_origin={"type": "user", "date": DATE, "sender_user": HANS}
    ),
    _message(
        text="boy", forward_origin={"type": "hidden_user", "date": DATE, "sender_user_name": "Somebody"}
    ),
    _message(text="the dog", reply_to_message=_PHOTO),
    _message(text="thanks", reply_to_message=_OURS, quote={"text": "dog", "position": 2}),
    *(_command(text, reply_to_message=_PHOTO) for text in ("/caption", "/similar", "/tags", "/find a cat")),
    # Groups and their topics.
    _message(GROUP, text="nobody asked the bot"),
    _message(GROUP, photo=_photo()),
    _message(GROUP, text=f"@{USERNAME} boy", entities=[_MENTION]),
    _message(GROUP, text=f"@{USERNAME}", entities=[_MENTION], reply_to_message=_IN_GROUP),
    _message(GROUP, photo=_photo(), caption=f"@{USERNAME} the dog", caption_entities=[_MENTION]),
    _message(SMALL, text="boy", reply_to_message=_message(SMALL, BOT, 90, text="A dog.")),
    _command(f"/caption@{USERNAME}", GROUP, reply_to_message=_IN_GROUP),
    _command("/settings", GROUP),
    _command("/start", SMALL),
    _command("/find a dog", FORUM, **_TOPIC),
    _message(FORUM, text="boy", reply_to_message=_message(FORUM, BOT, 90, text="A dog.", **_TOPIC), **_TOPIC),
    _message(GROUP, sender_chat=CHANNEL, text="as a channel", reply_to_message=_OURS),
    _message(GROUP, new_chat_members=[BOT]),
    _message(GROUP, left_chat_member=HANS),
    _message(SMALL, migrate_to_chat_id=GROUP["id"]),
    _message(FORUM, forum_topic_created={"name": "Dogs", "icon_color": 1}, **_TOPIC),
    _message(GROUP, pinned_message=_IN_GROUP),
)

_FOCUSED: Json = {"entities": [{"type": "code", "offset": 0, "length": 7}]}
_KEY = image_key("1.jpg")
_PANELS: Final[tuple[tuple[Panel, Json, Json], ...]] = (
    (Panel(Kind.DESCRIBE, page_size=10, more=True, caption=1, why=True, tags=True), _PHOTO, {}),
    (Panel(Kind.FOCUS, page_size=5, more=True, caption=1), _PHOTO, {"text": "the dog", **_FOCUSED}),
    (Panel(Kind.FIND, page_size=10, more=True, pick=True), MESSAGES[3], {"text": "the dog", **_FOCUSED}),
    (Panel(Kind.FIND, page_size=2, pick=True, picks=(_KEY,)), MESSAGES[3], {"text": "the dog", **_FOCUSED}),
    (Panel(_KEY, page_size=10, more=True, pick=True), MESSAGES[3], {}),
    (Panel(Kind.ALBUM), _PHOTO, {}),
)
_SAMPLES = _message(PRIVATE, BOT, 200, text="Hello", reply_markup=sample_keyboard(texts_in("en")).to_dict())
_PLAIN = _message(PRIVATE, BOT, 200, text="Settings")

PRESSES: Final[tuple[Json, ...]] = (
    *(
        _pressed(answer, button["callback_data"])
        for panel, question, more in _PANELS
        for answer in [_answered(panel, question, **more)]
        for row in answer["reply_markup"]["inline_keyboard"]
        for button in row
    ),
    *(_pressed(_SAMPLES, data) for data in ("try:word", "try:riddle", "try:scene", "try:", "try:nothing")),
    *(_pressed(_PLAIN, f"s1:{chosen}") for chosen in ("album:5", "quiet:1", "language:de", "language:", "x")),
    *(_pressed(_PLAIN, f"d1:{chosen}") for chosen in ("yes", "no", "perhaps")),
    _pressed(None, ButtonAction(Verb.UP, Kind.FIND).data),
    _pressed({"message_id": 5, "date": 0, "chat": PRIVATE}, ButtonAction(Verb.UP, Kind.FIND).data),
)

UPDATES: Final[tuple[Json, ...]] = tuple(
    {"update_id": 1, kind: content}
    for kind, contents in (
        ("message", MESSAGES),
        ("edited_message", tuple(one | {"edit_date": DATE + 60} for one in MESSAGES[::9])),
        ("channel_post", (_message(CHANNEL, text="News"), _message(CHANNEL, photo=_photo()))),
        ("callback_query", PRESSES),
        (
            "inline_query",
            tuple(
                {"id": "1", "from": ADA, "query": query, "offset": offset, "chat_type": "sender"}
                for query, offset in (("", ""), ("dog", ""), ("a dog running", "10"), ("Hund", "x"))
            ),
        ),
        ("chosen_inline_result", ({"result_id": "1", "from": ADA, "query": "dog"},)),
        (
            "my_chat_member",
            (
                _moved(PRIVATE, "member", "kicked"),
                _moved(PRIVATE, "kicked", "member"),
                _moved(GROUP, "left", "member"),
                _moved(GROUP, "member", "left"),
                _moved(SMALL, "left", "administrator"),
                _moved(CHANNEL, "left", "administrator"),
            ),
        ),
        ("poll_answer", ({"poll_id": "1", "user": ADA, "option_ids": [0], "option_persistent_ids": ["0"]},)),
    )
    for content in contents
)
ALBUM: Final = _message(photo=_photo(), media_group_id="77")
