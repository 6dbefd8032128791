"""Inline mode: a person queries the bot in any chat and sends one of its results."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultsButton,
    InputTextMessageContent,
)
from telegram.error import BadRequest

from bot.playground import InlineAnswer, Member, Person, Playground
from bot.playground.telegram.limits import INLINE_QUERY_SECONDS
from tests.bot.playground.conftest import picture

pytestmark = pytest.mark.usefixtures("checked_against_schema")

KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="more")]])


def article(name: str = "a", **more: Any) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(name, "Title", InputTextMessageContent("chosen"), **more)


async def asked(bot: Bot, member: Member, words: str, offset: str = "") -> tuple[InlineQuery, Any]:
    """Let a person type a query; return what the bot receives, and the task that waits for the answer."""
    waiting = asyncio.create_task(member.inline(words, offset))
    await asyncio.sleep(0)
    query = (await bot.get_updates(-1))[-1].inline_query
    assert query is not None
    return query, waiting


async def shown(bot: Bot, member: Member, *results: Any, **more: Any) -> InlineAnswer:
    query, waiting = await asked(bot, member, "dog")
    await query.answer(results, **more)
    answer: InlineAnswer = await waiting
    return answer


async def test_a_query_is_answered_page_by_page(bot: Bot, ada: Person) -> None:
    query, waiting = await asked(bot, ada, "dog")
    assert (query.query, query.offset, query.chat_type, query.from_user.id) == ("dog", "", "sender", ada.id)
    button = InlineQueryResultsButton("Send a photo", start_parameter="photo")
    await query.answer([article(description="small")], next_offset="1", button=button, is_personal=True)
    first = await waiting
    assert [(one.id, one.title, one.description) for one in first.results] == [("a", "Title", "small")]
    assert (first.next_offset, first.button["start_parameter"], first.personal) == ("1", "photo", True)
    query, waiting = await asked(bot, ada, "dog", first.next_offset)
    assert query.offset == "1"
    await query.answer([])
    assert (await waiting).results == ()


async def test_a_photo_is_chosen_and_sent_via_the_bot(bot: Bot, ada: Person) -> None:
    file_id = (await bot.send_photo(ada.id, picture())).photo[-1].file_id
    found = InlineQueryResultCachedPhoto("p", file_id, caption="<b>hill</b>", parse_mode="HTML")
    answer = await shown(bot, ada, found)
    assert answer.results[0].photo == file_id
    sent = await ada.choose(answer.results[0])
    assert (sent.via_bot, sent.from_bot, sent.photo, sent.html) == (True, False, file_id, "<b>hill</b>")
    said = (await bot.get_updates())[-1]
    assert said.message is not None
    assert said.message.via_bot is not None
    assert said.message.via_bot.id == bot.id


async def test_a_query_in_a_group_names_its_type_and_the_bot_need_not_be_there(
    playground: Playground, bot: Bot, ada: Person
) -> None:
    group = playground.group("Elsewhere", ada, with_bot=False)
    query, waiting = await asked(bot, group.member(ada), "dog")
    assert query.chat_type == "supergroup"
    await query.answer([article()])
    await group.member(ada).choose((await waiting).results[0])
    assert (group.messages[-1].text, group.messages[-1].via_bot) == ("chosen", True)


async def test_an_answer_is_kept_for_everybody_unless_it_is_personal() -> None:
    now = 1000.0
    async with Playground(clock=lambda: now) as playground:
        ada, grace = playground.person("Ada"), playground.person("Grace")
        async with Bot(playground.token, base_url=playground.base_url) as bot:
            await shown(bot, ada, article("all"), cache_time=60)
            assert [(await one.inline("dog")).results[0].id for one in (ada, grace)] == ["all", "all"]
            now += 61
            await shown(bot, ada, article("hers"), is_personal=True)
            assert (await ada.inline("dog")).results[0].id == "hers"
            assert (await shown(bot, grace, article("other"))).results[0].id == "other"


WRONG: dict[str, dict[str, Any]] = {
    "RESULTS_TOO_MUCH": {"results": [article(str(n)) for n in range(51)]},
    "RESULT_ID_DUPLICATE": {"results": [article(), article()]},
    "RESULT_ID_INVALID": {"results": [article("é" * 33)]},
    "NEXT_OFFSET_INVALID": {"results": [], "next_offset": "é" * 33},
    "START_PARAM_INVALID": {"results": [], "button": {"text": "Go", "start_parameter": "a b"}},
    "SWITCH_PM_TEXT_EMPTY": {"results": [], "button": {"text": "", "start_parameter": "a"}},
    "ARTICLE_TITLE_EMPTY": {
        "results": [InlineQueryResultArticle("a", "", InputTextMessageContent("chosen"))]
    },
    "inline query results with a reply_markup are not supported here": {
        "results": [
            article(reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="y")]]))
        ]
    },
    "message caption is too long": {
        "results": [InlineQueryResultCachedPhoto("a", "FILE", caption="a" * 1025)]
    },
    "message text is empty": {"results": [InlineQueryResultArticle("a", "A", InputTextMessageContent(" "))]},
    "wrong file identifier/HTTP URL specified": {"results": [InlineQueryResultCachedPhoto("a", "nothing")]},
    "failed to get HTTP URL content": {"results": [{"type": "photo", "id": "a", "photo_url": "https://a.b"}]},
}


@pytest.mark.parametrize("words", WRONG)
async def test_a_wrong_answer_is_refused_and_may_be_given_anew(
    playground: Playground, bot: Bot, ada: Person, words: str
) -> None:
    file_id = (await bot.send_photo(ada.id, picture())).photo[-1].file_id
    query, waiting = await asked(bot, ada, "dog")
    wired: Callable[[Any], Any] = lambda one: one if isinstance(one, dict) else one.to_dict()  # noqa: E731
    given = {
        "inline_query_id": query.id,
        **WRONG[words],
        "results": [wired(one) for one in WRONG[words]["results"]],
    }
    given["results"] = json.loads(json.dumps(given["results"]).replace("FILE", file_id))
    with pytest.raises(BadRequest):
        await bot.do_api_request("ANSWERINLINEQUERY", given)
    assert playground.call_log[-1].reply["description"] == f"Bad Request: {words}"
    assert await query.answer([article()])
    assert len((await waiting).results) == 1


async def test_an_inline_answer_is_given_once_and_in_time() -> None:
    now = 1000.0
    async with Playground(clock=lambda: now) as playground:
        ada = playground.person("Ada")
        async with Bot(playground.token, base_url=playground.base_url) as bot:
            query, waiting = await asked(bot, ada, "dog")
            await query.answer([])
            with pytest.raises(BadRequest, match=r"(?i)query is too old and response timeout expired or"):
                await query.answer([])
            await waiting
            query, waiting = await asked(bot, ada, "cat")
            now += INLINE_QUERY_SECONDS + 1
            with pytest.raises(BadRequest, match=r"(?i)query is too old"):
                await query.answer([])
            waiting.cancel()


async def test_fifty_results_just_fit(bot: Bot, ada: Person) -> None:
    assert len((await shown(bot, ada, *(article("é" * 31 + str(n)) for n in range(50)))).results) == 50
