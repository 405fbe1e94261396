"""Catalogues of encoders with vectors of other sizes: kept apart, never mixed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.builders import NAVY, RED, ColourReader, unit, write_photo

from meot import photos
from meot.answers.search import Search
from meot.catalogue import intake
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError
from meot.index.exact import ExactIndex
from meot.types import Filters, Look, Photo


class OwnReader(ColourReader):
    """A reader with an own encoder, whose vectors are as long as asked."""

    def __init__(self, *, size: int) -> None:
        super().__init__()
        self._size = size

    @property
    def models(self) -> dict[str, str]:
        return {**super().models, "vectors": f"own:{self._size}@1"}

    def read(self, photo: Photo) -> Look:
        look = super().read(photo)
        garments = tuple(replace(g, vector=unit(np.resize(g.vector, self._size))) for g in look.garments)
        return replace(look, garments=garments, models=self.models)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_photo(tmp_path / "in" / "navy.png", NAVY)
    write_photo(tmp_path / "in" / "red.png", RED)
    return tmp_path / "in"


def found(catalogue: Catalogue, reader: ColourReader, photo: Path) -> list[str]:
    search = Search(catalogue=catalogue, index=ExactIndex(), reader=reader)
    return [m.product.id for m in search.by_photo(photos.load(photo), Filters(), 10).results[0].matches]


@pytest.mark.parametrize("size", [3, 64, 768])
def test_vectors_of_any_size_are_stored_and_searched(tmp_path: Path, source: Path, size: int) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        intake.add(catalogue, OwnReader(size=size), source)
        assert found(catalogue, OwnReader(size=size), source / "red.png")[0] == "red.png"
        assert [vectors.shape for _, vectors in catalogue.vectors_of(np.array([1, 2, 3]))] == [(2, size)]


def test_another_encoder_is_refused_until_the_catalogue_is_read_with_it(tmp_path: Path, source: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        intake.add(catalogue, ColourReader(), source)
        with pytest.raises(CatalogueError, match=r"vectors: the bundled there, own:6@1 here.*--encoder.*catalogue add"):
            found(catalogue, OwnReader(size=6), source / "red.png")
        again = intake.add(catalogue, OwnReader(size=6), source)
        assert (again.read, again.skipped) == (2, 0)
        assert found(catalogue, OwnReader(size=6), source / "red.png")[0] == "red.png"
        with pytest.raises(CatalogueError, match="vectors: own:6@1 there, the bundled here"):
            found(catalogue, ColourReader(), source / "red.png")


def test_a_catalogue_half_read_again_answers_with_the_half_that_can_be_compared(tmp_path: Path, source: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        intake.add(catalogue, ColourReader(), source)
        own = OwnReader(size=6)
        key, path = catalogue.pending(own.models)[0]
        catalogue.put_reading(key, own.read(photos.load(path)))
        assert found(catalogue, own, source / "red.png") == [path.name]
        with pytest.raises(CatalogueError, match=r"vectors of one encoder, got lengths 4, 6"):
            list(catalogue.vectors_of(catalogue.attributes().garments.garment))


def test_a_running_search_follows_the_catalogue_to_its_own_encoder(tmp_path: Path, source: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        intake.add(catalogue, OwnReader(size=6), source)
        search = Search(catalogue=catalogue, index=ExactIndex(), reader=OwnReader(size=6))
        red = photos.load(source / "red.png")
        assert len(search.by_photo(red, Filters(), 10).results[0].matches) == 2
        intake.add(catalogue, OwnReader(size=9), source)
        with pytest.raises(CatalogueError, match="own:9@1 there, own:6@1 here"):
            search.by_photo(red, Filters(), 10)
