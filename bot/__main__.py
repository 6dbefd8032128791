"""`python -m bot demo`, `run`, `check` or `settings`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from telegram.error import InvalidToken, TelegramError

from bot import logs
from bot.settings import Settings, SettingsError, misspelt
from bot.storage.database import StoreError
from engine.errors import BrokenInstallationError

DONE, FAILED, MISUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; every foreseeable failure is one line on stderr."""
    said = _parser().parse_args(arguments)
    try:
        return REPORTS[said.command]() if said.command in REPORTS else _serve(said)
    except KeyboardInterrupt:
        return DONE


def _serve(said: argparse.Namespace) -> int:
    try:
        settings = Settings.from_environment()
        logs.set_up(settings.log_level)
        for sentence in misspelt():
            _complain(sentence)
        asyncio.run(_work(said, settings))
    except SettingsError as error:
        return _complain(str(error), MISUSED)
    except (BrokenInstallationError, StoreError) as error:
        return _complain(str(error))
    except InvalidToken:  # its text holds the token
        return _complain("KINDRED_TOKEN: Telegram does not know this token. @BotFather shows the right one.")
    except TelegramError as error:
        return _complain(f"Telegram cannot be reached at {settings.base_url}: {error}")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Kindred, a Telegram bot.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="run the bot in the browser; needs no token and no internet")
    demo.add_argument(
        "--open-to-others",
        action="store_true",
        help="mean it that KINDRED_PLAYGROUND_HOST is reached by others",
    )
    commands.add_parser("run", help="run the bot on Telegram; needs KINDRED_TOKEN")
    commands.add_parser("check", help="tell what is right and what is wrong with this installation")
    commands.add_parser("settings", help="print what can be set, as docs/SETTINGS.md has it")
    return parser


def _check() -> int:
    from bot.check import Mark, check

    logs.set_up("ERROR")  # what is wrong stands in the report
    status = DONE
    for finding in check():
        print(logs.redact(" ".join(str(finding).split())), flush=True)
        if finding.mark is Mark.WRONG:
            status = FAILED
    return status


def _settings() -> int:
    from bot.settings_reference import reference

    print(reference())
    return DONE


REPORTS = {"check": _check, "settings": _settings}  # they need no settings that are right


def _work(said: argparse.Namespace, settings: Settings) -> Coroutine[Any, Any, None]:
    if said.command == "demo":
        from bot.demo import demo
        from engine.search.galleries import fetch_flickr8k

        say = partial(print, flush=True)
        host = settings.read_playground_host(open_to_others=said.open_to_others)
        if missing := fetch_flickr8k(settings):  # before the loop turns: Ctrl-C skips it
            say(missing)
        return demo(settings, host, say)
    from bot.run import run

    return run(settings)


def _complain(sentence: str, status: int = FAILED) -> int:
    for line in sentence.splitlines():
        print(f"kindred: {logs.redact(line)}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
