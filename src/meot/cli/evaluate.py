"""``meot evaluate``: measure predictions, compare models, write a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meot.columns import aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from meot.evaluation.bootstrap import Interval
    from meot.evaluation.predictions import Predictions
    from meot.evaluation.results import Classification, Comparison, Detection, Report

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = ("accuracy", "macro F1", "mAP50-95", "mAP50")


@click.command()
@click.argument("predictions", nargs=-1, type=_FILE)
@click.option("--table", type=_FILE, help="Ask models about the photos of this table (.jsonl).")
@click.option(
    "--models",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="With --table: folder of models to ask; several are compared.",
)
@click.option("--question", help="With --table: the question to ask, when it has several.")
@click.option("--split", default="validation", show_default=True, help="With --table: the photos to ask about.")
@click.option("--history", type=_FILE, help="A training run's history.jsonl, for its learning curves.")
@click.option("--html", type=_FILE, help="Write a page of it all, with charts and the worst mistakes as pictures.")
@click.option(
    "--photos",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder the photos' paths start from; the first predictions' own folder without it.",
)
@click.option("--draws", type=click.IntRange(100), default=1000, show_default=True, help="Bootstrap draws.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draws.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    predictions: tuple[Path, ...],
    table: Path | None,
    models: tuple[Path, ...],
    question: str | None,
    split: str,
    history: Path | None,
    html: Path | None,
    photos: Path | None,
    draws: int,
    seed: int,
    as_json: bool,
) -> None:
    """Measure the answers in PREDICTIONS (.jsonl); with several, compare each with the first."""
    from meot.evaluation import evaluate, load, load_history, write_html

    if bool(predictions) == bool(table and models):
        raise click.UsageError("name prediction files, or --table and --models to make them")
    epochs = load_history(history) if history else ()
    read = _asked(table, models, question, split) if table else _named(predictions, [load(f) for f in predictions])
    report = evaluate(read, history=epochs, times=draws, seed=seed)
    if html:
        write_html(report, html, photos=photos or (Path() if table else predictions[0].parent))
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
        return
    print_report(report)
    if html:
        click.echo(f"\n{html}")


def _asked(table: Path, models: Sequence[Path], question: str | None, split: str) -> list[Predictions]:
    """What each folder of models answers to one question about the photos of a split."""
    from meot.data.table import SPLITS
    from meot.data.table import load as load_table
    from meot.errors import DataError
    from meot.training.classify.answering import answer

    chosen = next((known for known in SPLITS if known == split), None)
    if chosen is None:
        raise DataError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    rows = load_table(table)
    found: list[Predictions] = []
    for folder in models:
        said = answer(rows, folder, chosen, (question,) if question else ())
        if len(said) > 1:
            raise DataError(f"{folder} answers {', '.join(s.question for s in said)}; name one with --question")
        found += said
    return found


def _named(files: Sequence[Path], predictions: Sequence[Predictions]) -> list[Predictions]:
    """Models of one name are told apart by their files."""
    from dataclasses import replace

    names = [these.model for these in predictions]
    return [
        replace(these, model=f"{these.model} ({file.stem})") if names.count(these.model) > 1 else these
        for file, these in zip(files, predictions, strict=True)
    ]


def print_report(report: Report) -> None:
    """Print every model's figures and every comparison as tables."""
    from meot.evaluation.results import Classification

    for result in report.results:
        if isinstance(result, Classification):
            _print_classification(result)
        else:
            _print_detection(result)
    for comparison in report.comparisons:
        _print_comparison(comparison)


def _print_classification(result: Classification) -> None:
    split = f", {result.split}" if result.split else ""
    _say(f"{result.model}: {result.question or 'classes'}{split}, {result.photos} answers")
    click.echo(f"accuracy {_told(result.accuracy)}   macro F1 {_told(result.macro_f1)}")
    top = "".join(f"top {k} {share:.3f}   " for k, share in result.top.items() if k > 1)
    known = result.calibration
    click.echo(
        f"{top}calibration error {known.error:.3f} (in bins of equal numbers {known.adaptive:.3f}; "
        f"true scores would show {known.by_chance:.3f})"
    )
    if result.sure:
        sure = result.sure
        click.echo(f"sure (from {sure.threshold:.2f}): {sure.coverage:.0%} of the answers, {sure.accuracy:.3f} right")
    rows = [
        (c.name, str(c.support), _told(c.precision), _told(c.recall), _told(c.f1), _plain(c.average_precision))
        for c in result.classes
    ]
    _print_table(("class", "truth", "precision", "recall", "F1", "AP"), rows)


def _print_detection(result: Detection) -> None:
    split = f" {result.split}," if result.split else ""
    _say(f"{result.model}:{split} {result.photos} photos, {result.objects} objects")
    click.echo(f"mAP50 {_told(result.map50)}   mAP50-95 {_told(result.map50_95)}")
    click.echo(f"precision, recall and F1 at score {result.threshold:.3f}, where the mean F1 is best")
    rows = [
        (
            c.name,
            str(c.support),
            _told(c.precision),
            _told(c.recall),
            _told(c.f1),
            _told(c.ap50),
            _plain(c.average_precision),
        )
        for c in result.classes
    ]
    _print_table(("class", "truth", "precision", "recall", "F1", "AP50", "AP50-95"), rows)


def _print_comparison(comparison: Comparison) -> None:
    _say(f"{comparison.first} -> {comparison.second}, {comparison.photos} answered by both")
    if comparison.left_out:
        click.echo(f"{comparison.left_out} answered by one only are left out")
    rows = [
        (
            f"{d.measure} {d.of}".strip(),
            f"{d.first:.3f}",
            f"{d.second:.3f}",
            f"{d.value:+.3f}",
            "" if d.low is None or d.high is None else f"{d.low:+.3f}..{d.high:+.3f}",
            d.verdict,
        )
        for d in comparison.differences
        if d.measure in (*_SHOWN, "recall", "AP50")
    ]
    _print_table(("measure", "first", "second", "difference", "95 %", "verdict"), rows)


def _told(of: Interval) -> str:
    """A figure with its interval; "-" when it is 0 divided by 0."""
    return "-" if of.low is None or of.high is None else f"{of.value:.3f} ({of.low:.2f}..{of.high:.2f})"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _print_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    for line in aligned([head, *(tuple(_printable(cell) for cell in row) for row in rows)]):
        click.echo(f"  {line}")
    click.echo()


def _say(text: str) -> None:
    click.echo(_printable(text))


def _printable(text: str) -> str:
    """Names may hold anything; control signs must not reach a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
