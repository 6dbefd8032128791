"""Methods about the bot itself: who it is, its files, commands and descriptions."""

from __future__ import annotations

import re
from typing import Final

from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.limits import (
    COMMAND_DESCRIPTION,
    COMMANDS,
    DESCRIPTION,
    DOWNLOAD_BYTES,
    NAME,
    SHORT_DESCRIPTION,
)
from bot.playground.telegram.parameters import Json, Parameters
from bot.playground.telegram.profile import Words

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LONGEST: Final[dict[Words, int]] = {
    "name": NAME,
    "description": DESCRIPTION,
    "short_description": SHORT_DESCRIPTION,
}


async def get_me(cloud: Cloud, _: Parameters) -> Json:
    """getMe: the account and the abilities only this method tells."""
    abilities = (
        "can_join_groups", "can_read_all_group_messages", "supports_guest_queries",
        "supports_inline_queries", "can_connect_to_business", "has_main_web_app",
        "has_topics_enabled", "allows_users_to_create_topics", "can_manage_bots",
    )  # fmt: skip
    able = {"can_join_groups": True, "supports_inline_queries": True}
    return cloud.profile.user | dict.fromkeys(abilities, False) | able


async def get_file(cloud: Cloud, given: Parameters) -> Json:
    """getFile."""
    file = cloud.shelf.find(given.text("file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    names = {"file_id": file.file_id, "file_unique_id": file.unique_id}
    return names | {"file_size": len(file.content), "file_path": file.path}


async def done(_: Cloud, __: Parameters) -> bool:
    """logOut, close: nothing to do, and it went well."""
    return True


async def set_my_commands(cloud: Cloud, given: Parameters) -> bool:
    """setMyCommands."""
    commands = given.objects("commands")
    if len(commands) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= COMMAND_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    _store_commands(cloud, given, commands)
    return True


async def get_my_commands(cloud: Cloud, given: Parameters) -> list[Json]:
    """getMyCommands."""
    return cloud.profile.commands(given.mapping("scope"), given.text("language_code"))


async def delete_my_commands(cloud: Cloud, given: Parameters) -> bool:
    """deleteMyCommands."""
    _store_commands(cloud, given, [])
    return True


async def get_my_name(cloud: Cloud, given: Parameters) -> Json:
    """getMyName."""
    return {"name": cloud.profile.words("name", given.text("language_code"))}


async def set_my_name(cloud: Cloud, given: Parameters) -> bool:
    """setMyName."""
    return _set_words(cloud, given, "name")


async def get_my_description(cloud: Cloud, given: Parameters) -> Json:
    """getMyDescription."""
    return {"description": cloud.profile.words("description", given.text("language_code"))}


async def set_my_description(cloud: Cloud, given: Parameters) -> bool:
    """setMyDescription."""
    return _set_words(cloud, given, "description")


async def get_my_short_description(cloud: Cloud, given: Parameters) -> Json:
    """getMyShortDescription."""
    return {"short_description": cloud.profile.words("short_description", given.text("language_code"))}


async def set_my_short_description(cloud: Cloud, given: Parameters) -> bool:
    """setMyShortDescription."""
    return _set_words(cloud, given, "short_description")


def _store_commands(cloud: Cloud, given: Parameters, commands: list[Json]) -> None:
    cloud.profile.set_commands(given.mapping("scope"), given.text("language_code"), commands)
    cloud.feed.tell_all({"type": "profile"})


def _set_words(cloud: Cloud, given: Parameters, kind: Words) -> bool:
    text = given.text(kind)
    if len(text) > LONGEST[kind]:
        raise bad_request(f"BOT_{kind.upper()}_TOO_LONG")
    cloud.profile.set_words(kind, given.text("language_code"), text)
    cloud.feed.tell_all({"type": "profile"})
    return True
