from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.builders import NAVY, RED, WHITE, ColourReader, build_garment, build_product, write_photo

from meot import photos
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError, PhotoError
from meot.types import Label, Look


def read_pending(catalogue: Catalogue, reader: ColourReader) -> None:
    for key, path in catalogue.pending(reader.models):
        catalogue.put_reading(key, reader.read(photos.load(path)))


def test_a_product_comes_back_as_it_went_in(catalogue: Catalogue, tmp_path: Path) -> None:
    product = build_product("1", "셔츠", price=19900.0, link="https://shop/1", brand="멋", gender="women")
    number = catalogue.put_product(product, [write_photo(tmp_path / "1.png", NAVY)])
    assert catalogue.product(number) == product
    assert catalogue.put_product(product, [tmp_path / "1.png"]) == number
    with pytest.raises(CatalogueError, match="no product has number 99"):
        catalogue.product(99)


def test_the_generation_moves_with_changes_only(catalogue: Catalogue, tmp_path: Path) -> None:
    path = write_photo(tmp_path / "1.png", NAVY)
    moments = [catalogue.generation()]
    catalogue.put_product(build_product("1", "셔츠"), [path])
    moments.append(catalogue.generation())
    read_pending(catalogue, ColourReader())
    moments.append(catalogue.generation())
    assert moments == sorted(set(moments))
    catalogue.put_product(build_product("1", "셔츠"), [path])
    assert catalogue.generation() == moments[-1]


def test_a_garment_comes_back_as_it_went_in(catalogue: Catalogue, tmp_path: Path) -> None:
    path = write_photo(tmp_path / "1.png", NAVY)
    number = catalogue.put_product(build_product("1", "셔츠"), [path])
    photo = photos.load(path)
    details = {"sleeve": Label(id="long", score=0.8, sure=True)}
    garment = replace(build_garment(NAVY, sure=False, person=1), components=details, deepfashion2=2)
    look = Look(
        photo=photo,
        garments=(garment,),
        regions=np.zeros((64, 48), np.uint8),
        worn=True,
        models={"a": "1"},
        style=Label(id="casual", score=0.5, sure=False),
    )
    [(key, pending)] = catalogue.pending({"a": "1"})
    assert pending == path
    catalogue.put_reading(key, look)
    [stored] = catalogue.garments_of(number)
    for name in ("region", "category", "box", "score", "area", "person", "colours", "components", "deepfashion2"):
        assert getattr(stored.garment, name) == getattr(garment, name), name
    np.testing.assert_array_equal(stored.garment.vector, garment.vector)
    assert stored.garment.vector.dtype == np.float32
    assert catalogue.pending({"a": "1"}) == []
    assert [k for k, _ in catalogue.pending({"a": "2"})] == [key]


def test_a_second_reading_replaces_the_first(catalogue: Catalogue, tmp_path: Path) -> None:
    number = catalogue.put_product(build_product("1", "셔츠"), [write_photo(tmp_path / "1.png", NAVY, lower=RED)])
    read_pending(catalogue, ColourReader())
    before = {stored.key for stored in catalogue.garments_of(number)}
    read_pending(catalogue, ColourReader(version="colour.2"))
    after = {stored.key for stored in catalogue.garments_of(number)}
    assert len(after) == 2
    assert min(after) > max(before)


def test_vectors_come_in_blocks(catalogue: Catalogue, tmp_path: Path) -> None:
    shared = write_photo(tmp_path / "1.png", NAVY, lower=WHITE)
    catalogue.put_product(build_product("1", "셔츠", price=10.0), [shared])
    catalogue.put_product(build_product("2", "바지"), [shared])
    models = ColourReader().models
    assert list(catalogue.vector_blocks(models)) == []
    read_pending(catalogue, ColourReader())
    [(keys, vectors)] = catalogue.vector_blocks(models)
    assert keys.tolist() == [1, 2]
    assert (vectors.shape, vectors.dtype.name) == ((2, 4), "float32")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)
    assert [keys.tolist() for keys, _ in catalogue.vector_blocks(models, after=1)] == [[2]]
    assert list(catalogue.vector_blocks({"parser": "other"})) == []
    [(some, same)] = catalogue.vectors_of(np.array([2, 7]))
    assert some.tolist() == [2]
    np.testing.assert_array_equal(same, vectors[1:])


def test_a_failure_is_counted_and_not_tried_again_with_the_same_models(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.put_product(build_product("1", "셔츠"), [write_photo(tmp_path / "1.png", NAVY)])
    [(key, _)] = catalogue.pending({"a": "1"})
    catalogue.put_failure(key, "gone", {"a": "1"})
    assert catalogue.pending({"a": "1"}) == []
    assert len(catalogue.pending({"a": "2"})) == 1
    assert catalogue.counts()["failed"] == 1


def test_the_photo_of_a_product(catalogue: Catalogue, tmp_path: Path) -> None:
    first, second = write_photo(tmp_path / "1.png", NAVY), write_photo(tmp_path / "2.png", RED)
    number = catalogue.put_product(build_product("1", "셔츠"), [second, first])
    assert catalogue.photo_path(number) == second
    second.unlink()
    assert catalogue.photo_path(number) == first
    first.unlink()
    assert catalogue.photo_path(number) is None
    assert catalogue.photo_path(99) is None


def test_unreadable_files_and_unknown_photos_are_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="cannot be opened"):
        catalogue.put_product(build_product("1", "셔츠"), [tmp_path / "none.png"])
    look = ColourReader().read(photos.load(write_photo(tmp_path / "1.png", NAVY)))
    with pytest.raises(CatalogueError, match="no photo has key 5"):
        catalogue.put_reading(5, look)
    assert catalogue.counts()["products"] == 0
