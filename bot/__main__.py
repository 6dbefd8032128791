"""Command line: `python -m bot demo`, `run`, `check`, `move`, `settings` or `api`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine, Sequence
from typing import Any

from telegram.error import InvalidToken, TelegramError

from bot import logs
from bot.contradictions import tight_limits
from bot.credentials import SettingsError
from bot.settings import Settings, unknown_variables
from bot.storage.database import StoreError
from engine.cli.command import program_name
from engine.cli.standard_output import OutputError, parse, print_line
from engine.database import NO_PSYCOPG
from engine.errors import BrokenInstallationError
from handlers.store import StoreUnavailableError

OK, FAILURE, USAGE_ERROR = 0, 1, 2  # exit statuses


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; report every foreseeable failure as one line on stderr.

    Returns:
        The exit status.
    """
    try:
        arguments = parse(_parser(), argv)
        if arguments.command in REPORTS:
            return REPORTS[arguments.command]()
        return _serve(arguments)
    except KeyboardInterrupt:
        return OK
    except OutputError as error:
        return _print_error(str(error))


def _serve(arguments: argparse.Namespace) -> int:
    try:
        settings = Settings.from_environment()
        logs.set_up(settings.log_level)
        for warning in (*unknown_variables(), *tight_limits(settings)):
            _print_error(warning)
        asyncio.run(_server(arguments, settings))
    except SettingsError as error:
        return _print_error(str(error), USAGE_ERROR)
    except (BrokenInstallationError, StoreError, StoreUnavailableError) as error:
        return _print_error(str(error))
    except InvalidToken:  # its text holds the token
        return _print_error(
            "KINDRED_TOKEN: Telegram does not know this token. @BotFather shows the right one."
        )
    except TelegramError as error:
        return _print_error(f"Telegram cannot be reached at {settings.base_url}: {error}")
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program_name("kindred", "python -m bot"), description="Kindred, a Telegram bot."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="run the bot in the browser; needs no token and no internet")
    demo.add_argument(
        "--open-to-others",
        action="store_true",
        help="mean it that KINDRED_PLAYGROUND_HOST is reached by others",
    )
    commands.add_parser("run", help="run the bot on Telegram; needs KINDRED_TOKEN")
    commands.add_parser("check", help="tell what is right and what is wrong with this installation")
    move = commands.add_parser("move", help="move what the bot keeps to another database")
    move.add_argument("target", choices=["postgresql", "sqlite"], help="where to")
    commands.add_parser("settings", help="print what can be set, as docs/SETTINGS.md has it")
    commands.add_parser("api", help="print the reference of the HTTP API, as docs/API.md has it")
    return parser


def _check() -> int:
    from bot.check import check
    from bot.finding import Mark

    logs.set_up("ERROR")  # the report says what is wrong
    status = OK
    for finding in check():
        print_line(logs.redact(" ".join(str(finding).split())))
        if finding.mark is Mark.WRONG:
            status = FAILURE
    return status


def _settings() -> int:
    from bot.settings_reference import settings_reference

    print_line(settings_reference())
    return OK


def _api() -> int:
    from bot.web.reference import api_reference

    print_line(api_reference())
    return OK


REPORTS = {"check": _check, "settings": _settings, "api": _api}  # they work with invalid settings, too


def _server(arguments: argparse.Namespace, settings: Settings) -> Coroutine[Any, Any, None]:
    if arguments.command == "demo":
        from bot.demo import demo

        host = settings.read_playground_host(open_to_others=arguments.open_to_others)
        return demo(settings, host, print_line)
    if arguments.command == "move":
        return _move(settings, to_postgres=arguments.target == "postgresql")
    from bot.run import run

    return run(settings)


async def _move(settings: Settings, *, to_postgres: bool) -> None:
    url, token = settings.read_database_url(), settings.read_token()
    if url is None:
        raise SettingsError("KINDRED_DATABASE_URL: not set. It names the database to move to, or from.")
    try:
        from bot.storage.move import move
    except ImportError as error:
        raise StoreError(NO_PSYCOPG) from error
    print_line(await move(settings, url, token, to_postgres=to_postgres))


def _print_error(message: str, status: int = FAILURE) -> int:
    for line in message.splitlines():
        print(f"kindred: {logs.redact(line)}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
