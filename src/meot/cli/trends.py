"""``meot trends``: what products show, over time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from meot.answers.trends.report import Trends

_EVERY = ("month", "quarter", "season", "half", "year", "season-of-year")


@click.command()
@click.argument("catalogue")
@click.option(
    "--by",
    multiple=True,
    required=True,
    help="What to count: component, style, colour, category, region, or one question (pattern, denim_colour ...). "
    "May be repeated.",
)
@click.option(
    "--within",
    multiple=True,
    metavar="NAME=VALUE",
    help="Only of these: category=jeans, pattern=stripe, style=..., source=...; may be repeated.",
)
@click.option("--region", help="Only garments of this region: upper, outer, lower, whole, feet ...")
@click.option("--category", help="Only garments of this category: shirt, jeans, 셔츠 ...")
@click.option("--colour", "--color", help="Only garments of this colour: navy, 남색 ...")
@click.option("--gender", help="Only products for: female, male, unisex, 여성 ...")
@click.option("--since", metavar="DATE", help="First period: 2016, 2016-06 or 2016-06-01.")
@click.option("--until", metavar="DATE", help="Last period, included.")
@click.option(
    "--every", type=click.Choice(_EVERY), help="Length of a period  [default: the longest there are enough of]"
)
@click.option(
    "--dates",
    type=click.Choice(["released", "season", "first_seen"]),
    help="What tells a product's time  [default: what the source says where it does, else when it was first seen]",
)
@click.option("--on-sale", is_flag=True, help="Count a product as long as it was sold, not only when it came.")
@click.option("--guesses", is_flag=True, help="Count unsure answers, too.")
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw into this PNG; one picture for each question.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--language", type=click.Choice(["ko", "en"]), help="Of names in table, CSV and picture.")
def command(
    catalogue: str,
    by: tuple[str, ...],
    within: tuple[str, ...],
    region: str | None,
    category: str | None,
    colour: str | None,
    gender: str | None,
    since: str | None,
    until: str | None,
    every: str | None,
    dates: str | None,
    on_sale: bool,
    guesses: bool,
    picture: Path | None,
    as_csv: bool,
    as_json: bool,
    language: str | None,
) -> int:
    """What the products in CATALOGUE show over time: shares with 95 % intervals, and which of them rise or fall.

    \b
    meot trends shop.db --by pattern --category shirt --since 2016
    meot trends shop.db --by denim_colour --every season-of-year

    Exit status 1 when there are too few products to tell any share.
    """
    from datetime import UTC, datetime

    from meot import settings, wiring
    from meot.answers.trends.ask import Question
    from meot.answers.trends.timeline import Wanted

    if as_csv and as_json:
        raise click.UsageError("--csv and --json cannot both be printed; leave one out")
    chosen = settings.load()
    question = Question(
        by=by,
        within=within,
        region=region,
        category=category,
        colour=colour,
        gender=gender,
        guesses=guesses,
        wanted=Wanted(
            today=datetime.now(UTC).date(),
            dates=dates,
            every=None if every is None else every.replace("-", "_"),
            since=since,
            until=until,
            on_sale=on_sale,
        ),
    )
    answer = wiring.find_trends(catalogue, question, chosen)
    _print(answer, language or chosen.language, as_csv=as_csv, as_json=as_json)
    if picture is not None:
        _draw(answer, picture, language or chosen.language)
    return 0 if any(trend.enough for trend in answer.trends) else 1


def _print(answer: Trends, language: str, *, as_csv: bool, as_json: bool) -> None:
    from meot.answers.trends import table

    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False))
    elif as_csv:
        click.echo(table.write_csv(answer, language), nl=False)
    else:
        click.echo("\n".join(table.write(answer, language)))
    if as_json or as_csv:
        for trend in answer.trends:
            if trend.reason:
                click.echo(f"meot: {trend.by}: {trend.reason[language]}", err=True)


def _draw(answer: Trends, file: Path, language: str) -> None:
    """A picture for each question; several are told apart by the question's id in the file's name.

    A question whose answer has no line to draw is told instead.
    """
    from meot.answers.trends import picture

    if not answer.trends:
        click.echo("meot: no picture: no product here was asked this; ask about others", err=True)
    for trend in answer.trends:
        if not trend.enough:
            click.echo(f"meot: {trend.by}: no picture: {trend.reason[language]}", err=True)
            continue
        name = file if len(answer.trends) == 1 else file.with_stem(f"{file.stem}-{trend.by}")
        picture.draw(answer, trend, language=language).save(name, format="PNG")
        click.echo(f"{name}", err=True)
