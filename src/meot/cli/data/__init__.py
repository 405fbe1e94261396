"""``meot data``: bring photos and labels into one table, look at them, mend them. Needs the train extra."""

from __future__ import annotations

import click

from meot.cli.lazy import LazyGroup

COMMANDS = {
    "get": ("get", "Download a public data set, with its licence, checksum and resume."),
    "collect": ("collect", "Gather photos from web pages that allow it (needs the collect extra)."),
    "import": ("import_", "Turn a data set of any known format into a table."),
    "export": ("export", "Write a table in another format."),
    "check": ("check", "Find what is wrong with a table before a training does."),
    "stats": ("stats", "Count classes, imbalance, box sizes, near-duplicates and leaks."),
    "split": ("split", "Split into training, validation and test by groups."),
    "balance": ("balance", "Oversample the poorest classes by random crops and rotations."),
    "view": ("view", "Draw photos with their boxes, masks and labels."),
}


@click.command(
    cls=LazyGroup,
    modules={name: f"meot.cli.data.{module}" for name, (module, _) in COMMANDS.items()},
    texts={name: text for name, (_, text) in COMMANDS.items()},
    help="Bring photos and labels into one table, and work on it (needs the train extra).",
)
def command() -> None:
    """Group of the data commands."""
