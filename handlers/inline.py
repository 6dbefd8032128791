"""Inline mode: photos for a description, in any chat, as fast as people type.

Telegram shows at once what it holds already. What it does not hold is sent to the host's storage chat
first, an album at a time; where that is not done, a button leads to the private chat.
"""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineQuery, InlineQueryResultCachedPhoto, InlineQueryResultsButton, Update
from telegram.error import BadRequest

from engine.errors import BadInputError, BusyError
from handlers.context import Context
from handlers.inline_uploads import upload_for_inline
from handlers.queries import deep_links, parsing
from handlers.queries.translation import read_words
from handlers.replies import inline as said
from handlers.sending import LOST

PAGE = 10  # results at a time: what one album can bring to Telegram
MOST = 50  # results in all: as many as the search puts in order with care
FRESH = 300  # seconds that Telegram may show an answer again
PASSING = 10  # seconds where another answer would come next time

Result = InlineQueryResultCachedPhoto


async def answer_inline_query(update: Update, context: Context) -> None:
    """Show photos for what is being typed; nothing typed yet: some of those Telegram holds."""
    asked = update.inline_query
    if asked is None:
        raise TypeError("the handler of inline queries was given another kind of update")
    if asked.query.strip():
        await _find(asked, context)
        return
    ids = await context.store.some_file_ids(PAGE)
    photos = [Result(str(number), file_id) for number, file_id in enumerate(ids)]
    await _answer(asked, context, photos, button="" if photos else deep_links.HELLO)


async def _find(asked: InlineQuery, context: Context) -> None:
    at = int(asked.offset) if asked.offset.isdecimal() and len(asked.offset) < 3 else 0
    try:
        query = parsing.parse_find(asked.query)
        words = await read_words(query.text, context)
        matches = (await context.engine.find(words.text, min(at + PAGE, MOST)))[at:]
    except (BadInputError, BusyError):  # half a word, as yet; or many people typing
        await _answer(asked, context, (), button=deep_links.HELLO)
        return
    ids = await upload_for_inline(context, [match.image for match in matches])
    photos = [
        Result(str(number), file_id, caption=said.caption(context.texts, query.text, match))
        for number, (match, file_id) in enumerate(zip(matches, ids, strict=True), at)
        if file_id
    ]
    following = str(at + PAGE) if len(matches) == PAGE and at + PAGE < MOST else ""
    button = "" if len(photos) == len(matches) > 0 else deep_links.payload_of(query) or deep_links.HELLO
    await _answer(asked, context, photos, button, following)


async def _answer(
    asked: InlineQuery, context: Context, photos: Sequence[Result], button: str = "", following: str = ""
) -> None:
    """Show photos, and a button with this payload; what is in words is for this person alone."""
    private = InlineQueryResultsButton(
        context.texts("inline-button"), start_parameter=button or deep_links.HELLO
    )
    try:
        await asked.answer(
            photos,
            cache_time=PASSING if button or not asked.query.strip() else FRESH,
            is_personal=bool(button) or any(photo.caption for photo in photos),
            next_offset=following or None,  # an empty one would be written as "[]"
            button=private if button else None,
        )
    except BadRequest as error:
        if "too old" in error.message:  # more was typed meanwhile
            return
        if not photos or not any(words in error.message.lower() for words in LOST):
            raise
        await context.store.forget_file_ids([photo.photo_file_id for photo in photos])  # one is not known
        await _answer(asked, context, (), button or deep_links.HELLO)
