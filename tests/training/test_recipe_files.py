"""Recipes as TOML and as options: every field documented, every mistake named."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

from click.testing import CliRunner

from meot.cli.train import command
from meot.errors import SettingsError
from meot.training import recipes
from meot.training.recipes import RECIPES, options, read

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]


def written(folder: Path, text: str) -> Path:
    file = folder / "recipe.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_field_of_every_recipe_is_documented_and_an_option(name: str) -> None:
    found = options(recipes.find(name)[0])
    assert all(len(option.help) > 3 for option in found), [option.name for option in found if len(option.help) <= 3]
    shown = CliRunner().invoke(command, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    for option in found:
        assert f"--{option.name.replace('_', '-')}" in shown.output


def test_a_file_becomes_a_recipe_with_paths_from_where_it_is(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        'recipe = "classifier"\nout = "run"\ndata = "photos"\nviews = ["garment", "top"]\nrate = 1\npatience = 3\n'
        'head = "dense"\ncache = false\n',
    )
    name, recipe, out = read(file)
    assert (name, out) == ("classifier", tmp_path / "run")
    assert (recipe.data, recipe.views, recipe.rate, recipe.patience) == (
        tmp_path / "photos",
        ("garment", "top"),
        1.0,
        3,
    )
    assert (recipe.head, recipe.cache) == ("dense", False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('recipe = "classifer"\nout = "o"', "did you mean 'classifier'"),
        ('out = "o"', "expected recipe ="),
        ('recipe = "classifier"', "expected out ="),
        ('recipe = "classifier"\nout = "o"\ndata = "d"\nepoch = 3', "unknown key 'epoch'; did you mean 'epochs'"),
        ('recipe = "classifier"\nout = "o"', "expected out|data is missing"),
        ('recipe = "classifier"\nout = "o"\ndata = "d"\nepochs = "3"', "epochs must be int, got '3'"),
        ('recipe = "classifier"\nout = "o"\ndata = "d"\nepochs = true', "epochs must be int, got True"),
        ('recipe = "classifier"\nout = "o"\ndata = "d"\nviews = "top"', "views must be a list"),
        ('recipe = "classifier"\nout = "o"\ndata = "d"\nhead = "dens"', "one of linear, dense"),
        ("recipe = ", "cannot be read as TOML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read(written(tmp_path, text))


def test_a_missing_file_and_an_unknown_recipe(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such recipe file"):
        read(tmp_path / "none.toml")
    assert CliRunner().invoke(command, ["clasifier"]).exit_code == 2
