"""``meot closet``: what a person owns, beside the looks they want."""

from __future__ import annotations

import click

from meot.cli.lazy import LazyGroup

COMMANDS = {
    "add": ("keep", "Add photos of what you own: laid out, on a hanger, or worn."),
    "show": ("keep", "Show the photos and garments of a closet."),
    "remove": ("keep", "Delete photos from a closet, copies and all."),
    "compare": ("compare", "See what of a look you own, what comes close, and what to buy."),
    "duplicates": ("sets", "Find garments so alike that one would do."),
    "looks": ("sets", "Rank looks by how much of them the closet can make already."),
    "unlock": ("sets", "Find the purchases that would complete most looks."),
    "not-alike": ("correct", "Say that an owned garment is not like one of a look; take it back with --undo."),
}


class _Group(LazyGroup):
    """Commands that share modules: each module names its own in ``COMMANDS``."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None when there is none."""
        if cmd_name not in self._modules:
            return None
        import importlib

        found: click.Command = importlib.import_module(self._modules[cmd_name]).COMMANDS[cmd_name]
        return found


@click.command(
    cls=_Group,
    modules={name: f"meot.cli.closet.{module}" for name, (module, _) in COMMANDS.items()},
    texts={name: text for name, (_, text) in COMMANDS.items()},
    help="Keep what you own, and see what of a look you have and what to buy.",
)
def command() -> None:
    """Group of the closet commands."""
