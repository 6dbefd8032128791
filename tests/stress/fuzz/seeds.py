"""Seeds of the mutations: realistic updates in the JSON of the Bot API.

File ids are the names of `tests.stress.fuzz.malformed_images.seed_files`.
"""

from __future__ import annotations

from typing import Any, Final

from bot.playground.state import BOT_ID
from bot.playground.telegram.profile import FIRST_NAME, USERNAME
from engine.results import image_key
from handlers.i18n.texts import texts_in
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import Action, ButtonAction, SubjectKind
from handlers.replies.suggestions import HELP, PLACES, PREFIX, SAMPLES, suggestions

Json = dict[str, Any]

ADMIN: Final = 5_000_000_009
STORAGE: Final = -1_002_000_000_777
BOT: Final[Json] = {"id": BOT_ID, "is_bot": True, "first_name": FIRST_NAME, "username": USERNAME}
ADA: Final[Json] = {"id": 5_000_000_001, "is_bot": False, "first_name": "Ada", "language_code": "en"}
HANS: Final[Json] = {"id": 5_000_000_002, "is_bot": False, "first_name": "Hans", "language_code": "de"}
OPERATOR: Final[Json] = {"id": ADMIN, "is_bot": False, "first_name": "Operator"}
PRIVATE: Final[Json] = {"id": ADA["id"], "type": "private", "first_name": "Ada"}
BASIC_GROUP: Final[Json] = {"id": -4_000_000_001, "type": "group", "title": "Few"}
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
    flags = {"is_animated": animated, "is_video": video}
    thumbnail = {"thumbnail": _file("photo", width=128, height=128)} if animated or video else {}
    return _file("webp", type="regular", width=512, height=512, emoji="🙂", **flags, **thumbnail)


def _message(chat: Json = PRIVATE, sender: Json = ADA, number: int = 100, **content: Any) -> Json:
    return {"message_id": number, "date": DATE, "chat": chat, "from": sender, **content}


def _command(text: str, chat: Json = PRIVATE, sender: Json = ADA, **content: Any) -> Json:
    entity = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
    return _message(chat, sender, text=text, entities=[entity], **content)


def _answer(keyboard: AnswerKeyboard, request: Json, text: str = "A dog 0.", **more: Any) -> Json:
    """Return an answer of the bot, with its buttons."""
    markup = keyboard.to_markup(texts_in("en"))
    assert markup, "a keyboard without buttons is no seed"
    reply = {"reply_to_message": request, "reply_markup": markup.to_dict()}
    return _message(request["chat"], BOT, 200, text=text, **reply, **more)


def _press(message: Json | None, data: str, **more: Any) -> Json:
    origin = {"message": message} if message else {"inline_message_id": "BAAAAA"}
    return {"id": "1", "from": ADA, "chat_instance": "2", "data": data, **origin, **more}


def _membership(chat: Json, before: str, after: str) -> Json:
    old, new = ({"user": BOT, "status": status} for status in (before, after))
    until = {"until_date": 0} if after == "kicked" else {}
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

_BOT_MESSAGE = _message(PRIVATE, BOT, 90, text="A dog.")
_PHOTO_MESSAGE = _message(number=91, photo=_photo())
_GROUP_PHOTO = _message(GROUP, HANS, 92, photo=_photo())
_TOPIC: Json = {"message_thread_id": 7, "is_topic_message": True}
_MENTION: Json = {"type": "mention", "offset": 0, "length": len(USERNAME) + 1}

MESSAGES: Final[tuple[Json, ...]] = (
    *(_message(text=text) for text in TEXTS),
    _message(sender=HANS, text="ein roter Ball"),
    *(_command(text) for text in COMMANDS),
    _command("/stats", PRIVATE | {"id": ADMIN}, OPERATOR),
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
    # Messages the bot declines.
    _message(voice=_file("words", duration=3)),
    _message(audio=_file("words", duration=3, performer="Ada", title="A song")),
    _message(location={"latitude": 1.0, "longitude": 2.0}),
    _message(contact={"phone_number": "+1", "first_name": "Grace"}),
    _message(dice={"emoji": "🎲", "value": 6}),
    # Forwarded messages and replies.
    _message(
        photo=_photo(), caption="Not mine", forward_origin={"type": "user", "date": DATE, "sender_user": HANS}
    ),
    _message(
        text="boy", forward_origin={"type": "hidden_user", "date": DATE, "sender_user_name": "Somebody"}
    ),
    _message(text="the dog", reply_to_message=_PHOTO_MESSAGE),
    _message(text="thanks", reply_to_message=_BOT_MESSAGE, quote={"text": "dog", "position": 2}),
    *(
        _command(text, reply_to_message=_PHOTO_MESSAGE)
        for text in ("/caption", "/similar", "/tags", "/find a cat")
    ),
    # Groups and their topics.
    _message(GROUP, text="nobody asked the bot"),
    _message(GROUP, photo=_photo()),
    _message(GROUP, text=f"@{USERNAME} boy", entities=[_MENTION]),
    _message(GROUP, text=f"@{USERNAME}", entities=[_MENTION], reply_to_message=_GROUP_PHOTO),
    _message(GROUP, photo=_photo(), caption=f"@{USERNAME} the dog", caption_entities=[_MENTION]),
    _message(BASIC_GROUP, text="boy", reply_to_message=_message(BASIC_GROUP, BOT, 90, text="A dog.")),
    _command(f"/caption@{USERNAME}", GROUP, reply_to_message=_GROUP_PHOTO),
    _command("/settings", GROUP),
    _command("/start", BASIC_GROUP),
    _command("/find a dog", FORUM, **_TOPIC),
    _message(FORUM, text="boy", reply_to_message=_message(FORUM, BOT, 90, text="A dog.", **_TOPIC), **_TOPIC),
    _message(GROUP, sender_chat=CHANNEL, text="as a channel", reply_to_message=_BOT_MESSAGE),
    _message(GROUP, new_chat_members=[BOT]),
    _message(GROUP, left_chat_member=HANS),
    _message(BASIC_GROUP, migrate_to_chat_id=GROUP["id"]),
    _message(FORUM, forum_topic_created={"name": "Dogs", "icon_color": 1}, **_TOPIC),
    _message(GROUP, pinned_message=_GROUP_PHOTO),
)

