"""``meot closet add``, ``show`` and ``remove``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meot.cli.closet.options import (
    bar,
    closet_options,
    files_in,
    json_option,
    load_settings,
    opened,
    print_json,
    say_in,
)
from meot.cli.options import encoder_option, place_name

if TYPE_CHECKING:
    from meot.catalogue.closet import Closet
    from meot.catalogue.owned import OwnedPhoto
    from meot.catalogue.rows import StoredGarment


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PHOTOS...")
@closet_options
@encoder_option
@json_option
def add(photos: tuple[Path, ...], where: str, person: str, encoder: str | None, as_json: bool) -> int:
    """Add PHOTOS, files or folders, of what you own: laid out, on a hanger, or worn.

    Of people only the main person's clothes are taken. A copy without the camera's notes is kept beside the closet's
    file, so the photos themselves may be deleted. The same photo comes in once. 1 when one could not come in, else 0.
    """
    from meot.answers.closet import keep

    files = files_in(photos)
    with opened(where, person, load_settings(encoder), create=True) as mine, bar() as progress:
        kept = keep.add(mine.closet, mine.reader, files, progress)
    if as_json:
        print_json(kept.as_json())
    else:
        known = f", {kept.known} there already" if kept.known else ""
        click.echo(f"{place_name(where)}: {kept.added} photos added with {kept.garments} garments{known}")
        for _, reason in kept.failed:
            click.echo(f"meot: {reason}", err=True)
    return 1 if kept.failed else 0


@click.command()
@closet_options
@click.option("--language", type=click.Choice(["en", "ko"]), help="Language of names; the setting's when left out.")
@json_option
def show(where: str, person: str, language: str | None, as_json: bool) -> None:
    """Show the photos and garments of a closet, with the numbers that other commands take."""
    from meot import wiring

    chosen = load_settings()
    with wiring.open_closet(where, chosen, person=person) as closet:
        held = closet.everything()
        if as_json:
            print_json({"person": person, "photos": [_photo_json(closet, photo, held[photo]) for photo in held]})
            return
        saying = say_in(language, chosen)
        if not held:
            click.echo(f"{place_name(where)}: {saying.plain('empty')}")
        for photo, garments in held.items():
            click.echo(f"photo {photo.key}  {closet.file(photo.path)}")
            for each in garments:
                details = ", ".join(d.text + ("" if d.sure else "?") for d in saying.details(each.garment))
                click.echo(f"  {each.key:5}  {saying.garment(each.garment)}" + (f" ({details})" if details else ""))


def _photo_json(closet: Closet, photo: OwnedPhoto, garments: list[StoredGarment]) -> dict[str, Any]:
    from meot.types import kind_json

    return {
        "photo": photo.key,
        "file": str(closet.file(photo.path)),
        "worn": photo.worn,
        "garments": [
            {
                "owned": each.key,
                "region": each.garment.region,
                "category": kind_json(each.garment.category),
                "colours": [shade.id for shade in each.garment.colours],
                "components": {
                    question: {"id": label.id, "sure": label.sure}
                    for question, label in each.garment.components.items()
                },
            }
            for each in garments
        ],
    }


@click.command()
@click.argument("numbers", nargs=-1, type=int, metavar="PHOTO...")
@click.option("--everything", is_flag=True, help="Delete the person's whole closet, and the person.")
@closet_options
@json_option
def remove(numbers: tuple[int, ...], everything: bool, where: str, person: str, as_json: bool) -> None:
    """Delete photos by their numbers, see `meot closet show`: copies, garments, vectors, and what was said of them."""
    from meot import wiring

    if bool(numbers) is everything:
        raise click.UsageError("name photos by their numbers, or --everything")
    with wiring.open_closet(where, load_settings(), person=person) as closet:
        count = len(closet.photos())
        if everything:
            closet.forget()
        else:
            count = closet.remove(numbers)
    if as_json:
        print_json({"removed": count})
    else:
        click.echo(f"{place_name(where)}: {count} photos removed")


COMMANDS = {"add": add, "show": show, "remove": remove}
