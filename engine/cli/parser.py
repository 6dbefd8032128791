"""The argument parser of the command line, and the settings that its arguments override."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli import evaluation, indexing, queries, training
from engine.cli.command import Command, program_name
from engine.settings import EngineSettings

DESCRIPTION = "The engine on the command line. Answers go to standard output, all else to standard error."


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; the chosen one is `args.command`."""
    parser = argparse.ArgumentParser(
        program_name("kindred-engine", "python -m engine"), description=DESCRIPTION
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, *aliases: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, aliases=aliases, help=command.__doc__, description=command.__doc__)
        sub.set_defaults(command=command)
        sub.add_argument("--json", action="store_true", help="print JSON")
        sub.add_argument("--flickr8k", type=Path, metavar="DIR", help="Flickr8K's folder (FLICKR8K_DIR)")
        sub.add_argument(
            "--artifact", type=Path, metavar="DIR", help="the network's folder (KINDRED_ARTIFACT)"
        )
        return sub

    for module in (queries, indexing, training, evaluation):
        module.add_commands(add)
    return parser


def settings_from(args: argparse.Namespace) -> EngineSettings:
    """Return the environment's settings, overridden by the command line.

    Raises:
        pydantic.ValidationError: a setting is invalid.
    """
    overrides = {name: getattr(args, name, None) for name in ("flickr8k", "gallery", "artifact", "wild")}
    overrides["gallery"] = getattr(args, "folder", None) or overrides["gallery"]
    return EngineSettings(**{name: value for name, value in overrides.items() if value is not None})
