"""``meot closet`` with a reader that needs no models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.builders import BLACK, NAVY, RED, WHITE, ColourReader, build_likeness, write_bad_photo
from tests.builders import write_photo as photo

from meot import wiring
from meot.answers.cutoff import Cutoff
from meot.catalogue import intake
from meot.catalogue.complaints import AbsentError
from meot.cli import MODULES
from meot.cli.closet import COMMANDS, command
from meot.errors import MeotError, PhotoError, QueryError, SettingsError
from meot.photos import load
from meot.settings import Settings
from meot.types import Look, Photo, Reader, Taught


class TwoPeople(ColourReader):
    """Whatever is worn on the lower half belongs to a second person where the upper half is black."""

    def read(self, photo: Photo) -> Look:
        from dataclasses import replace

        look = super().read(photo)
        if look.garments and look.garments[0].colours[0].id == "black":
            return replace(look, garments=tuple(replace(g, person=i) for i, g in enumerate(look.garments)))
        return look


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def build(settings: Settings, *, asked: object = (), taught: Taught | None = None) -> Reader:
        return TwoPeople()

    def none(settings: Settings) -> Cutoff | None:
        return None

    monkeypatch.setattr(wiring, "build_reader", build)
    monkeypatch.setattr(wiring, "load_likeness", lambda settings: build_likeness())
    monkeypatch.setattr(wiring, "load_cutoff", none)
    monkeypatch.chdir(tmp_path)


def closet(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(x) for x in arguments], standalone_mode=False)


def told(*arguments: object) -> dict[str, Any]:
    result = closet(*arguments, "--json")
    assert result.exception is None, result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def says(result: Result, kind: type[MeotError], text: str) -> bool:
    """Whether the command ended with that error, of one line."""
    return isinstance(result.exception, kind) and text in str(result.exception) and "\n" not in str(result.exception)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a navy shirt and red jeans, added to closet.db."""
    photo(tmp_path / "own" / "a.png", NAVY)
    photo(tmp_path / "own" / "b.png", WHITE, lower=RED)
    assert closet("add", tmp_path / "own").return_value == 0
    return tmp_path / "own"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Red jeans with a price, without one, and too dear ones."""
    rows = [("cheap", 30, (222, 40, 50)), ("unpriced", "", (221, 44, 50)), ("dear", 900, (220, 45, 56))]
    lines = ["id,title,price,image,link"]
    for id, price, colour in rows:
        photo(tmp_path / "shop" / f"{id}.png", (10, 200, 20), lower=colour)
        lines.append(f"{id},{id} jeans,{price},{id}.png,https://shop.example/{id}")
    (tmp_path / "shop" / "products.csv").write_text("\n".join(lines))
    opened = wiring.open_shop(tmp_path / "shop.db", Settings(), create=True)
    try:
        intake.add(opened.catalogue, opened.reader, tmp_path / "shop" / "products.csv")
        assert opened.catalogue.counts()["products"] == 3
    finally:
        opened.close()
    return tmp_path / "shop.db"


def test_every_command_has_help_and_is_registered() -> None:
    assert MODULES["closet"] == "meot.cli.closet"
    for name in COMMANDS:
        assert "Usage" in closet(name, "--help").stdout


def test_adding_twice_and_what_cannot_be_read(tmp_path: Path, own: Path) -> None:
    write_bad_photo(own / "bad.png")
    photo(own / "nothing.png", (255, 0, 255))
    again = closet("add", own, own / "a.png")
    assert again.return_value == 1
    assert "0 photos added with 0 garments, 2 there already" in again.stdout
    assert "bad.png" in again.stderr
    assert "found none" in again.stderr
    assert says(closet("add", tmp_path / "absent"), PhotoError, "not found")


def test_show_and_remove(own: Path) -> None:
    held = told("show")["photos"]
    assert [[g["category"]["id"] for g in p["garments"]] for p in held] == [["shirt"], ["shirt", "jeans"]]
    assert "셔츠, 남색" in closet("show", "--language", "ko").stdout
    assert told("remove", held[0]["photo"]) == {"removed": 1}
    assert not Path(held[0]["file"]).exists()
    assert told("remove", "--everything") == {"removed": 1}
    assert "empty" in closet("show").stdout
    assert closet("remove").exception is not None


def test_compare_says_what_is_owned_and_why(tmp_path: Path, own: Path) -> None:
    look = photo(tmp_path / "look.png", NAVY, lower=WHITE)
    found = told("compare", look)
    assert found["schema"] == "meot.closet/1"
    assert [g["verdict"] for g in found["garments"]] == ["own", "missing"]
    assert found["garments"][0]["nearest"][0]["owned"] == 1
    assert found["shopping"] is None
    text = closet("compare", look, "--language", "ko").stdout
    assert "같은 색(남색)" in text
    assert "있음 1" in text


def test_verdicts_of_an_own_encoder_are_marked(tmp_path: Path, own: Path) -> None:
    look = photo(tmp_path / "look.png", NAVY)
    assert told("compare", look)["calibrated"] is True
    result = closet("compare", look, "--encoder", "timm:resnet18", "--json")
    assert "only rank" in result.stderr
    assert json.loads(result.stdout)["calibrated"] is False


def test_the_picture(tmp_path: Path, own: Path) -> None:
    look = photo(tmp_path / "look.png", NAVY, lower=WHITE)
    assert closet("compare", look, "--picture", tmp_path / "out.png").exception is None
    assert load(tmp_path / "out.png").width > 600
    assert says(closet("compare", look, "--picture", tmp_path / "no" / "out.png"), SettingsError, "cannot be written")


def test_what_is_missing_is_bought_within_the_budget(tmp_path: Path, shop: Path) -> None:
    closet("add", photo(tmp_path / "own.png", NAVY))
    look = photo(tmp_path / "look.png", NAVY, lower=RED)
    wishes = told("compare", look, "--shop", shop)["shopping"]["wishes"]
    assert [w["garment"] for w in wishes] == [1]
    titles = [p["title"] for p in wishes[0]["products"]]
    assert sorted(titles) == ["cheap jeans", "dear jeans", "unpriced jeans"]
    assert titles[-1] == "unpriced jeans"
    bought = told("compare", look, "--shop", shop, "--budget", 100)["shopping"]
    assert (bought["total"], bought["wishes"][0]["chosen"]) == (30, 1)
    text = closet("compare", look, "--shop", shop, "--budget", 100).stdout
    assert "https://shop.example/cheap  chosen" in text
    assert "price not known" in text
    assert "nothing that fits is within the budget" in closet("compare", look, "--shop", shop, "--budget", 1).stdout
    assert closet("compare", look, "--budget", 5).exception is not None
    error = closet("compare", look, "--shop", shop, "--budget", "1e400").exception
    assert str(error) == "--budget must be a number such as 39000, got '1e400'; change it"


def test_looks_that_cannot_be_compared(tmp_path: Path, own: Path) -> None:
    nothing = photo(tmp_path / "nothing.png", (255, 0, 255))
    assert says(closet("compare", nothing), QueryError, "found none")
    assert says(closet("compare", write_bad_photo(tmp_path / "bad.png")), PhotoError, "something else")
    look = photo(tmp_path / "look.png", NAVY)
    assert says(closet("compare", look, "--closet", tmp_path / "no.db"), AbsentError, "meot closet add")


def test_an_empty_closet_lacks_everything(tmp_path: Path, own: Path) -> None:
    look = photo(tmp_path / "look.png", NAVY, lower=RED)
    result = closet("compare", look, "--person", "somebody")
    assert result.exception is None
    assert "2 missing" in result.stdout
    assert "empty" in result.stderr


def test_of_two_people_one_is_compared(tmp_path: Path, own: Path) -> None:
    look = photo(tmp_path / "two.png", BLACK, lower=RED)
    assert [g["region"] for g in told("compare", look)["garments"]] == ["upper"]
    second = told("compare", look, "--person-number", 2)
    assert (second["person"], second["people"]) == (2, 2)
    assert [g["verdict"] for g in second["garments"]] == ["own"]
    assert says(closet("compare", look, "--person-number", 3), QueryError, "1..2")
    assert "2 people" in closet("compare", look).stdout


def test_a_word_counts_at_once_and_is_taken_back(tmp_path: Path, own: Path) -> None:
    look = photo(tmp_path / "look.png", NAVY)
    assert told("not-alike", f"{look}:1", 1) == {"owned": 1, "undone": False}
    assert told("compare", look)["garments"][0]["nearest"][0]["owned"] == 2
    assert told("not-alike", "--undo")["owned"] == 1
    assert told("compare", look)["garments"][0]["nearest"][0]["owned"] == 1
    assert says(closet("not-alike", f"{look}:9", 1), QueryError, "1..1")
    assert says(closet("not-alike", look, 1), QueryError, "such as look.jpg:2")
    assert says(closet("not-alike", f"{look}:1", 99), MeotError, "no garment 99")


def test_looks_and_unlock_of_a_folder(tmp_path: Path, own: Path) -> None:
    photo(tmp_path / "looks" / "all.png", NAVY, lower=RED)
    photo(tmp_path / "looks" / "half.png", NAVY, lower=BLACK)
    photo(tmp_path / "looks" / "one.png", NAVY)
    ranked = closet("looks", tmp_path / "looks")
    assert ranked.return_value == 1
    assert [line.split()[-1] for line in ranked.stdout.splitlines()] == ["all.png", "half.png"]
    assert "one.png" in ranked.stderr
    (purchase,) = told("unlock", tmp_path / "looks")["purchases"]
    assert (purchase["category"], purchase["unlocks"]) == ("jeans", ["half.png"])


def test_looks_and_unlock_of_a_shop(tmp_path: Path, shop: Path) -> None:
    closet("add", photo(tmp_path / "own.png", (10, 200, 20)))
    found = told("looks", shop)["looks"]
    assert {each["name"] for each in found} == {"cheap jeans", "dear jeans", "unpriced jeans"}
    (purchase,) = told("unlock", shop, "--shop", shop)["purchases"]
    assert len(purchase["unlocks"]) == 3
    assert len(purchase["products"]) == 3


def test_duplicates(tmp_path: Path, own: Path) -> None:
    assert "no two garments" in closet("duplicates").stdout
    closet("add", photo(tmp_path / "again.png", (29, 34, 62)))
    assert told("duplicates")["duplicates"][0]["owned"] == [1, 4]
