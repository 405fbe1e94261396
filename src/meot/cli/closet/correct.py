"""``meot closet not-alike``: a person's word against the similarity."""

from __future__ import annotations

from pathlib import Path

import click

from meot.cli.closet.options import closet_options, json_option, load_settings, opened, print_json
from meot.cli.options import encoder_option, place_name
from meot.errors import QueryError


@click.command(name="not-alike")
@click.argument("garment", required=False, metavar="LOOK:NUMBER")
@click.argument("owned", required=False, type=int, metavar="OWNED")
@click.option("--undo", is_flag=True, help="Take back the last word instead.")
@closet_options
@encoder_option
@json_option
def not_alike(
    garment: str | None,
    owned: int | None,
    undo: bool,
    where: str,
    person: str,
    encoder: str | None,
    as_json: bool,
) -> None:
    """Say that the owned garment OWNED is not like garment NUMBER of the photo LOOK, as `compare` numbers them.

    It counts from the next comparison on: for that garment, and for wanted garments that look just like it.
    """
    if undo is (garment is not None):
        raise click.UsageError("name LOOK:NUMBER and OWNED, or --undo alone")
    chosen = load_settings(encoder)
    if garment is None:
        from meot import wiring

        with wiring.open_closet(where, chosen, person=person) as closet:
            owned, said = closet.undo_not_alike().owned, "taken back: garment {} may be like it again"
    else:
        if owned is None:
            raise click.UsageError("name the owned garment too, see `meot closet show`")
        _say(garment, owned, where, person, encoder)
        said = "noted: garment {} is not like it"
    if as_json:
        print_json({"owned": owned, "undone": undo})
    else:
        click.echo(f"{place_name(where)}: {said.format(owned)}")


def _say(garment: str, owned: int, where: str, person: str, encoder: str | None) -> None:
    from meot.photos import load

    name, _, number = garment.rpartition(":")
    if not name or not number.isdecimal():
        raise QueryError(f"expected LOOK:NUMBER, such as look.jpg:2, got {garment!r}; take the number from `compare`")
    photo = load(Path(name))
    with opened(where, person, load_settings(encoder)) as mine:
        look = mine.reader.read(photo)
        if not 1 <= int(number) <= len(look.garments):
            raise QueryError(
                f"{name}: garment must be 1..{len(look.garments)}, got {number}; see `meot closet compare`"
            )
        mine.closet.say_not_alike(owned, look.garments[int(number) - 1], photo.sha256)


COMMANDS = {"not-alike": not_alike}
