"""Products of folders in a ZIP, and the facts that a table tells of those folders."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from unittest.mock import Mock

import pytest
from tests.service.conftest import jpeg
from tests.service.office import client_of, work
from tests.service.test_packed import pack

from meot.answers.listing.facts import of
from meot.answers.listing.group import folder_name, group, product_name
from meot.service.sell.naming import with_folders
from meot.wiring import Shop


@pytest.mark.parametrize(
    ("folder", "name"),
    [("A12", "A12"), ("coat_1", "coat1"), ("photo1", "xphoto1"), ("겨울 코트", "겨울 코트"), ("7", "x7")],
)
def test_a_folders_name_is_a_product_that_photos_can_be_numbered_behind(folder: str, name: str) -> None:
    assert folder_name(folder) == name
    assert product_name(f"{name}_1") == name


@pytest.mark.parametrize(
    ("facts", "more"),
    [
        ({"coat_1": {"size": "M"}}, {"coat1": {"size": "M"}}),
        ({"tops/a12": {"size": "M"}}, {"a12": {"size": "M"}, "tops_a12": {"size": "M"}}),
        (
            {"tops/a12": {"size": "M"}, "bottoms/a12": {"size": "L"}},
            {"tops_a12": {"size": "M"}, "bottoms_a12": {"size": "L"}},
        ),
        ({"coat_1": {"size": "M"}, "coat1": {"size": "L"}}, {}),
        ({"coat_1": {"size": "M"}, "coat-1": {"size": "L"}}, {}),
        ({"a12": {"size": "M"}}, {}),
        ({"size:12": {"size": "M"}}, {"size12": {"size": "M"}}),
        ({unicodedata.normalize("NFC", "겨울:코트"): {"size": "M"}}, {"겨울_코트": {"size": "M"}}),
    ],
)
def test_facts_of_a_folder_are_found_by_what_its_product_is_called(
    facts: dict[str, dict[str, str]], more: dict[str, dict[str, str]]
) -> None:
    assert with_folders(facts) == {**facts, **more}


def test_a_path_without_end_has_no_names_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock(wraps=folder_name)
    monkeypatch.setattr("meot.service.sell.naming.folder_name", asked)
    assert with_folders({"a/" * 2000 + "b": {"size": "M"}})["a_b"] == {"size": "M"}
    assert asked.call_count < 100


def test_on_the_command_line_a_folders_product_keeps_the_folders_name(tmp_path: Path) -> None:
    for folder in ("coat_1", "photo1"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "front.jpg").write_bytes(jpeg())
    said = {"coat_1": {"size": "M"}, "photo1": {"size": "L"}}
    assert [of(each.name, said) for each in group([tmp_path])[0]] == [{"size": "M"}, {"size": "L"}]


@pytest.mark.parametrize("later", [False, True])
def test_a_table_of_folders_fits_the_photos_of_a_zip(shop: Shop, later: bool) -> None:
    seller = client_of(shop, "mina")
    photos = {f"{folder}/front.jpg": jpeg(size=size) for folder, size in (("coat_1", (96, 128)), ("coat_2", (128, 96)))}
    photos["photo1/a.jpg"] = jpeg(size=(112, 112))
    table = "product,price\ncoat_1,1000\nCoat_2,2000\nphoto1,3000\n"
    facts = ("facts", ("facts.csv", table.encode(), "text/csv"))
    seller.post(
        "/sell/photos", files=[("photo", ("all.zip", pack(photos), "application/zip")), *([] if later else [facts])]
    )
    work(shop)
    if later:
        assert seller.post("/sell/photos", files=[facts]).headers["location"] == "/sell?filled=3&told=3"
    drafts = seller.get("/api/v1/drafts").json()["drafts"]
    prices = {draft["product"]: draft["fields"]["price"]["value"] for draft in drafts}
    assert prices == {"coat1": "1000", "coat2": "2000", "xphoto1": "3000"}
