"""Settings of the bot, read from environment variables; nothing else reads them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from ipaddress import ip_address
from secrets import token_urlsafe
from typing import Annotated, Any, Literal, Self

from pydantic import Field, IPvAnyNetwork, SecretStr, ValidationError, field_validator, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from bot import credentials, logs
from bot.contradictions import contradictions
from bot.credentials import SettingsError
from engine.settings import (
    PREFIX,
    EngineSettings,
    UserPath,
    WebAddress,
    validation_messages,
    variable_name,
)

# Groups in docs/SETTINGS.md; fields without one are in "Operation".
TELEGRAM: JsonDict = {"group": "Telegram"}
WEB: JsonDict = {"group": "Web"}
PLAYGROUND: JsonDict = {"group": "Playground"}


class Settings(EngineSettings):
    """Frozen settings of the bot; every field is an environment variable, empty means unset."""

    token: SecretStr | None = Field(
        default=None, json_schema_extra=TELEGRAM, description="The bot's token, from @BotFather."
    )
    token_file: UserPath | None = Field(
        default=None, json_schema_extra=TELEGRAM, description="A file that holds the token instead."
    )
    base_url: WebAddress = Field(
        default="https://api.telegram.org/bot",
        json_schema_extra=TELEGRAM,
        description="Address of the Bot API; the token follows it.",
    )
    base_file_url: WebAddress = Field(
        default="https://api.telegram.org/file/bot",
        json_schema_extra=TELEGRAM,
        description="Address of the Bot API's files; the token follows it. Unset, it is that of a "
        "KINDRED_BASE_URL that ends with /bot, with /file/bot.",
    )
    playground_port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        json_schema_extra=PLAYGROUND,
        description="Port of the demo's page; another free port if it is taken.",
    )
    playground_host: str = Field(
        default="127.0.0.1",
        json_schema_extra=PLAYGROUND,
        description="Address the demo's page is bound to; one others can reach needs --open-to-others.",
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
        description="Key of the HTTP API, of 16 characters or more; required if the web front is on.",
    )
    web_key_file: UserPath | None = Field(
        default=None, json_schema_extra=WEB, description="A file that holds the key instead."
    )
    web_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        default=(),
        json_schema_extra=WEB,
        description="Addresses or networks of the proxies whose X-Forwarded-For is trusted, separated by "
        "commas; clients behind them have rate limits of their own.",
    )
    webhook_url: WebAddress | None = Field(
        default=None,
        json_schema_extra=TELEGRAM,
        description="Public address of the bot's webhook; unset: the bot uses long polling.",
    )
    webhook_port: int = Field(
        default=8443, ge=1, le=65535, json_schema_extra=TELEGRAM, description="Port the webhook listens on."
    )
    webhook_host: str = Field(
        default="127.0.0.1", json_schema_extra=TELEGRAM, description="Address the webhook is bound to."
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        json_schema_extra=TELEGRAM,
        description="Secret that authenticates Telegram: letters, digits, _, -; random if unset.",
    )
    webhook_secret_file: UserPath | None = Field(
        default=None, json_schema_extra=TELEGRAM, description="A file that holds the secret instead."
    )
    concurrency: int = Field(default=64, ge=1, le=1024, description="Chats answered at once.")
    burst: int = Field(
        default=1,
        ge=1,
        json_schema_extra=TELEGRAM,
        description="Messages a chat may get at once, and again after as many seconds. With 2, an album "
        "follows its text without a second between them, which Telegram may or may not accept.",
    )
    admins: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset(),
        json_schema_extra=TELEGRAM,
        description="Ids of the users who may send /stats, separated by commas.",
    )
    allow: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset(),
        json_schema_extra=TELEGRAM,
        description="Ids of the users and chats that are answered, separated by commas; unset: all.",
    )
    deny: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset(),
        json_schema_extra=TELEGRAM,
        description="Ids of the users and chats that are not answered, separated by commas.",
    )
    quota: int | None = Field(
        default=None,
        ge=1,
        json_schema_extra=TELEGRAM,
        description="Photos of one user that are answered in an hour; unset: no limit.",
    )
    storage_chat: int | None = Field(
        default=None,
        json_schema_extra=TELEGRAM,
        description="Id of a chat that stores the photos inline mode shows; the bot has to be in it.",
    )
    grace: float = Field(
        default=20.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds that running answers get when the bot stops.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Lowest level that is logged."
    )

    @model_validator(mode="before")
    @classmethod
    def _derive_file_url(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Take the files from the same server as the methods, unless their address is named, too."""
        base_url = values.get("base_url")
        if isinstance(base_url, str) and base_url.endswith("/bot") and "base_file_url" not in values:
            return values | {"base_file_url": f"{base_url.removesuffix('bot')}file/bot"}
        return values

    @field_validator("admins", "allow", "deny", "web_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:  # noqa: ANN401 - pydantic checks it afterwards
        if not isinstance(value, str):
            return value
        items = [part.strip() for part in value.split(",") if part.strip()]
        if not items:  # an empty list allows everybody: too much to read into a stray comma
            raise PydanticCustomError(
                "list", "This names nobody. Separate several by commas, or leave the variable unset"
            )
        return items

    @classmethod
    def from_environment(cls) -> Self:
        """Read and check the environment.

        Raises:
            SettingsError: Some variables are wrong; it names each on a line.
        """
        try:
            settings = cls()
        except ValidationError as error:
            raise SettingsError("\n".join(validation_messages(error, cls))) from None
        if lines := [*contradictions(settings)]:
            raise SettingsError("\n".join(lines))
        return settings

    def read_token(self) -> str:
        """Return the bot's token, from its variable or its file.

        Raises:
            SettingsError: Neither or both are set, the file cannot be read, or the value is not a token.
        """
        token = credentials.read("KINDRED_TOKEN", self.token, self.token_file)
        if token is None:
            raise SettingsError(
                "KINDRED_TOKEN: not set. Write to @BotFather on Telegram, send /newbot, and put the token "
                "it gives you into KINDRED_TOKEN. To try Kindred without one: python -m bot demo"
            )
        return credentials.check_token(token)

    def read_web_key(self) -> str | None:
        """Return the key of the HTTP API, from its variable or its file; None if there is none.

        Raises:
            SettingsError: Both are set, the file cannot be read or is empty, the key is short, or the web
                front is on without one.
        """
        key = credentials.read("KINDRED_WEB_KEY", self.web_key, self.web_key_file)
        if key is None and self.web_port:  # on loopback, too: behind a proxy, every client is local
            raise SettingsError(
                "KINDRED_WEB_KEY: not set, and the web front is on (KINDRED_WEB_PORT). "
                "Set a long random key, such as `openssl rand -hex 32` makes."
            )
        return None if key is None else credentials.check_web_key(key)

    def read_database_url(self) -> str | None:
        """Return the address of the shared database, from its variable or its file; None if there is none.

        Raises:
            SettingsError: Both are set, the file cannot be read or is empty, or it is no such address.
        """
        url = credentials.read("KINDRED_DATABASE_URL", self.database_url, self.database_url_file)
        return None if url is None else credentials.check_database_url(url)

    def read_playground_host(self, *, open_to_others: bool) -> str:
        """Return the address that the playground is bound to.

        Args:
            open_to_others: Whether the command line confirms that other machines may reach it.

        Raises:
            SettingsError: Other machines could reach the address, and the command line does not confirm it.
        """
        if not (open_to_others or _is_loopback(self.playground_host)):
            raise SettingsError(
                f"KINDRED_PLAYGROUND_HOST: others could reach {self.playground_host}, and speak for "
                "everybody in the playground. To mean it, say it twice: python -m bot demo --open-to-others"
            )
        return self.playground_host

    def read_webhook_secret(self) -> str:
        """Return the webhook's secret, from its variable or its file; a random one if there is none.

        Raises:
            SettingsError: Both are set, the file cannot be read, or Telegram would refuse the secret.
        """
        secret = credentials.read("KINDRED_WEBHOOK_SECRET", self.webhook_secret, self.webhook_secret_file)
        if secret is None:
            logs.conceal(secret := token_urlsafe(32), "KINDRED_WEBHOOK_SECRET")
        return credentials.check_webhook_secret(secret)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def unknown_variables(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return a warning for each variable with our prefix that is no setting, with the closest setting."""
    names = [variable_name(name, Settings) for name in Settings.model_fields]
    by_suffix = {name.removeprefix(PREFIX): name for name in names}  # the prefix would make all of them close
    warnings = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in names:
            closest = difflib.get_close_matches(name.removeprefix(PREFIX), by_suffix, n=1)
            hint = f" Did you mean {by_suffix[closest[0]]}?" if closest else ""
            warnings.append(f"{name}: there is no such setting; it is ignored.{hint}")
    return tuple(warnings)
