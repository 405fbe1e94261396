from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from tests.builders import NAVY, RED, WHITE, Colour, ColourReader, build_product, write_photo

from meot import photos
from meot.catalogue import attribute_file
from meot.catalogue.attributes import Attributes
from meot.catalogue.store import Catalogue
from meot.catalogue.vocabulary import Vocabulary, gender


class Shop:
    """A catalogue to be filled."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.folder, self.catalogue, self.reader = folder, catalogue, ColourReader()

    def put(self, id: str, colour: Colour | None, lower: Colour | None = None, **more: object) -> int:
        paths = [] if colour is None else [write_photo(self.folder / f"{id}.png", colour, lower=lower)]
        number = self.catalogue.put_product(build_product(id, id, **more), paths)
        for key, path in self.catalogue.pending(self.reader.models):
            self.catalogue.put_reading(key, self.reader.read(photos.load(path)))
        return number


@pytest.fixture
def shop(catalogue: Catalogue, tmp_path: Path) -> Shop:
    """Three products on each database in turn."""
    shop = Shop(tmp_path, catalogue)
    shop.put("a", NAVY, RED, price=10.0, gender="Women")
    shop.put("b", WHITE, gender="남성")
    shop.put("bare", None, price=5.0)
    return shop


def told(attributes: Attributes) -> list[tuple[object, ...]]:
    """Everything in words, a line a garment."""
    said, rows = attributes.vocabularies, attributes.garments
    texts = [
        (int(product), said.region.texts[region], said.category.texts[category], int(colours), int(key))
        for product, region, category, colours, key in zip(
            rows.product, rows.region, rows.category, rows.colours, rows.garment, strict=True
        )
    ]
    columns = attributes.products
    return texts + [
        (int(number), float(np.nan_to_num(price, nan=-1)), said.source.texts[source], of >= 0 and said.gender.texts[of])
        for number, price, source, of in zip(columns.number, columns.price, columns.source, columns.gender, strict=True)
    ]


def test_products_and_their_garments(shop: Shop) -> None:
    found = shop.catalogue.attributes()
    assert [row[:3] for row in told(found)[:3]] == [(1, "upper", "shirt"), (1, "lower", "jeans"), (2, "upper", "shirt")]
    assert told(found)[3:] == [(1, 10.0, "test", "female"), (2, -1.0, "test", "male"), (3, 5.0, "test", False)]
    assert found.starts.tolist() == [0, 2, 3, 3]
    assert found.place.tolist() == [0, 0, 1]
    assert found.places_of(np.array([2, 9, 3])).tolist() == [1, -1, 2]


def test_following_gives_what_reading_anew_gives(shop: Shop) -> None:
    before = shop.catalogue.attributes()
    assert shop.catalogue.attributes(before) is before
    for i in range(8):
        shop.put(f"more{i}", (i, 40, 80))
    before = shop.catalogue.attributes(before)
    shop.put("a", RED, WHITE, price=99.0)
    shop.put("b", NAVY)
    shop.catalogue.saw([number for number in shop.catalogue.numbers(100) if number not in (3, 5)], 9e9)
    assert shop.catalogue.retire("test", unseen_since=8e9) == 2
    followed, anew = shop.catalogue.attributes(before), shop.catalogue.attributes()
    assert told(followed) == told(anew)
    assert followed.generation == anew.generation
    assert followed.starts.tolist() == anew.starts.tolist()
    assert 3 not in followed.products.number


def test_an_empty_catalogue(catalogue: Catalogue) -> None:
    found = catalogue.attributes()
    assert len(found) == 0
    assert found.places_of(np.array([1])).tolist() == [-1]
    assert [len(getattr(found.garments, f.name)) for f in fields(found.garments) if f.name != "answers"] == [0] * 8
    assert catalogue.fingerprint() == ""


@pytest.mark.parametrize(
    ("said", "id"),
    [("Women's", "female"), (" 남성 ", "male"), ("UNISEX", "unisex"), ("Girls", "female"), ("dogs", "dogs"), ("", "")],
)
def test_genders(said: str, id: str) -> None:
    assert gender(said) == id


def test_a_vocabulary_only_grows() -> None:
    said = Vocabulary(["a", "b"])
    assert (said.number("c"), said.number("a"), said.find("d"), len(said)) == (2, 0, -1, 3)


def test_they_come_back_from_a_file(shop: Shop, tmp_path: Path) -> None:
    before, file = shop.catalogue.attributes(), tmp_path / "attributes.npz"
    attribute_file.save(before, file, "this one")
    back = attribute_file.load(file, "this one")
    assert back is not None
    assert told(back) == told(before)
    assert shop.catalogue.attributes(back) is back
    shop.put("later", RED)
    assert told(shop.catalogue.attributes(back)) == told(shop.catalogue.attributes())
    assert [path.name for path in tmp_path.glob("attributes*")] == ["attributes.npz"]


def test_a_file_of_another_catalogue_or_a_damaged_one_is_passed_over(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "attributes.npz"
    assert attribute_file.load(file, "x") is None
    attribute_file.save(shop.catalogue.attributes(), file, "x")
    assert attribute_file.load(file, "y") is None
    whole = file.read_bytes()
    for cut in range(0, len(whole), 211):
        file.write_bytes(whole[:cut])
        assert attribute_file.load(file, "x") is None
    middle = whole.index(b"products.price") + 120
    file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    assert attribute_file.load(file, "x") is None
