"""Secrets among the settings: read from their variable or file, checked, and redacted in logs."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from bot import logs

WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # https://core.telegram.org/bots/api#setwebhook
TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
MIN_KEY_LENGTH = 16  # characters: a shorter key is soon guessed
BLANK = "\ufeff \t\r\n\v\f"  # around a secret; editors on Windows put a byte-order mark before a text


class SettingsError(Exception):
    """The environment is wrong; `str(error)` has one line for the operator for each mistake."""


def read(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    """Return a secret from its variable or its file, redacted in logs from now on; None if in neither."""
    secret = _read_secret(name, value, file)
    if secret:
        logs.conceal(secret, name)
    return secret


def _read_secret(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    if value and file:
        raise SettingsError(f"{name} and {name}_FILE: set one of the two, not both.")
    if value:
        return _not_blank(value.get_secret_value(), f"{name} is empty.")
    if file is None:
        return None
    try:
        return _not_blank(file.read_text(encoding="utf-8"), f"{name}_FILE: {file} is empty.")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text. Save it as UTF-8"
        raise SettingsError(f"{name}_FILE: cannot read {file}: {reason}.") from None


def _not_blank(secret: str, complaint: str) -> str:
    if not (bare := secret.strip(BLANK)):
        raise SettingsError(complaint)
    return bare


def check_database_url(url: str) -> str:
    """Return an address of a PostgreSQL database; its password is redacted in logs from now on."""
    try:
        parts = urlsplit(url)
        password = unquote(parts.password or "")
    except ValueError:
        parts, password = urlsplit(""), ""
    if parts.scheme not in {"postgresql", "postgres"}:
        raise SettingsError(
            "KINDRED_DATABASE_URL: this is no address of a PostgreSQL database. One begins with "
            "postgresql://, such as postgresql://USER:PASSWORD@HOST/NAME. For SQLite, leave it unset."
        )
    logs.conceal(password, "KINDRED_DATABASE_URL")
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
