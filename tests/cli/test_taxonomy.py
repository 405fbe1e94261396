"""``meot taxonomy``."""

from __future__ import annotations

import json

from click.testing import CliRunner

from meot import taxonomy
from meot.cli.taxonomy import command


def test_json_is_the_taxonomy() -> None:
    shown = CliRunner().invoke(command, ["--json"])
    assert shown.exit_code == 0
    assert json.loads(shown.output) == taxonomy.load().as_json()


def test_words_name_everything_in_both_languages() -> None:
    terms = taxonomy.load()
    shown = CliRunner().invoke(command, []).output
    rows = [r.names for r in terms.regions] + [c.names for c in terms.categories] + [c.names for c in terms.colours]
    rows += [c.names for c in terms.components] + [v.names for c in terms.components for v in c.values]
    rows += [style.names for style in terms.styles]
    for names in rows:
        assert names["en"] in shown
        assert names["ko"] in shown
