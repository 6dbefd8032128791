"""The one reader of the environment of the bot's process."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.config import JsonDict
from pydantic_settings import NoDecode

from bot import logs
from engine.settings import PREFIX, Address, EngineSettings, mistakes, variable

WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # Telegram's rule
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
    playground_host: str = Field(
        default="127.0.0.1",
        json_schema_extra=PLAYGROUND,
        description="Address the demo's page is bound to; beyond this machine only with --open-to-others.",
    )
    web_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        json_schema_extra=WEB,
        description="Port of the web front: pages, HTTP API, health. 0 is off.",
    )
    web_host: str = Field(
        default="127.0.0.1", json_schema_extra=WEB, description="Address the web front is bound to."
    )
    web_key: SecretStr | None = Field(
        default=None,
        json_schema_extra=WEB,
        description="Key of the HTTP API; needed where the web front is on.",
    )
    web_key_file: Path | None = Field(
        default=None, json_schema_extra=WEB, description="A file that holds the key instead."
    )
    webhook_url: Address | None = Field(
        default=None,
        json_schema_extra=TELEGRAM,
        description="Address at which Telegram reaches the bot's webhook; unset: the bot asks for updates.",
    )
    webhook_port: int = Field(
        default=8443, ge=1, le=65535, json_schema_extra=TELEGRAM, description="Port the webhook listens at."
    )
    webhook_host: str = Field(
        default="127.0.0.1", json_schema_extra=TELEGRAM, description="Address the webhook is bound to."
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        json_schema_extra=TELEGRAM,
        description="Telegram proves itself by it: letters, digits, _, -; made up if unset.",
    )
    webhook_secret_file: Path | None = Field(
        default=None, json_schema_extra=TELEGRAM, description="A file that holds it instead."
    )
    concurrency: int = Field(default=64, ge=1, le=1024, description="Chats answered at once.")
    burst: int = Field(
        default=1,
        ge=1,
        json_schema_extra=TELEGRAM,
        description="Messages a chat may get at once, and again after so many seconds. With 2, an album "
        "follows its words without a second between: Telegram may let that pass, and may not.",
    )
    admins: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset(),
        json_schema_extra=TELEGRAM,
        description="Ids of those who may ask for /stats, separated by commas.",
    )
    allow: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset(),
        json_schema_extra=TELEGRAM,
        description="Ids of the people and chats that are answered, separated by commas; unset: everybody.",
    )
    deny: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset(),
        json_schema_extra=TELEGRAM,
        description="Ids of the people and chats that are not answered, separated by commas.",
    )
    quota: int | None = Field(
        default=None,
        ge=1,
        json_schema_extra=TELEGRAM,
        description="Photos that a person may have looked at in an hour; unset: as many as they like.",
    )
    storage_chat: int | None = Field(
        default=None,
        json_schema_extra=TELEGRAM,
        description="Id of a chat that keeps the photos inline mode shows; the bot is in it.",
    )
    grace: float = Field(
        default=20.0, gt=0, allow_inf_nan=False, description="Seconds answers get when the bot stops."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="From which level on the log is written."
    )

    @field_validator("admins", "allow", "deny", mode="before")
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
            raise SettingsError("\n".join(mistakes(error, cls))) from None

    def read_token(self) -> str:
        """Give the token, from the variable or from the file.

        Raises:
            SettingsError: neither or both are set, or the file cannot be read, or that is no token.
        """
        token = _secret("KINDRED_TOKEN", self.token, self.token_file)
        if token is None:
            raise SettingsError(
                "KINDRED_TOKEN: not set. Write to @BotFather on Telegram, send /newbot, and put the token "
                "it gives you into KINDRED_TOKEN. To try Kindred without one: python -m bot demo"
            )
        return _checked(token)

    def read_web_key(self) -> str | None:
        """Give the key of the HTTP API, from the variable or from the file; None where there is none.

        Raises:
            SettingsError: both are set, or the file cannot be read or is empty, or the web front is on and
                there is no key.
        """
        key = _secret("KINDRED_WEB_KEY", self.web_key, self.web_key_file)
        if key is None and self.web_port:  # on loopback, too: a proxy before it makes everybody local
            raise SettingsError(
                "KINDRED_WEB_KEY: not set, and the web front is on (KINDRED_WEB_PORT). "
                "Set a long random key, such as `openssl rand -hex 32` makes."
            )
        return key

    def read_playground_host(self, *, open_to_others: bool) -> str:
        """Give the address for the demo's page; `open_to_others`: the command line says so, too.

        Raises:
            SettingsError: others could reach it, and that was said only once.
        """
        if not (open_to_others or _is_loopback(self.playground_host)):
            raise SettingsError(
                f"KINDRED_PLAYGROUND_HOST: others could reach {self.playground_host}, and speak for "
                "everybody in the playground. To mean it, say it twice: python -m bot demo --open-to-others"
            )
        return self.playground_host

    def read_webhook_secret(self) -> str:
        """Give the webhook's secret, from the variable or from the file; a new one where there is none.

        Raises:
            SettingsError: both are set, the file cannot be read, or Telegram would not take the secret.
        """
        secret = _secret("KINDRED_WEBHOOK_SECRET", self.webhook_secret, self.webhook_secret_file)
        if secret is not None and not WEBHOOK_SECRET.fullmatch(secret):
            raise SettingsError(
                "KINDRED_WEBHOOK_SECRET: Telegram takes 1 to 256 letters, digits, _ and - only."
            )
        if secret is None:
            logs.conceal(secret := token_urlsafe(32), "KINDRED_WEBHOOK_SECRET")
        return secret


def _secret(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    """Read what may be given in a variable or in a file, and conceal it; None if it is in neither."""
    secret = _given(name, value, file)
    if secret:
        logs.conceal(secret, name)
    return secret


def _given(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    if value and file:
        raise SettingsError(f"{name} and {name}_FILE: set one of the two, not both.")
    if value:
        return _filled(value.get_secret_value(), f"{name} is empty.")
    if file is None:
        return None
    try:
        return _filled(file.read_text(encoding="utf-8"), f"{name}_FILE: {file} is empty.")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file"
        raise SettingsError(f"{name}_FILE: cannot read {file}: {reason}.") from None


def _filled(secret: str, otherwise: str) -> str:
    if not secret.strip():
        raise SettingsError(otherwise)
    return secret.strip()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
