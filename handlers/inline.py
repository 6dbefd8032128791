"""Inline mode: photos for a description, in any chat, while the user types.

Photos with a file id are shown at once. The others are uploaded to the operator's storage chat first, a
media group at a time; without a storage chat, a button leads to the private chat.
"""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineQuery, InlineQueryResultCachedPhoto, InlineQueryResultsButton, Update
from telegram.error import BadRequest

from engine.errors import BadInputError, BusyError
from handlers.context import Context
from handlers.inline_uploads import upload_for_inline
from handlers.queries import deep_links
from handlers.replies.inline import inline_caption
from handlers.sending import is_stale_file_id
from handlers.store import optional_storage

PAGE_SIZE = 10  # as many as one media group can upload
MAX_RESULTS = 50  # as many as the search re-ranks
CACHE_TIME = 300  # seconds for which Telegram may repeat an answer
SHORT_CACHE_TIME = 10  # seconds, for an answer that will be different next time

Result = InlineQueryResultCachedPhoto


async def answer_inline_query(update: Update, context: Context) -> None:
    """Answer an inline query with photos; an empty query gets random ones that Telegram stores already."""
    query = update.inline_query
    if query is None:
        raise TypeError("the handler of inline queries received another kind of update")
    if query.query.strip():
        await _search(query, context)
        return
    file_ids = await context.store.some_file_ids(PAGE_SIZE)
    results = [Result(str(index), file_id) for index, file_id in enumerate(file_ids)]
    await _answer(query, context, results, payload="" if results else deep_links.HELLO)


async def _search(query: InlineQuery, context: Context) -> None:
    offset = int(query.offset) if query.offset.isdecimal() and len(query.offset) < 3 else 0
    command = f"/find {query.query}"
    try:
        intent = await context.engine.understand(command, context.language)
        count = min(offset + PAGE_SIZE, MAX_RESULTS)
        matches = (await context.engine.find(intent.query, count))[offset:]
    except (BadInputError, BusyError):  # an unfinished word, or too many users at once
        await _answer(query, context, (), payload=deep_links.HELLO)
        return
    file_ids = await upload_for_inline(context, [match.image for match in matches])
    results = [
        Result(str(index), file_id, caption=inline_caption(context.texts, query.query.strip(), match))
        for index, (match, file_id) in enumerate(zip(matches, file_ids, strict=True), offset)
        if file_id
    ]
    has_next = len(matches) == PAGE_SIZE and offset + PAGE_SIZE < MAX_RESULTS
    next_offset = str(offset + PAGE_SIZE) if has_next else ""
    complete = len(results) == len(matches) > 0
    payload = "" if complete else deep_links.encode(command) or deep_links.HELLO
    await _answer(query, context, results, payload, next_offset)


async def _answer(
    query: InlineQuery, context: Context, results: Sequence[Result], payload: str = "", next_offset: str = ""
) -> None:
    """Answer with photos, and with a button for a deep link's payload; texts are for this user only."""
    button = InlineQueryResultsButton(
        context.texts("inline-button"), start_parameter=payload or deep_links.HELLO
    )
    try:
        await query.answer(
            results,
            cache_time=SHORT_CACHE_TIME if payload or not query.query.strip() else CACHE_TIME,
            is_personal=bool(payload) or any(result.caption for result in results),
            next_offset=next_offset or None,  # an empty string would be sent as "[]"
            button=button if payload else None,
        )
    except BadRequest as error:
        if "too old" in error.message:  # the user has typed on
            return
        if not results or not is_stale_file_id(error):
            raise
        with optional_storage():
            await context.store.forget_file_ids([result.photo_file_id for result in results])  # one is stale
        await _answer(query, context, (), payload or deep_links.HELLO)
