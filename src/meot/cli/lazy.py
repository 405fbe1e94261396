"""A command group that imports a command only when it is run, so that ``--help`` is instant."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """modules: command -> module with a ``command`` in it. texts: command -> its line of help, in their order."""

    def __init__(self, *args: Any, modules: Mapping[str, str], texts: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._modules, self._texts = modules, texts

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in their order."""
        return list(self._texts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None when there is none."""
        if cmd_name not in self._modules:
            return None
        found: click.Command = importlib.import_module(self._modules[cmd_name]).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names and their help without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._texts.items()))
