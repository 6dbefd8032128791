"""The entry point of `python -m engine`: runs one command and prints its answer."""

from __future__ import annotations

import argparse
import logging
import sys
from io import TextIOWrapper

from pydantic import ValidationError

from engine.cli.command import Command
from engine.cli.files import check_files
from engine.cli.output import to_error_line, to_json, to_json_line, to_text
from engine.cli.parser import build_parser, settings_from
from engine.cli.standard_output import OutputError, parse, print_line
from engine.errors import EngineError
from engine.settings import validation_messages

FAILED, INTERRUPTED = 1, 130  # the second is what a shell reports for a command ended by Ctrl-C


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 if it succeeded, 1 after one line on standard error if it failed."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack letters that names have
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        args = parse(build_parser(), arguments)
        try:
            return _run(args)
        except KeyboardInterrupt:
            print("Stopped. What is indexed is kept; the same command goes on from there.", file=sys.stderr)
            return INTERRUPTED
    except OutputError as error:
        return _fail(str(error))


def _run(args: argparse.Namespace) -> int:
    command: Command = args.command
    try:
        settings = settings_from(args)
        check_files(args)
        answer = command(settings, args)
    except ValidationError as error:
        return _fail("\n".join(validation_messages(error)), as_json=args.json)
    except EngineError as error:
        return _fail(to_error_line(error), as_json=args.json)
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed. Install what training needs: pip install '.[train]'"
        return _fail(message, as_json=args.json)
    except (OSError, UnicodeError) as error:
        return _fail(" ".join(str(error).split()), as_json=args.json)
    print_line(to_json(answer) if args.json else to_text(answer))
    return 0


def _fail(message: str, *, as_json: bool = False) -> int:
    if message:
        print(to_json_line({"error": message}) if as_json else message, file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
