"""``meot read``: photos in, looks out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from meot.errors import MeotError, PhotoError, SettingsError

if TYPE_CHECKING:
    from meot.types import Look, Photo

_BAR_FROM = 20


class _Source(NamedTuple):
    """A name to print and where the photo is; None is standard input."""

    name: str
    file: Path | None


class _Wanted(NamedTuple):
    """What the user asked to see."""

    as_json: bool
    scores: bool
    vector: bool
    language: str
    picture: Path | None
    mask: Path | None


@click.command(help="Read garments, categories and colours from photos, folders of photos, or standard input (-).")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="One look a line, as JSON.")
@click.option(
    "--picture", type=click.Path(path_type=Path), help="Write the annotated photo here (a folder for several)."
)
@click.option("--scores", is_flag=True, help="With --json: every category's score.")
@click.option("--vector", is_flag=True, help="With --json: each garment's vector.")
@click.option(
    "--mask", type=click.Path(path_type=Path, file_okay=False), help="Write each region map here as STEM.png."
)
@click.option("--language", type=click.Choice(["en", "ko"]), help="Language of names; the setting's when left out.")
@click.option("--models", type=click.Path(path_type=Path, file_okay=False), help="Folder of model files to use.")
def command(
    paths: tuple[str, ...],
    as_json: bool,
    picture: Path | None,
    scores: bool,
    vector: bool,
    mask: Path | None,
    language: str | None,
    models: Path | None,
) -> int:
    """Read every photo, report those that cannot be read, and go on; 1 when there was one, else 0."""
    from dataclasses import replace

    from meot import settings, wiring

    chosen = settings.load()
    chosen = replace(chosen, models=models) if models else chosen
    sources, missing = _sources(paths)
    wanted = _Wanted(as_json, scores, vector, language or chosen.language, picture, mask)
    _make_folders(wanted, many=len(sources) > 1)
    reader = wiring.build_reader(chosen)
    failed = 0
    for name, reason in missing:
        failed += _report(name, reason, wanted)
    for source in _with_bar(sources):
        try:
            look = reader.read(_photo(source))
        except MeotError as error:
            failed += _report(source.name, str(error), wanted)
            continue
        _show(source.name, look, wanted, many=len(sources) > 1)
    return 1 if failed else 0


def _sources(paths: tuple[str, ...]) -> tuple[list[_Source], list[tuple[str, str]]]:
    from meot import photos

    found: list[_Source] = []
    missing: list[tuple[str, str]] = []
    for path in paths:
        if path == "-":
            found.append(_Source("-", None))
            continue
        try:
            found += [_Source(str(file), file) for file in photos.find(Path(path))]
        except PhotoError as error:
            missing.append((path, str(error)))
    return found, missing


def _make_folders(wanted: _Wanted, *, many: bool) -> None:
    folders = [wanted.mask] if wanted.mask else []
    folders += [wanted.picture] if wanted.picture and many else []
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"{folder}: expected a folder to write to ({error.strerror}); name another") from None


def _with_bar(sources: list[_Source]) -> Iterator[_Source]:
    if len(sources) < _BAR_FROM or not sys.stderr.isatty():
        yield from sources
        return
    from tqdm import tqdm

    yield from tqdm(sources, unit="photo")


def _photo(source: _Source) -> Photo:
    from meot import photos

    if source.file is None:
        return photos.decode(sys.stdin.buffer.read(photos.MOST_BYTES + 1), name="standard input")
    return photos.load(source.file)


def _report(name: str, reason: str, wanted: _Wanted) -> int:
    if wanted.as_json:
        click.echo(json.dumps({"file": name, "error": reason}, ensure_ascii=False))
    else:
        click.echo(f"meot: {reason}", err=True)
    return 1


def _show(name: str, look: Look, wanted: _Wanted, *, many: bool) -> None:
    stem = "stdin" if name == "-" else Path(name).stem
    if wanted.mask:
        _write_mask(look, wanted.mask / f"{stem}.png")
    if wanted.picture:
        from meot.answers.picture import annotate

        target = wanted.picture / f"{stem}.jpg" if many or wanted.picture.is_dir() else wanted.picture
        _write(annotate(look, language=wanted.language), target)
    if wanted.as_json:
        line = {"file": name, **look.as_json(scores=wanted.scores, vector=wanted.vector)}
        click.echo(json.dumps(line, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(name, look, wanted.language)))


def _write_mask(look: Look, target: Path) -> None:
    from PIL import Image

    _write(Image.fromarray(look.regions_full()), target)


def _write(image: object, target: Path) -> None:
    from PIL import Image

    assert isinstance(image, Image.Image)
    try:
        image.save(target)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{target}: picture cannot be written ({error}); name a .jpg or .png in a writable folder"
        ) from None


def _lines(name: str, look: Look, language: str) -> Iterator[str]:
    from meot import taxonomy

    terms = taxonomy.load()
    yield f"{name}: " + ("no clothes found" if not look.garments else f"{len(look.garments)} garment(s)")
    for garment in look.garments:
        category = terms.category(garment.category.id).names[language]
        doubt = "" if garment.category.sure else "?"
        colours = ", ".join(f"{terms.colour(c.id).names[language]} {c.share:.0%}" for c in garment.colours)
        box = " ".join(f"{edge:.0f}" for edge in look.to_original(garment.box))
        yield f"  {category + doubt:<18} {garment.category.score:4.0%}  {colours:<34} box {box}"
