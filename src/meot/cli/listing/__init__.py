"""``meot list``: photos of products come back as drafts that a shop can import."""

from __future__ import annotations

import click

from meot.cli.listing import drafting, mending


class _PhotosFirst(click.Group):
    """A group whose first command is meant where none is named: ``meot list photos/``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Name the first command where the arguments name none; a folder called review is ./review."""
        if args and args[0] not in self.commands and args[0] not in self.get_help_option_names(ctx):
            args = ["draft", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both ways to use it."""
        formatter.write_usage(ctx.command_path, "PHOTOS... [OPTIONS]")
        formatter.write_usage(ctx.command_path, "review|set|export FILE.db ...")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of the first command, then the commands."""
        drafting.draft.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group(cls=_PhotosFirst)
def command() -> None:
    """Turn photos of products into listings: grouped by product, one draft each, nothing filled in that is not sure.

    Drafts are kept in a file, so that a run may be stopped and started again, and corrections stay. `meot list review`
    shows what is open, `meot list set` fills it in, `meot list export` writes again.
    """


command.add_command(drafting.draft)
command.add_command(mending.review)
command.add_command(mending.set_values)
command.add_command(drafting.export)
