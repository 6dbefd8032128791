"""Methods about the bot itself: its account, its command menus, its files."""

from __future__ import annotations

import re

from bot.playground.state import State
from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.limits import COMMAND_DESCRIPTION, COMMANDS, DOWNLOAD_BYTES
from bot.playground.telegram.parameters import Json, Parameters

COMMAND = re.compile(r"[a-z0-9_]{1,32}")


async def get_me(state: State, _: Parameters) -> Json:
    """Handle `getMe`: return the account, with the abilities that only this method reports."""
    abilities = (
        "can_join_groups", "can_read_all_group_messages", "supports_guest_queries",
        "supports_inline_queries", "can_connect_to_business", "has_main_web_app",
        "has_topics_enabled", "allows_users_to_create_topics", "can_manage_bots",
    )  # fmt: skip
    enabled = {"can_join_groups": True, "supports_inline_queries": True}
    return state.profile.user | dict.fromkeys(abilities, False) | enabled


async def get_user_profile_photos(state: State, _: Parameters) -> Json:
    """Handle `getUserProfilePhotos`: only the bot itself may have a picture."""
    photos = [state.profile.photo] if state.profile.photo else []
    return {"total_count": len(photos), "photos": photos}


async def get_file(state: State, parameters: Parameters) -> Json:
    """Handle `getFile`: check that the id is valid and that the file is at most 20 MB."""
    file = state.files.valid(parameters.text("file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    ids = {"file_id": file.file_id, "file_unique_id": file.unique_id}
    return ids | {"file_size": len(file.content), "file_path": file.path}


async def set_my_commands(state: State, parameters: Parameters) -> bool:
    """Handle `setMyCommands`: check the number of commands, their names and their descriptions."""
    commands = parameters.objects("commands")
    if len(commands) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= COMMAND_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    state.profile.set_commands(parameters.mapping("scope"), parameters.text("language_code"), commands)
    state.events.publish_everywhere({"type": "profile"})
    return True


async def get_my_commands(state: State, parameters: Parameters) -> list[Json]:
    """Handle `getMyCommands`: return the commands of exactly this scope and language."""
    return state.profile.commands(parameters.mapping("scope"), parameters.text("language_code"))
