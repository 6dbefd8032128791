"""`python -m bot demo` or `python -m bot run`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from telegram.error import InvalidToken, TelegramError

from bot import logs
from bot.settings import Settings, SettingsError, unknown_variables
from engine.errors import BrokenInstallation
from handlers.store import StoreError

DONE, FAILED, MISUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; every foreseeable failure is one line on stderr."""
    command = _parser().parse_args(arguments).command
    try:
        settings = Settings.from_environment()
        logs.set_up(settings.log_level)
        for name in unknown_variables():
            _complain(f"{name}: there is no such setting; it is ignored.")
        asyncio.run(_work(command, settings))
    except KeyboardInterrupt:
        return DONE
    except SettingsError as error:
        return _complain(str(error), MISUSED)
    except (BrokenInstallation, StoreError) as error:
        return _complain(str(error))
    except InvalidToken:  # its text holds the token
        return _complain("KINDRED_TOKEN: Telegram does not know this token. @BotFather shows the right one.")
    except TelegramError as error:
        return _complain(f"Telegram cannot be reached at {settings.base_url}: {error}")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Kindred, a Telegram bot.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="run the bot in the browser; needs no token and no internet")
    commands.add_parser("run", help="run the bot on Telegram; needs KINDRED_TOKEN")
    return parser


def _work(command: str, settings: Settings) -> Coroutine[Any, Any, None]:
    if command == "demo":
        from bot.demo import demo
        from engine.galleries import fetch_flickr8k

        say = partial(print, flush=True)
        if missing := fetch_flickr8k(settings):  # before the loop turns: Ctrl-C skips it
            say(missing)
        return demo(settings, say)
    from bot.run import run

    return run(settings)


def _complain(sentence: str, status: int = FAILED) -> int:
    for line in sentence.splitlines():
        print(f"kindred: {logs.redact(line)}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
