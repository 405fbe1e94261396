"""What several of the commands take: the format, the language, facts in a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

TO = ("shopify", "google", "google-table", "naver", "json-ld", "csv")
language_option = click.option("--language", type=click.Choice(["ko", "en"]), help="Of texts and category paths.")
facts_option = click.option(
    "--facts", type=click.Path(path_type=Path, dir_okay=False), help="CSV with a column product, and what you know."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print drafts and summary as JSON.")


def facts_of(file: Path | None) -> Mapping[str, Mapping[str, str]]:
    """Product -> field -> value of a table; nothing without one."""
    from meot import taxonomy
    from meot.answers.listing import facts

    return {} if file is None else facts.read(file, taxonomy.load())
