"""``meot list`` with a reader that needs no models."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.builders import NAVY, RED, write_bad_photo, write_photo

from meot.catalogue.sources import registry
from meot.catalogue.sources.entry import Entry, Origin
from meot.cli.listing import command
from meot.errors import CatalogueError, MeotError, PhotoError, QueryError

pytestmark = pytest.mark.usefixtures("no_models")
BLUE = (54, 123, 187)


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    write_photo(folder / "A12_1.png", BLUE)
    write_photo(folder / "A12_2.png", (54, 123, 188))
    write_photo(folder / "B3.png", NAVY)
    return folder


def meot_list(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(x) for x in arguments], standalone_mode=False)


def says(result: Result, kind: type[MeotError], text: str) -> bool:
    return isinstance(result.exception, kind) and text in str(result.exception) and "\n" not in str(result.exception)


def facts(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "facts.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_photos_come_back_as_lines_and_are_kept(photos: Path, tmp_path: Path) -> None:
    done = meot_list(photos, "--language", "ko")
    assert done.return_value == 0
    assert "A12 (2 photos): sure\n  파랑 셔츠\n" in done.stdout
    assert "B3 (1 photo): review: colour not sure\n  셔츠\n  colour? navy 100%\n" in done.stdout
    assert "to be said: gender, age_group, price" in done.stdout
    assert done.stdout.endswith("listing.db: 2 products, 1 sure, 1 to review, 0 failed\n")
    assert (tmp_path / "listing.db").exists()
    assert meot_list("draft", photos).stdout.endswith("1 to review, 0 failed\n")


def test_a_file_is_written_and_read_back_by_our_own_source(photos: Path, tmp_path: Path) -> None:
    table = facts(tmp_path, 'product,price,title\nA12,39000,"=1+1 ""best"" 😀"\nB3,29000,\n')
    for name in registry.NAMES:
        if name not in ("csv", "shopify", "naver", "json-ld"):
            continue
        out = tmp_path / f"out-{name}.txt"
        done = meot_list(
            photos,
            "--to",
            name,
            "--out",
            out,
            "--facts",
            table,
            "--photos-at",
            "https://cdn.example/p",
            "--language",
            "ko",
        )
        assert (done.return_value, done.exception) == (0, None)
        assert (
            done.stdout == f"{out.with_suffix('.db')}: 2 products, 1 sure, 1 to review, 0 failed; 2 written to {out}\n"
        )
        found = [entry for entry in registry.read(Origin(out)) if isinstance(entry, Entry)]
        assert [(e.product.id.upper(), e.product.title, e.product.price) for e in found] == [  # Shopify's are small
            ("A12", '=1+1 "best" 😀', 39000.0),
            ("B3", "셔츠", 29000.0),
        ]
        assert found[0].product.image == "https://cdn.example/p/A12_1.png"


def test_without_a_file_the_listing_is_the_output(photos: Path) -> None:
    done = meot_list(photos, "--to", "csv", "--language", "en")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["id"], row["title"], row["image"]) for row in rows] == [
        ("A12", "Blue Shirt", "photos/A12_1.png"),
        ("B3", "Shirt", "photos/B3.png"),
    ]
    assert "1 to review" in done.stderr


def test_what_a_format_refuses_is_named_and_left_out(photos: Path) -> None:
    done = meot_list(photos, "--to", "google", "--photos-at", "https://cdn.example/")
    assert done.return_value == 1
    assert "meot: A12, B3 are left out: link is missing; availability is missing; price is missing" in done.stderr
    assert "<item>" not in done.stdout
    assert "--photos-at" in meot_list(photos, "--to", "shopify").stderr


def test_json_says_everything(photos: Path) -> None:
    write_bad_photo(photos / "bad.jpg")
    (photos / "empty").mkdir()
    done = meot_list(photos, "--json", "--to", "csv", "--into", "l.db")
    said = json.loads(done.stdout)
    assert done.return_value == 1
    assert {name: said[name] for name in ("products", "sure", "review", "failed", "read", "known", "kept_in")} == {
        "products": 4,
        "sure": 1,
        "review": 1,
        "failed": 2,
        "read": 3,
        "known": 0,
        "kept_in": "l.db",
    }
    first = said["drafts"][0]
    assert first["texts"]["en"]["title"] == "Blue Shirt"
    assert first["category"]["google"]["id"] == 212
    assert first["review"] == {}
    assert set(first["questions"]) >= {"price", "material"}
    assert {left["product"] for left in said["left"]} == {"bad", "empty"}


def test_review_set_and_export(photos: Path, tmp_path: Path) -> None:
    meot_list(photos, "--into", "l.db")
    assert "B3 (1 photo): review" in meot_list("review", "l.db").stdout
    assert "A12" not in meot_list("review", "l.db").stdout
    assert [d["product"] for d in json.loads(meot_list("review", "l.db", "--json", "--all").stdout)["drafts"]] == [
        "A12",
        "B3",
    ]
    done = meot_list("set", "l.db", "B3", "colour=남색", "category=polo", "price=10,000원")
    assert done.stdout == "l.db: B3 is kept; learned polo; sure\n"
    assert meot_list("review", "l.db").stdout == "l.db: nothing is open\n"
    out = tmp_path / "out.csv"
    done = meot_list("export", "l.db", "--to", "csv", "--out", out, "--language", "en")
    assert done.return_value == 0
    assert [row["title"] for row in csv.DictReader(io.StringIO(out.read_text("utf-8")))] == [
        "Blue Shirt",
        "Navy Polo Shirt",
    ]
    undone = meot_list("set", "l.db", "B3", "colour=", "--no-teach")
    assert "colour not sure" in undone.stdout


def test_corrections_from_a_table(photos: Path, tmp_path: Path) -> None:
    meot_list(photos, "--into", "l.db")
    table = facts(tmp_path, "상품,색상\nb3,남색\nzz,빨강\n")
    done = meot_list("set", "l.db", "--facts", table, "--json")
    said = json.loads(done.stdout)["corrected"]
    assert [each["draft"]["product"] for each in said] == ["B3"]
    assert said[0]["draft"]["state"] == "sure"
    assert "no draft is called zz" in done.stderr


def test_a_correction_that_teaches_nothing_new_counts_all_the_same(photos: Path) -> None:
    meot_list(photos, "--into", "l.db")
    meot_list("set", "l.db", "B3", "category=polo")
    again = meot_list("set", "l.db", "B3", "category=polo")
    assert "B3 is kept; review" in again.stdout
    assert "category counts for this product only" in again.stderr


def test_wrong_input_is_one_sentence(photos: Path, tmp_path: Path) -> None:
    assert says(meot_list(tmp_path / "gone"), PhotoError, "not found")
    (tmp_path / "bare").mkdir()
    assert says(meot_list(tmp_path / "bare"), PhotoError, "expected photos of products")
    assert says(meot_list(photos, "--facts", tmp_path / "gone.csv"), CatalogueError, "gone.csv")
    assert says(meot_list("review", "gone.db"), CatalogueError, "no catalogue here")
    meot_list(photos, "--into", "l.db")
    assert says(meot_list("set", "l.db", "B4", "category=polo"), CatalogueError, "did you mean 'B3'")
    assert says(meot_list("set", "l.db", "B3", "category=polp"), QueryError, "did you mean 'polo'")
    assert says(meot_list("set", "l.db", "B3", "categry=polo"), QueryError, "did you mean 'category'")
    for arguments in (("set", "l.db"), ("set", "l.db", "B3"), ("set", "l.db", "B3", "polo"), (photos, "--to", "ebay")):
        assert meot_list(*arguments).exception is not None


def test_help_has_options_and_commands() -> None:
    shown = CliRunner().invoke(command, ["--help"]).stdout
    for word in ("PHOTOS... [OPTIONS]", "--to", "--group", "--threshold", "--facts", "review", "set", "export"):
        assert word in shown
    for name in ("draft", "review", "set", "export"):
        assert "Usage:" in CliRunner().invoke(command, [name, "--help"]).stdout
    assert CliRunner().invoke(command, []).stdout + CliRunner().invoke(command, []).stderr


def test_a_folder_called_as_a_command(tmp_path: Path) -> None:
    write_photo(tmp_path / "review" / "A.png", RED)
    assert "review" in meot_list("./review", "--json").stdout
