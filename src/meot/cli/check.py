"""``meot check``: what is wrong with a setup."""

from __future__ import annotations

import json

import click


@click.command()
@click.argument("database", required=False, envvar="MEOT_SHOP")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(context: click.Context, database: str | None, as_json: bool) -> None:
    """Tell what is wrong with this machine, its settings and models, and with the catalogue in DATABASE.

    Each line says ok, note (it works, but know it) or wrong, and then what to do. The exit status is 1 when something
    is wrong. Nothing is changed, but that a catalogue of an earlier version is brought up to date, as always.
    """
    from meot.service.checkup.run import check

    found = []
    for finding in check(database):
        found.append(finding)
        if not as_json:
            click.echo(f"{finding.state:<6}{finding.name}: {finding.said}")
            if finding.next:
                click.echo(f"      -> {finding.next}")
    count = sum(finding.state == "wrong" for finding in found)
    if as_json:
        said = {"wrong": count, "findings": [finding.as_json() for finding in found]}
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    context.exit(1 if count else 0)
