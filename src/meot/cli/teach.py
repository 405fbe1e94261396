"""``meot teach``: a new class, or a correction, from a few photos."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from meot.cli.options import place_name

if TYPE_CHECKING:
    from meot.answers.subject import Subject, Wish
    from meot.answers.teaching import Gathered, Progress
    from meot.catalogue.store import Catalogue
    from meot.labels.lessons import Lesson

_BAR_FROM = 20
"""Photos from which a progress bar is worth its line."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group()
def command() -> None:
    """Teach a new class or a correction from a few photos; it counts from the next photo on and can be undone."""


def _options(function: _Command) -> _Command:
    """What every lesson takes."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print what was learned as JSON."),
        click.option("--names", metavar="en=...,ko=...", help="What a new class is called; as NAME when left out."),
        click.option("--into", required=True, metavar="SHOP.DB", help="The catalogue; made when it is not there yet."),
        click.argument("photos", type=click.Path(path_type=Path)),
    ):
        function = option(function)
    return function


_region = click.option("--region", help="Of people, the garment meant: upper, outer, lower, whole, feet ...")


@command.command()
@click.argument("name")
@_options
def style(name: str, photos: Path, into: str, names: str | None, as_json: bool) -> int:
    """Teach the style NAME of the outfits in PHOTOS, a folder or a photo."""
    return _teach({"kind": "style", "name": name, "names": _read_names(names)}, photos, into, as_json)


@command.command()
@click.argument("name")
@_region
@_options
def category(name: str, photos: Path, into: str, names: str | None, region: str | None, as_json: bool) -> int:
    """Teach that the garments in PHOTOS, a folder or a photo, are of the category NAME."""
    wish = {"kind": "category", "name": name, "region": region, "names": _read_names(names)}
    return _teach(wish, photos, into, as_json)


@command.command()
@click.argument("question")
@click.argument("name")
@click.option("--new", is_flag=True, help="QUESTION may be one of your own, such as material.")
@_region
@_options
def component(
    question: str, name: str, photos: Path, into: str, names: str | None, region: str | None, new: bool, as_json: bool
) -> int:
    """Teach that the answer to QUESTION (pattern, collar ...) is NAME for the garments in PHOTOS."""
    wish = {"kind": "component", "question": question, "name": name, "region": region, "names": _read_names(names)}
    return _teach({**wish, "own_question": new}, photos, into, as_json)


@command.command(name="list")
@click.argument("catalogue")
@click.option("--json", "as_json", is_flag=True, help="Print the lessons as JSON.")
def show(catalogue: str, as_json: bool) -> None:
    """Show what was taught in CATALOGUE, from the first lesson to the last."""
    from meot import settings, wiring
    from meot.labels.lessons import encoder_of, made_by

    with _open(catalogue) as opened:
        _, lessons = opened.lessons()
    encoder = encoder_of(wiring.build_reader(settings.load()).models) if lessons else ""
    if as_json:
        said = [{**lesson.as_json(), "fits": made_by(lesson, encoder)} for lesson in lessons]
        click.echo(json.dumps({"lessons": said}, ensure_ascii=False))
        return
    if not lessons:
        click.echo(f"{catalogue}: nothing is taught yet")
    for lesson in lessons:
        stale = "" if made_by(lesson, encoder) else "; of another garment model, so it is silent: teach it again"
        click.echo(f"{lesson.number:4}  {lesson.taught_at}  {_say(lesson)}{stale}")


@command.command()
@click.argument("catalogue")
@click.option("--json", "as_json", is_flag=True, help="Print what was taken back as JSON.")
def undo(catalogue: str, as_json: bool) -> None:
    """Take back the last lesson of CATALOGUE; say it again for the one before."""
    from meot import settings, wiring
    from meot.answers import teaching

    with _open(catalogue) as opened:
        chosen = settings.load()
        lesson = teaching.undo(opened, wiring.load_likeness(chosen), lambda: wiring.build_reader(chosen))
    if as_json:
        click.echo(json.dumps({"undone": lesson.as_json()}, ensure_ascii=False))
    else:
        click.echo(f"{catalogue}: undone: {_say(lesson)}")


def _open(catalogue: str, *, create: bool = False) -> Catalogue:
    from meot.catalogue.store import Catalogue

    return Catalogue.open(catalogue, create=create)


def _teach(said: Mapping[str, Any], source: Path, into: str, as_json: bool) -> int:
    """Learn from the photos; 1 when some of them gave nothing, else 0. Nothing changes when anything is wrong."""
    from meot import photos, settings, taxonomy, wiring
    from meot.answers import subject, teaching
    from meot.answers.subject import Wish

    wish: Wish = Wish(**said)
    chosen = settings.load()
    files = list(photos.find(source))
    lessons = _known_lessons(into)
    about = subject.understand(wish, lessons, taxonomy.load())
    bar = _bar(len(files))
    try:
        gathered = teaching.gather(about, files, wiring.build_reader(chosen), bar)
    finally:
        bar(0, 0)
    with _open(into, create=True) as catalogue:
        lesson = teaching.store(catalogue, about, gathered, wiring.load_likeness(chosen))
    _report(lesson, about, gathered, into, as_json)
    return 1 if gathered.failed else 0


def _known_lessons(into: str) -> tuple[Lesson, ...]:
    """The lessons of a catalogue, none where it is yet to be made."""
    from meot.catalogue.complaints import AbsentError

    try:
        with _open(into) as catalogue:
            return catalogue.lessons()[1]
    except AbsentError:
        return ()


def _read_names(said: str | None) -> dict[str, str] | None:
    """Language -> name, of ``en=Kimono,ko=기모노``."""
    if said is None:
        return None
    names: dict[str, str] = {}
    for part in said.split(","):
        language, _, name = (piece.strip() for piece in part.partition("="))
        if language not in ("en", "ko") or not name or language in names:
            raise click.BadParameter(
                f"expected en=NAME, ko=NAME or both with a comma, got {said!r}", param_hint="--names"
            )
        names[language] = name
    return names


def _bar(count: int) -> Progress:
    """A progress bar for many photos, nothing for few; told (0, 0) it ends."""
    if count < _BAR_FROM or not sys.stderr.isatty():
        return lambda done, total: None
    from tqdm import tqdm

    bar = tqdm(total=count, unit="photo", file=sys.stderr)
    return lambda done, total: bar.update(done - bar.n) if total else bar.close()


def _report(lesson: Lesson, about: Subject, gathered: Gathered, into: str, as_json: bool) -> None:
    for _, reason in gathered.failed:
        click.echo(f"meot: {reason}", err=True)
    known = len(gathered.examples) - len(lesson.examples)
    if as_json:
        failed = [{"name": name, "reason": reason} for name, reason in gathered.failed]
        counts = {"known": known, "repeated": gathered.repeated, "failed": failed}
        learned = {"lesson": lesson.as_json(), "new": about.new, "near": about.near, **counts}
        click.echo(json.dumps(learned, ensure_ascii=False))
        return
    if about.near:
        click.echo(
            f"meot: {lesson.name} is new; if you meant {about.near}, run `meot teach undo {place_name(into)}`", err=True
        )
    left = [f"{count} {what}" for count, what in _left_out(known, gathered) if count]
    click.echo(f"{place_name(into)}: learned: {_say(lesson)}" + (f" ({', '.join(left)})" if left else ""))


def _left_out(known: int, gathered: Gathered) -> tuple[tuple[int, str], ...]:
    return (known, "known already"), (gathered.repeated, "repeated"), (len(gathered.failed), "failed")


def _say(lesson: Lesson) -> str:
    """A lesson in words: style dandy from 5 photos."""
    what = " ".join(word for word in (lesson.kind, lesson.question, lesson.name) if word)
    count = len(lesson.examples)
    return f"{what} from {count} photo{'' if count == 1 else 's'}"
