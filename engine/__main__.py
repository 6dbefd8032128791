"""The entry point of `python -m engine`: runs one command and prints its answer."""

from __future__ import annotations

import logging
import sys
from io import TextIOWrapper

from pydantic import ValidationError

from engine.cli.command import Command
from engine.cli.output import to_error_line, to_json, to_text
from engine.cli.parser import build_parser, settings_from
from engine.errors import EngineError
from engine.settings import validation_messages

FAILED, INTERRUPTED = 1, 130  # the second is what a shell reports for a command ended by Ctrl-C


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 if it succeeded, 1 after one line on standard error if it failed."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack letters that names have
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    args = build_parser().parse_args(arguments)
    command: Command = args.command
    try:
        answer = command(settings_from(args), args)
    except ValidationError as error:
        return _fail("\n".join(validation_messages(error)))
    except EngineError as error:
        return _fail(to_error_line(error))
    except ModuleNotFoundError as error:
        return _fail(f"{error.name} is not installed. Install what training needs: pip install '.[train]'")
    except KeyboardInterrupt:
        print("Stopped. What is indexed is kept; the same command goes on from there.", file=sys.stderr)
        return INTERRUPTED
    print(to_json(answer) if args.json else to_text(answer))
    return 0


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
