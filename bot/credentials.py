"""Secrets among the settings: read from their variable or file, checked, and redacted in logs."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from bot import logs
from engine import database

WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # https://core.telegram.org/bots/api#setwebhook
TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
MIN_KEY_LENGTH = 16  # characters: a shorter key is soon guessed


class SettingsError(Exception):
    """The environment is wrong; `str(error)` has one line for the operator for each mistake."""


def read(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    """Return a secret from its variable or its file, redacted in logs from now on; None if in neither."""
    try:
        secret = database.read_secret(name, value, file)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    if secret:
        logs.conceal(secret, name)
    return secret


def check_database_url(url: str) -> str:
    """Return an address of a PostgreSQL database; its password is redacted in logs from now on."""
    try:
        database.check_address(url)
        password = unquote(urlsplit(url).password or "")
    except ValueError as error:
        raise SettingsError(str(error)) from None
    logs.conceal(password, database.VARIABLE)
    return url


def check_token(token: str) -> str:
    """Return a well-formed token; another would break the URLs it is part of, and show in their errors."""
    if not TOKEN.fullmatch(token):
        raise SettingsError(
            "KINDRED_TOKEN: this is not the whole token, or more than that. @BotFather shows it: a number, "
            "a colon, then letters, digits, - and _."
        )
    return token


def check_web_key(key: str) -> str:
    """Return a key of the HTTP API that is long enough."""
    if len(key) < MIN_KEY_LENGTH:
        raise SettingsError(
            f"KINDRED_WEB_KEY: a key of fewer than {MIN_KEY_LENGTH} characters is soon guessed. "
            "Set a long random key, such as `openssl rand -hex 32` makes."
        )
    return key


def check_webhook_secret(secret: str) -> str:
    """Return a secret that Telegram takes."""
    if not WEBHOOK_SECRET.fullmatch(secret):
        raise SettingsError("KINDRED_WEBHOOK_SECRET: Telegram takes 1 to 256 letters, digits, _ and - only.")
    return secret
