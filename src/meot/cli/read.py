"""``meot read``: photos in, looks out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from meot.cli.options import encoder_option
from meot.cli.pictures import write_picture
from meot.columns import pad
from meot.errors import MeotError, PhotoError, SettingsError

if TYPE_CHECKING:
    from meot.answers.wording import Wording
    from meot.types import Garment, Look, Photo

_BAR_FROM = 20
"""Photos from which a progress bar is worth its line."""
_WORDS = {
    "en": {"none": "no clothes found", "garment": "{} garment", "garments": "{} garments", "box": "box"},
    "ko": {"none": "옷을 찾지 못함", "garment": "옷 {}점", "garments": "옷 {}점", "box": "위치"},
}
"""What the lines for people say, by language."""


class _Source(NamedTuple):
    """A name to print, where the photo is (None is standard input), and what files made of it are called."""

    name: str
    file: Path | None
    stem: str


class _Wanted(NamedTuple):
    """What the user asked to see. picture: a file, or a folder when ``in_folder``."""

    as_json: bool
    scores: bool
    vector: bool
    language: str
    picture: Path | None
    in_folder: bool
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
@encoder_option
@click.option("--taught", metavar="SHOP.DB", help="Answer with what was taught in this catalogue, see `meot teach`.")
@click.option("--ask", "asked", multiple=True, metavar="QUESTION[=ANSWER,...]", help="Let the encoder's words answer.")
def command(
    paths: tuple[str, ...],
    as_json: bool,
    picture: Path | None,
    scores: bool,
    vector: bool,
    mask: Path | None,
    language: str | None,
    models: Path | None,
    encoder: str | None,
    asked: tuple[str, ...],
    taught: str | None,
) -> int:
    """Read every photo, report those that cannot be read, and go on; 1 when there was one, else 0."""
    if (scores or vector) and not as_json:
        raise click.UsageError("--scores and --vector are numbers for programs; add --json")
    from dataclasses import replace

    from meot import settings, wiring

    chosen = settings.load()
    chosen = replace(chosen, models=models or chosen.models, encoder=encoder or chosen.encoder)
    sources, missing = _sources(paths)
    in_folder = picture is not None and (len(sources) > 1 or picture.is_dir() or not picture.suffix)
    wanted = _Wanted(as_json, scores, vector, language or chosen.language, picture, in_folder, mask)
    _make_folders(wanted)
    lessons = None if taught is None else wiring.load_taught(taught, chosen)
    if lessons is not None and lessons.silent:
        click.echo(f"meot: {lessons.silent} lessons are of another garment model, teach them again", err=True)
    reader = wiring.build_reader(chosen, asked=asked, taught=lessons)
    failed = 0
    for name, reason in missing:
        failed += _report(name, reason, wanted)
    for source in _with_bar(sources):
        try:
            look = reader.read(_photo(source))
        except MeotError as error:
            failed += _report(source.name, str(error), wanted)
            continue
        _show(source, look, wanted)
    return 1 if failed else 0


def _sources(paths: tuple[str, ...]) -> tuple[list[_Source], list[tuple[str, str]]]:
    from meot import photos

    files: list[Path | None] = []
    missing: list[tuple[str, str]] = []
    for path in paths:
        try:
            files += [None] if path == "-" else photos.find(Path(path))
        except PhotoError as error:
            missing.append((path, str(error)))
    taken: set[str] = set()
    return [_name(file, taken) for file in files], missing


def _name(file: Path | None, taken: set[str]) -> _Source:
    """The source of a file; of photos with the same stem the second's files are called STEM-2, and so on."""
    stem = own = "stdin" if file is None else file.stem
    number = 1
    while stem in taken:
        number += 1
        stem = f"{own}-{number}"
    taken.add(stem)
    return _Source("-" if file is None else str(file), file, stem)


def _make_folders(wanted: _Wanted) -> None:
    folders = [wanted.mask, wanted.picture if wanted.in_folder else None]
    for folder in filter(None, folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"{folder}: expected a folder to write to ({error.strerror}); name another") from None


def _with_bar(sources: list[_Source]) -> Iterator[_Source]:
    """The sources, with a progress bar where the looks themselves do not scroll by."""
    if len(sources) < _BAR_FROM or not sys.stderr.isatty() or sys.stdout.isatty():
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


def _show(source: _Source, look: Look, wanted: _Wanted) -> None:
    if wanted.mask:
        from PIL import Image

        write_picture(Image.fromarray(look.regions_full()), wanted.mask / f"{source.stem}.png")
    if wanted.picture:
        from meot.answers.picture import annotate

        target = wanted.picture / f"{source.stem}.jpg" if wanted.in_folder else wanted.picture
        write_picture(annotate(look, language=wanted.language), target)
    if wanted.as_json:
        line = {"file": source.name, **look.as_json(scores=wanted.scores, vector=wanted.vector)}
        click.echo(json.dumps(line, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(source.name, look, wanted.language)))


def _lines(name: str, look: Look, language: str) -> Iterator[str]:
    from meot import taxonomy
    from meot.answers.wording import Wording

    wording, words = Wording(language=language, taxonomy=taxonomy.load()), _WORDS[language]
    count = len(look.garments)
    yield f"{name}: " + words["garments" if count > 1 else "garment" if count else "none"].format(count)
    if look.style is not None:
        question, answer, behind = wording.tell_style(look.style, look.style_group)
        yield f"  {question.lower()}: {answer}" + (f" ({behind})" if behind else "")
    for garment in look.garments:
        yield _line(garment, look, wording)


def _line(garment: Garment, look: Look, wording: Wording) -> str:
    category = wording.category(garment.category) + ("" if garment.category.sure else "?")
    colours = ", ".join(f"{wording.colour(c.id)} {c.share:.0%}" for c in garment.colours)
    box = " ".join(f"{edge:.0f}" for edge in look.to_original(garment.box))
    where = f"{_WORDS[wording.language]['box']} {box}"
    line = f"  {pad(category, 18)} {garment.category.score:4.0%}  {pad(colours, 34)} {where}"
    details = ", ".join(detail.text + ("" if detail.sure else "?") for detail in wording.details(garment))
    return f"{line}\n    {details}" if details else line
