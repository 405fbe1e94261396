"""What several closet commands take, open and show."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from meot.cli.options import encoder_option

if TYPE_CHECKING:
    from meot.answers.closet.saying import Saying
    from meot.answers.closet.wardrobe import Owned
    from meot.catalogue.closet import Closet
    from meot.settings import Settings
    from meot.types import Reader

_BAR_FROM = 5
"""Photos from which a progress bar is worth its line."""
_Command = TypeVar("_Command", bound=Callable[..., Any])
_LANGUAGES = click.Choice(["en", "ko"])
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
shop_option = click.option("--shop", metavar="SHOP.DB", help="Name products of this catalogue for what is missing.")


def closet_options(function: _Command) -> _Command:
    """Which closet, and whose."""
    for option in (
        click.option("--person", default="me", show_default=True, help="Whose closet; one file may hold several."),
        click.option(
            "--closet",
            "where",
            default="closet.db",
            envvar="MEOT_CLOSET",
            show_default=True,
            show_envvar=True,
            metavar="FILE.db",
            help="The file, or a database server's address.",
        ),
    ):
        function = option(function)
    return function


def answer_options(function: _Command) -> _Command:
    """How answers are said."""
    for option in (
        json_option,
        encoder_option,
        click.option("--language", type=_LANGUAGES, help="Language of the answer; the setting's when left out."),
        closet_options,
    ):
        function = option(function)
    return function


def load_settings(encoder: str | None = None) -> Settings:
    """The settings, with the encoder that the command names."""
    from meot import settings

    chosen = settings.load()
    return replace(chosen, encoder=encoder or chosen.encoder)


def say_in(language: str | None, chosen: Settings) -> Saying:
    """What says the answers."""
    from meot import taxonomy
    from meot.answers.closet.saying import Saying

    return Saying(language=language or chosen.language, taxonomy=taxonomy.load())


@dataclass(frozen=True, slots=True)
class Opened:
    """A closet with its reader; its garments are compared once their photos are read with the reader's models.

    calibrated: False with an encoder of the user's own, whose cosines nobody measured.
    """

    closet: Closet
    reader: Reader
    calibrated: bool

    def owned(self) -> Owned:
        """What it holds now; photos that other models read are read again first, and those that cannot be, named."""
        from meot.answers.closet import keep
        from meot.answers.closet.similarity import load_scale
        from meot.answers.closet.wardrobe import Owned

        with bar() as progress:
            failed = keep.refresh(self.closet, self.reader, progress)
        for _, reason in failed:
            click.echo(f"meot: {reason}", err=True)
        if not self.calibrated:
            click.echo("meot: verdicts were measured with the bundled encoder; with yours they only rank", err=True)
        return Owned(closet=self.closet, models=self.reader.models, scale=load_scale())


@contextmanager
def opened(where: str, person: str, chosen: Settings, *, create: bool = False) -> Iterator[Opened]:
    """The closet, closed at the end of the block."""
    from meot import wiring

    with wiring.open_closet(where, chosen, person=person, create=create) as closet:
        yield Opened(closet, wiring.build_taught_reader(closet.database, chosen), chosen.encoder is None)


@contextmanager
def bar() -> Iterator[Callable[[int, int], None]]:
    """A progress bar for many photos, nothing for few or where nobody looks."""
    from tqdm import tqdm

    with tqdm(unit="photo", leave=False, disable=not sys.stderr.isatty(), delay=0.5) as shown:

        def move(done: int, total: int) -> None:
            if total >= _BAR_FROM:
                shown.total = total
                shown.update(done - shown.n)

        yield move


def files_in(paths: tuple[Path, ...]) -> list[Path]:
    """The photos at these paths, each once. PhotoError when one is not there, or a folder without photos."""
    from meot import photos

    return list(dict.fromkeys(file for path in paths for file in photos.find(path)))


def print_json(answer: dict[str, Any]) -> None:
    """One line for programs."""
    click.echo(json.dumps(answer, ensure_ascii=False))
