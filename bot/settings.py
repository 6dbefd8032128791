"""The one reader of the environment of the bot's process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from engine.settings import EngineSettings

PREFIX = "KINDRED_"


class SettingsError(Exception):
    """The host can mend the environment; `str(error)` has one line for each mistake."""


class Settings(EngineSettings):
    """Frozen settings of the bot; every field is an environment variable, empty means unset."""

    model_config = SettingsConfigDict(env_ignore_empty=True, hide_input_in_errors=True)

    token: SecretStr | None = Field(default=None, description="The bot's token, from @BotFather.")
    token_file: Path | None = Field(default=None, description="A file that holds the token instead.")
    base_url: str = Field(
        default="https://api.telegram.org/bot",
        pattern="^https?://",
        description="Address of the Bot API; the token follows it.",
    )
    base_file_url: str = Field(
        default="https://api.telegram.org/file/bot",
        pattern="^https?://",
        description="Address of the Bot API's files; the token follows it.",
    )
    playground_port: int = Field(
        default=8080, ge=0, le=65535, description="Port of the demo's page; a free one if it is taken."
    )
    concurrency: int = Field(default=64, ge=1, le=1024, description="Updates handled at once.")
    admins: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset(), description="Ids of those who may ask for /stats, separated by commas."
    )
    storage_chat: int | None = Field(
        default=None, description="Id of a chat that keeps the photos inline mode shows; the bot is in it."
    )
    grace: float = Field(default=20.0, gt=0, description="Seconds answers get when the bot stops.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="From which level on the log is written."
    )

    @field_validator("admins", mode="before")
    @classmethod
    def _separate(cls, given: Any) -> Any:  # noqa: ANN401 - whatever the environment holds
        return [one for one in given.split(",") if one.strip()] if isinstance(given, str) else given

    @classmethod
    def from_environment(cls) -> Self:
        """Read and check the environment.

        Raises:
            SettingsError: names every variable that is wrong, one line each.
        """
        try:
            return cls()
        except ValidationError as error:
            lines = (f"{_variable(problem['loc'])}: {problem['msg']}" for problem in error.errors())
            raise SettingsError("\n".join(lines)) from None

    def read_token(self) -> str:
        """Give the token, from the variable or from the file.

        Raises:
            SettingsError: neither or both are set, or the file cannot be read or is empty.
        """
        if self.token and self.token_file:
            raise SettingsError("KINDRED_TOKEN and KINDRED_TOKEN_FILE: set one of the two, not both.")
        if self.token:
            return self.token.get_secret_value().strip()
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
        return token


def unknown_variables(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Name the variables that look like ours and are not: misspelt ones."""
    known = {_variable((name,)) for name in Settings.model_fields}
    return tuple(sorted(name for name in environment if name.startswith(PREFIX) and name not in known))


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else "settings"
    field = Settings.model_fields.get(name.lower().removeprefix(PREFIX.lower()))
    if field is not None and isinstance(field.validation_alias, str):
        return field.validation_alias
    return name if name.isupper() else f"{PREFIX}{name.upper()}"
