"""``meot teach`` with a reader that needs no models, and ``meot read``, ``search`` and the service after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.builders import NAVY, RED, TeachableReader, build_likeness, write_bad_photo, write_photo

from meot import wiring
from meot.catalogue.store import Catalogue
from meot.cli import read as read_command
from meot.cli import search as search_command
from meot.cli.teach import command
from meot.errors import CatalogueError, MeotError, PhotoError, QueryError

pytestmark = pytest.mark.usefixtures("no_models")
NEAR_RED = (215, 50, 60)


def teach(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(x) for x in arguments], standalone_mode=False)


def says(result: Result, kind: type[MeotError], text: str) -> bool:
    """Whether the command ended with that error, of one line."""
    return isinstance(result.exception, kind) and text in str(result.exception) and "\n" not in str(result.exception)


def test_teaching_lists_reads_and_undoes(tmp_path: Path) -> None:
    shop, photo = tmp_path / "shop.db", write_photo(tmp_path / "red" / "1.png", RED)
    done = teach("category", "kimono", tmp_path / "red", "--into", shop, "--names", "en=Kimono,ko=기모노")
    assert done.return_value == 0
    assert done.stdout == f"{shop}: learned: category kimono from 1 photo\n"
    assert "category kimono from 1 photo" in teach("list", shop).stdout
    lines = [write_photo(tmp_path / "near.png", NEAR_RED), photo]
    shown = CliRunner().invoke(
        read_command.command, [*map(str, lines), "--json", "--taught", str(shop)], standalone_mode=False
    )
    categories = [json.loads(line)["garments"][0]["category"] for line in shown.stdout.splitlines()]
    assert [category["name"]["ko"] for category in categories] == ["기모노", "기모노"]
    assert categories[1]["score"] == 1.0
    undone = json.loads(teach("undo", shop, "--json").stdout)["undone"]
    assert (undone["name"], undone["photos"]) == ("kimono", 1)
    assert teach("list", shop).stdout == f"{shop}: nothing is taught yet\n"
    assert says(teach("undo", shop), CatalogueError, "nothing to undo")


def test_search_knows_what_was_taught_in_its_catalogue(tmp_path: Path) -> None:
    shop, photo = tmp_path / "shop.db", write_photo(tmp_path / "1.png", RED)
    teach("category", "skirt", photo, "--into", shop)
    found = CliRunner().invoke(search_command.command, [str(shop), str(photo), "--json"], standalone_mode=False)
    assert json.loads(found.stdout)["garments"][0]["category"] == "skirt"


def test_json_says_what_was_learned_and_what_was_not(tmp_path: Path) -> None:
    shop = tmp_path / "shop.db"
    for name, colour in (("1", RED), ("copy", RED), ("2", NAVY)):
        write_photo(tmp_path / "in" / f"{name}.png", colour)
    bad = write_bad_photo(tmp_path / "in" / "bad.jpg")
    done = teach("style", "dandi", tmp_path / "in", "--into", shop, "--json")
    assert done.return_value == 1
    said = json.loads(done.stdout)
    assert said["lesson"]["photos"] == 2
    assert (said["new"], said["near"], said["repeated"], said["known"]) == (True, "dandy", 1, 0)
    assert [failed["name"] for failed in said["failed"]] == [str(bad)]
    write_photo(tmp_path / "in" / "3.png", NEAR_RED)
    again = json.loads(teach("style", "dandi", tmp_path / "in", "--into", shop, "--json").stdout)
    assert (again["lesson"]["photos"], again["known"], again["new"]) == (1, 2, False)
    listed = json.loads(teach("list", shop, "--json").stdout)["lessons"]
    assert [(lesson["kind"], lesson["photos"], lesson["fits"]) for lesson in listed] == [
        ("style", 2, True),
        ("style", 1, True),
    ]


def test_a_near_name_is_new_with_a_hint(tmp_path: Path) -> None:
    shop, photo = tmp_path / "shop.db", write_photo(tmp_path / "1.png", RED)
    done = teach("style", "dandi", photo, "--into", shop)
    assert f"if you meant dandy, run `meot teach undo {shop}`" in done.stderr


def test_own_questions_are_asked_for(tmp_path: Path) -> None:
    shop, photo = tmp_path / "shop.db", write_photo(tmp_path / "1.png", RED)
    assert says(teach("component", "material", "denim", photo, "--into", shop), QueryError, "add --new")
    done = teach("component", "material", "denim", photo, "--into", shop, "--new")
    assert "learned: component material denim from 1 photo" in done.stdout


def test_bad_input_changes_nothing(tmp_path: Path) -> None:
    shop, photo = tmp_path / "shop.db", write_photo(tmp_path / "1.png", RED)
    (tmp_path / "empty").mkdir()
    nothing = write_photo(tmp_path / "nothing.png", (255, 0, 255))
    assert says(teach("style", "dandy", tmp_path / "empty", "--into", shop), PhotoError, "empty")
    assert says(teach("style", "dandy", tmp_path / "gone", "--into", shop), PhotoError, "gone")
    assert says(teach("style", "dandy", nothing, "--into", shop), QueryError, "found none in it")
    assert says(teach("style", "Dress", photo, "--into", shop), QueryError, "is a category already")
    assert says(teach("category", "kimono", photo, "--into", shop, "--region", "up"), QueryError, "unknown region")
    assert says(teach("list", shop), CatalogueError, "no catalogue here")
    assert not shop.exists()
    assert teach("category", "kimono", photo, "--into", shop, "--names", "fr=Kimono").exception is not None
    teach("category", "kimono", photo, "--into", shop)
    with Catalogue.open(shop, create=False) as catalogue:
        before = catalogue.taught_revision()
    assert says(teach("category", "hanbok", photo, "--into", shop), CatalogueError, "`meot teach undo`")
    assert says(teach("category", "kimono", photo, "--into", shop), CatalogueError, "nothing changed")
    with Catalogue.open(shop, create=False) as catalogue:
        assert catalogue.taught_revision() == before


def test_lessons_of_another_garment_model_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, photo = tmp_path / "shop.db", write_photo(tmp_path / "1.png", RED)
    teach("category", "kimono", photo, "--into", shop)
    monkeypatch.setattr(wiring, "build_reader", lambda settings, **_: TeachableReader(version="another.2"))
    monkeypatch.setattr(wiring, "load_likeness", lambda settings: build_likeness("another.2"))
    assert "of another garment model, so it is silent: teach it again" in teach("list", shop).stdout
    shown = CliRunner().invoke(read_command.command, [str(photo), "--taught", str(shop)], standalone_mode=False)
    assert "1 lessons are of another garment model" in shown.stderr
    assert teach("category", "hanbok", photo, "--into", shop).exception is None  # the silent lesson contradicts nothing
