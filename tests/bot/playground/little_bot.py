"""A small bot that uses every feature of the page: the browser tests talk to it, not to the product."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultsButton,
    InputMediaPhoto,
    InputTextMessageContent,
    Update,
)
from telegram.constants import ChatAction
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.playground import Playground
from tests.bot.playground.conftest import picture

Context = ContextTypes.DEFAULT_TYPE
BUTTONS = InlineKeyboardMarkup([
    [InlineKeyboardButton("More like this", callback_data="more")],
    [InlineKeyboardButton("👍", callback_data="good"), InlineKeyboardButton("👎", callback_data="bad")],
    [InlineKeyboardButton("Find more", switch_inline_query_current_chat="mountain")],
])  # fmt: skip
OFFERS, OFFERED = 60, 30  # inline results in all, and on one page
PICTURES = 6  # different ones among them

COMMANDS = [("start", "begin here"), ("help", "what I can do"), ("privacy", "what I keep")]


async def start(update: Update, _: Context) -> None:
    await update.message.reply_html(
        "<b>Hello, Ada!</b> I look at photos.\n\n"
        "• send me a <b>photo</b>: I say what is on it and find its kin\n"
        "• send a <b>word</b> such as <code>boy</code>\n"
        "• ask <code>man:men::woman:?</code>\n\n"
        "See /help, or <a href='https://example.org/'>read about it</a>. "
        "<tg-spoiler>It is one network.</tg-spoiler>"
    )


async def photo(update: Update, _: Context) -> None:
    await update.message.reply_chat_action(ChatAction.UPLOAD_PHOTO)
    file = await update.message.effective_attachment[-1].get_file()
    content = await file.download_as_bytearray()
    await update.message.reply_text(
        f"“a mountain under an evening sun” ({len(content)} bytes)", do_quote=True, reply_markup=BUTTONS
    )
    album = [InputMediaPhoto(picture(260 + 12 * n, 220, hue=25 * n)) for n in range(10)]
    await update.message.reply_media_group(album, caption="The ten photos most like yours, closest first")


async def document(update: Update, _: Context) -> None:
    await update.message.reply_text(f"A file: {update.message.document.file_name}")


async def text(update: Update, _: Context) -> None:
    await update.message.reply_chat_action(ChatAction.TYPING)
    if update.message.text == "wait":
        return
    await update.message.reply_html(f"Words near <b>{update.message.text_html}</b>: girl, child, kid, man")


async def press(update: Update, _: Context) -> None:
    query = update.callback_query
    if query.data == "bad":
        await query.answer("Sorry to hear that. Your photo was not kept.", show_alert=True)
        return
    await query.answer("Thank you!" if query.data == "good" else "")
    if query.data == "more":
        await query.edit_message_text("“a mountain”, said again, edited", reply_markup=None)


async def offer(update: Update, context: Context) -> None:
    query = update.inline_query
    if query.query == "words":
        said = InputTextMessageContent("girl is near to boy")
        articles = [InlineQueryResultArticle(str(n), f"Word {n}", said, description="near") for n in range(3)]
        await query.answer(articles, cache_time=0)
        return
    seen = context.bot_data.setdefault("pictures", [])
    for hue in range(len(seen), PICTURES):
        sent = await context.bot.send_photo(query.from_user.id, picture(hue=40 * hue), caption=f"hue {hue}")
        seen.append(sent.photo[-1].file_id)
    first = int(query.offset or 0)
    photos = [
        InlineQueryResultCachedPhoto(f"photo{n}", seen[n % PICTURES], title=f"Photo {n}")
        for n in range(first, first + OFFERED)
    ]
    further = str(first + OFFERED) if first + OFFERED < OFFERS else ""
    about = InlineQueryResultsButton("How this works", start_parameter="inline")
    await query.answer(photos, next_offset=further, button=about, cache_time=0)


def build(playground: Playground) -> Application[Any, Any, Any, Any, Any, Any]:
    builder = Application.builder().token(playground.token)
    application = builder.base_url(playground.base_url).base_file_url(playground.base_file_url).build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(MessageHandler(filters.PHOTO, photo))
    application.add_handler(MessageHandler(filters.Document.ALL, document))
    application.add_handler(MessageHandler(filters.TEXT, text))
    application.add_handler(CallbackQueryHandler(press))
    application.add_handler(InlineQueryHandler(offer))
    return application


@asynccontextmanager
async def running(playground: Playground) -> AsyncIterator[None]:
    """Run the little bot against a playground."""
    application = build(playground)
    async with application:
        await application.bot.set_my_commands(COMMANDS)
        await application.start()
        await application.updater.start_polling(timeout=5)
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()


async def main() -> None:
    """Serve the little bot at a fixed port, to look at the page by hand."""
    async with Playground(8099) as playground, running(playground):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
