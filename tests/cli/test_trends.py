from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image
from tests.builders import NAVY, RED, build_garment, build_product

from meot.catalogue.files import PhotoFile
from meot.catalogue.store import Catalogue
from meot.cli.trends import command
from meot.errors import CatalogueError, QueryError
from meot.types import Label, Look, Photo

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Navy or red shirts of three years, 32 a year: none of the first year is red, a quarter and half of the next."""
    import numpy as np

    folder = tmp_path_factory.mktemp("trends")
    pixels = np.zeros((2, 2, 3), np.uint8)
    with Catalogue.open(folder / "shop.db", create=True) as catalogue:
        for i in range(96):
            year, sha256 = 2016 + i // 32, f"{i:064d}"
            red = i % 32 < 8 * (year - 2016)
            one = build_garment(RED if red else NAVY)
            one = replace(one, components={"pattern": Label("stripe" if red else "solid", 0.9, i % 32 != 31)})
            look = Look(
                photo=Photo(pixels, sha256), garments=(one,), regions=pixels[..., 0], worn=False, models={"parser": "1"}
            )
            file = PhotoFile(path=folder / f"{i}.png", sha256=sha256, size=1, modified=1)
            catalogue.put(build_product(str(i), "shirt", released=f"{year}-05"), [file], {sha256: look})
    return folder / "shop.db"


@pytest.fixture
def shop(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.db").symlink_to(database)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["shop.db", *arguments], standalone_mode=False)


def test_for_people() -> None:
    result = run("--by", "colour")
    lines = result.stdout.splitlines()
    assert result.return_value == 0
    assert lines[0].startswith("Colour of 96 products, by year (dates: released")
    assert lines[2].startswith("Navy")
    assert "falling" in lines[2]
    assert "rising, +25.0 points a year" in lines[3]


def test_as_json() -> None:
    answer = json.loads(run("--by", "pattern", "--category", "셔츠", "--json").stdout)
    assert (answer["schema"], answer["within"]) == ("meot.trends/1", {"category": "shirt"})
    [trend] = answer["trends"]
    assert trend["products"] | {"retired": 0} == {
        **{"asked": 96, "sure": 93, "unsure": 3, "undated": 0, "ahead": 0, "outside": 0, "retired": 0, "perhaps": 0}
    }
    assert trend["dates_known"] == {"released": 96, "season": 0, "first_seen": 96}
    solid, stripe = trend["values"]
    assert (stripe["id"], stripe["name"]["ko"], stripe["trend"]) == ("stripe", "줄무늬", "rising")
    assert solid["guesses"] == 3
    assert stripe["shares"][1] == {"count": 8, "guesses": 0, "share": 0.2581, "low": 0.1370, "high": 0.4325}


def test_as_csv_with_reasons_apart() -> None:
    result = run("--by", "pattern", "--until", "2017", "--csv")
    assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == 4
    assert "too few" in result.stderr


def test_pictures(tmp_path: Path) -> None:
    result = run("--by", "pattern", "--by", "colour", "--picture", str(tmp_path / "t.png"), "--language", "ko")
    assert result.return_value == 0
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["t-colour.png", "t-pattern.png"]
    with Image.open(tmp_path / "t-colour.png") as image:
        assert image.size == (1080, 1350)
    run("--by", "pattern", "--picture", str(tmp_path / "one.png"))
    assert (tmp_path / "one.png").is_file()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--by", "pattern", "--colour", "green"), "pattern: no picture: no product here was asked this"),
        (("--by", "component", "--colour", "green"), "no picture: no product here was asked this"),
        (("--by", "pattern", "--since", "2025"), "pattern: no picture: "),
        (("--by", "pattern", "--colour", "green", "--language", "ko"), "이 물음에 답이 있는 상품이 없습니다"),
    ],
)
def test_no_picture_is_drawn_of_nothing(tmp_path: Path, asked: tuple[str, ...], said: str) -> None:
    result = run(*asked, "--picture", str(tmp_path / "t.png"))
    assert result.return_value == 1
    assert said in result.stderr
    assert list(tmp_path.glob("*.png")) == []


def test_every_question_about_components() -> None:
    answer = json.loads(run("--by", "component", "--json").stdout)
    assert [trend["by"] for trend in answer["trends"]] == ["pattern"]  # nothing else was asked of these
    nothing = run("--by", "component", "--colour", "green")
    assert (nothing.stdout, nothing.return_value) == ("no product here was asked this\n", 1)


def test_too_few_is_said_and_is_status_one() -> None:
    for few in (("--since", "2019"), ("--colour", "green"), ("--every", "month", "--since", "2018-06")):
        result = run("--by", "pattern", *few)
        assert result.return_value == 1
    assert "no product here was asked this" in run("--by", "pattern", "--colour", "green").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--by", "patern"), "did you mean 'pattern'"),
        (("--by", "pattern", "--category", "shrit"), "did you mean shirt"),
        (("--by", "pattern", "--within", "style=casul"), "did you mean casual"),
        (("--by", "pattern", "--since", "last year"), "--since must be a date"),
    ],
)
def test_bad_questions(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, QueryError)
    assert message in str(result.exception)


def test_no_catalogue() -> None:
    result = CliRunner().invoke(command, ["nowhere.db", "--by", "pattern"])
    assert isinstance(result.exception, CatalogueError)
    assert not Path("nowhere.db").exists()


def test_help_and_choices_agree() -> None:
    help = CliRunner().invoke(command, ["--help"]).stdout
    for option in (
        "--by",
        "--within",
        "--since",
        "--until",
        "--every",
        "--dates",
        "--on-sale",
        "--guesses",
        "--picture",
    ):
        assert option in help
    assert run("--by", "pattern", "--csv", "--json").exit_code == 1
