"""The command line of the engine: its commands, its parser, its output. `python -m engine` runs it."""
