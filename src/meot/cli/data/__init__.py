"""``meot data``: bring photos and labels into one table, look at them, mend them. Needs the train extra."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "get": ("get", "Download a public data set, with its licence, checksum and resume."),
    "import": ("import_", "Turn a data set of any known format into a table."),
    "export": ("export", "Write a table in another format."),
    "check": ("check", "Find what is wrong with a table before a training does."),
    "stats": ("stats", "Count classes, imbalance, box sizes, near-duplicates and leaks."),
    "split": ("split", "Split into training, validation and test by groups."),
    "balance": ("balance", "Oversample the poorest classes by random crops and rotations."),
    "view": ("view", "Draw photos with their boxes, masks and labels."),
}


class _Lazy(click.Group):
    """Knows its commands by name and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"meot.cli.data.{COMMANDS[cmd_name][0]}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=_Lazy, help="Bring photos and labels into one table, and work on it (needs the train extra).")
def command() -> None:
    """Group of the data commands."""
