"""The one reader of the environment of the bot's process."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic.config import JsonDict

from engine.settings import PREFIX, Address, EngineSettings, mistakes, variable

TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
# Groups of the reference; what is in none is about the process.
TELEGRAM: JsonDict = {"group": "Telegram"}
WEB: JsonDict = {"group": "Web"}
PLAYGROUND: JsonDict = {"group": "Playground"}


class SettingsError(Exception):
    """The host can mend the environment; `str(error)` has one line for each mistake."""


class Settings(EngineSettings):
    """Frozen settings of the bot; every field is an environment variable, empty means unset."""

    token: SecretStr | None = Field(
        default=None, json_schema_extra=TELEGRAM, description="The bot's token, from @BotFather."
    )
    token_file: Path | None = Field(
        default=None, json_schema_extra=TELEGRAM, description="A file that holds the token instead."
    )
    base_url: Address = Field(
        default="https://api.telegram.org/bot",
        json_schema_extra=TELEGRAM,
        description="Address of the Bot API; the token follows it.",
    )
    base_file_url: Address = Field(
        default="https://api.telegram.org/file/bot",
        json_schema_extra=TELEGRAM,
        description="Address of the Bot API's files; the token follows it.",
    )
    playground_port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        json_schema_extra=PLAYGROUND,
        description="Port of the demo's page; a free one if it is taken.",
    )
    concurrency: int = Field(default=64, ge=1, le=1024, description="Updates handled at once.")
    grace: float = Field(
        default=20.0, gt=0, allow_inf_nan=False, description="Seconds answers get when the bot stops."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="From which level on the log is written."
    )

    @classmethod
    def from_environment(cls) -> Self:
        """Read and check the environment.

        Raises:
            SettingsError: names every variable that is wrong, one line each.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("\n".join(mistakes(error, cls))) from None

    def read_token(self) -> str:
        """Give the token, from the variable or from the file.

        Raises:
            SettingsError: neither or both are set, or the file cannot be read, or that is no token.
        """
        if self.token and self.token_file:
            raise SettingsError("KINDRED_TOKEN and KINDRED_TOKEN_FILE: set one of the two, not both.")
        if self.token:
            return _checked(self.token.get_secret_value().strip())
        if self.token_file is None:
            raise SettingsError(
                "KINDRED_TOKEN: not set. Write to @BotFather on Telegram, send /newbot, and put the token "
                "it gives you into KINDRED_TOKEN. To try Kindred without one: python -m bot demo"
            )
        try:
            token = self.token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a text file"
            raise SettingsError(f"KINDRED_TOKEN_FILE: cannot read {self.token_file}: {reason}.") from None
        if not token:
            raise SettingsError(f"KINDRED_TOKEN_FILE: {self.token_file} is empty.")
        return _checked(token)


def _checked(token: str) -> str:
    """Refuse what is no token: put into an address, it would break that, and be shown by the error."""
    if not TOKEN.fullmatch(token):
        raise SettingsError(
            "KINDRED_TOKEN: this is not the whole token, or more than that. @BotFather shows it: a number, "
            "a colon, then letters, digits, - and _."
        )
    return token


def misspelt(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Say of each variable that looks like ours and is not which one may be meant, a sentence each."""
    names = [variable(name, Settings) for name in Settings.model_fields]
    known = {name.removeprefix(PREFIX): name for name in names}  # the beginning is alike in all
    said = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in names:
            near = difflib.get_close_matches(name.removeprefix(PREFIX), known, n=1)
            hint = f" Did you mean {known[near[0]]}?" if near else ""
            said.append(f"{name}: there is no such setting; it is ignored.{hint}")
    return tuple(said)