_FOCUSED: Json = {"entities": [{"type": "code", "offset": 0, "length": 7}]}
_KEY = image_key("1.jpg")
_KEYBOARDS: Final[tuple[tuple[AnswerKeyboard, Json, Json], ...]] = (
    (
        AnswerKeyboard(SubjectKind.DESCRIBE, page_size=10, more=True, caption=1, why=0, tags=True),
        _PHOTO_MESSAGE,
        {},
    ),
    (
        AnswerKeyboard(SubjectKind.FOCUS, page_size=5, more=True, caption=1),
        _PHOTO_MESSAGE,
        {"text": "the dog", **_FOCUSED},
    ),
    (
        AnswerKeyboard(SubjectKind.FIND, page_size=10, more=True, pick=True),
        MESSAGES[3],
        {"text": "the dog", **_FOCUSED},
    ),
    (
        AnswerKeyboard(SubjectKind.FIND, page_size=2, pick=True, picks=(_KEY,)),
        MESSAGES[3],
        {"text": "the dog", **_FOCUSED},
    ),
    (AnswerKeyboard(_KEY, page_size=10, more=True, pick=True), MESSAGES[3], {}),
    (AnswerKeyboard(SubjectKind.ALBUM, photos=(1, 2), vote=Action.UP), _PHOTO_MESSAGE, {}),
    (
        AnswerKeyboard(SubjectKind.RANDOM, page_size=10, more=True, picks=(_KEY,), votes=False),
        _message(text="/random"),
        {},
    ),
)
_SUGGESTIONS = _message(
    PRIVATE, BOT, 200, text="Hello", reply_markup=suggestions(texts_in("en"), HELP).to_dict()
)
_SUGGESTED = (*SAMPLES, *PLACES, "find-a-dog-running", "similar_Ym95", "", "nothing")
_PLAIN = _message(PRIVATE, BOT, 200, text="Settings")

CALLBACK_QUERIES: Final[tuple[Json, ...]] = (
    *(
        _press(answer, button["callback_data"])
        for keyboard, request, more in _KEYBOARDS
        for answer in [_answer(keyboard, request, **more)]
        for row in answer["reply_markup"]["inline_keyboard"]
        for button in row
    ),
    *(_press(_SUGGESTIONS, f"{PREFIX}{name}") for name in _SUGGESTED),
    *(_press(_PLAIN, f"s1:{value}") for value in ("album:5", "quiet:1", "language:de", "language:", "x")),
    *(_press(_PLAIN, f"d1:{value}") for value in ("yes", "no", "perhaps")),
    _press(None, ButtonAction(Action.UP, SubjectKind.FIND).data),
    _press({"message_id": 5, "date": 0, "chat": PRIVATE}, ButtonAction(Action.UP, SubjectKind.FIND).data),
)

UPDATES: Final[tuple[Json, ...]] = tuple(
    {"update_id": 1, kind: content}
    for kind, contents in (
        ("message", MESSAGES),
        ("edited_message", tuple(one | {"edit_date": DATE + 60} for one in MESSAGES[::9])),
        ("channel_post", (_message(CHANNEL, text="News"), _message(CHANNEL, photo=_photo()))),
        ("callback_query", CALLBACK_QUERIES),
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
                _membership(PRIVATE, "member", "kicked"),
                _membership(PRIVATE, "kicked", "member"),
                _membership(GROUP, "left", "member"),
                _membership(GROUP, "member", "left"),
                _membership(BASIC_GROUP, "left", "administrator"),
                _membership(CHANNEL, "left", "administrator"),
            ),
        ),
        ("poll_answer", ({"poll_id": "1", "user": ADA, "option_ids": [0], "option_persistent_ids": ["0"]},)),
    )
    for content in contents
)
ALBUM: Final = _message(photo=_photo(), media_group_id="77")
