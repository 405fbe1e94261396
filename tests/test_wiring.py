"""What settings build on worker processes answers as what they build here."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from meot import photos, wiring
from meot.catalogue.store import Catalogue
from meot.cluster import Cluster
from meot.demo.catalogue import query_jpeg
from meot.index.compact import Blocks
from meot.settings import Settings
from meot.types import Filters
from tests.builders import NAVY, ColourReader, build_product, write_photo


def address(workers: Cluster) -> str:
    return str(workers.client.scheduler.address).replace("tcp://", "dask://")


def fill(database: Path, reader: ColourReader, numbers: range) -> None:
    """Put products into a catalogue, each with a photo that was read."""
    with Catalogue.open(database, create=True) as catalogue:
        for i in numbers:
            file = write_photo(database.parent / f"{i}.png", (30 * i, 40, 200 - 20 * i))
            photo = photos.load(file)
            number = catalogue.put_product(build_product(str(i), f"셔츠 {i}"), [file])
            [(key, _)] = catalogue.photos_of([photo.sha256]).values()
            catalogue.put_reading(key, reader.read(photo))
            assert number == i + 1


def found_in(database: Path, settings: Settings) -> list[tuple[int, float]]:
    """(number, score) of what a shop that is opened for it finds like a navy photo."""
    asked = photos.load(write_photo(database.parent / "asked.png", NAVY))
    shop = wiring.open_shop(database, settings)
    try:
        results = shop.search.by_photo(asked, Filters(), 8).results
        return [(m.number, round(m.score, 5)) for garment in results for m in garment.matches]
    finally:
        shop.close()


def reads_of(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The keys of the vectors that are read from catalogues from now on."""
    read: list[int] = []
    vectors_of, vector_blocks = Catalogue.vectors_of, Catalogue.vector_blocks

    def counted(blocks: Blocks) -> Blocks:
        for keys, vectors in blocks:
            read.extend(keys.tolist())
            yield keys, vectors

    monkeypatch.setattr(Catalogue, "vectors_of", lambda self, keys: counted(vectors_of(self, keys)))
    monkeypatch.setattr(Catalogue, "vector_blocks", lambda self, models: counted(vector_blocks(self, models)))
    return read


def test_an_index_on_workers_finds_the_same(tmp_path: Path, workers: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = ColourReader()
    monkeypatch.setattr(wiring, "build_reader", lambda settings: reader)
    fill(tmp_path / "shop.db", reader, range(8))
    here = found_in(tmp_path / "shop.db", Settings())
    assert len(here) > 2
    assert found_in(tmp_path / "shop.db", Settings(index=address(workers))) == here


def test_a_start_takes_what_workers_kept_and_reads_only_what_is_new(
    tmp_path: Path, workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ColourReader()
    monkeypatch.setattr(wiring, "build_reader", lambda settings: reader)
    read = reads_of(monkeypatch)
    settings = Settings(index=address(workers), index_folder=tmp_path / "shards")
    read_at: list[int] = []
    for numbers in (range(6), range(0), range(6, 8)):
        fill(tmp_path / "shop.db", reader, numbers)
        there = found_in(tmp_path / "shop.db", settings)
        read_at.append(len(read))
        assert there == found_in(tmp_path / "shop.db", Settings())
        read.clear()
    assert read_at == [6, 0, 2]


def test_what_was_made_anew_on_workers_is_kept_and_what_they_had_kept_is_not_taken(
    tmp_path: Path, workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ColourReader()
    monkeypatch.setattr(wiring, "build_reader", lambda settings: reader)
    read = reads_of(monkeypatch)
    settings = Settings(index=address(workers), index_folder=tmp_path / "shards")
    fill(tmp_path / "shop.db", reader, range(6))
    for rebuilt, expected in ((False, 6), (True, 6), (False, 0)):
        shop = wiring.open_shop(tmp_path / "shop.db", settings)
        try:
            if rebuilt:
                shop.search.rebuild()  # before anybody asked, as a job of its own process does
            else:
                shop.search.prepare()
        finally:
            shop.close()
        assert len(read) == expected
        read.clear()
    assert found_in(tmp_path / "shop.db", settings) == found_in(tmp_path / "shop.db", Settings())


def test_workers_read_what_threads_read(tmp_path: Path, workers: Cluster) -> None:
    settings = Settings(threads=1)
    shop = wiring.open_shop(tmp_path / "shop.db", settings, create=True)
    data = query_jpeg(0)
    with closing(wiring.build_pool(shop, settings)) as threads:
        here = threads.submit(data, "query.jpg").result()
        assert threads.ahead == 2
    there = wiring.build_pool(shop, replace(settings, threads=2), workers).submit(data, "query.jpg").result()
    shop.close()
    assert there.photo.pixels.size < here.photo.pixels.size
    assert there.models == here.models
    assert len(here.garments) > 0
    for one, other in zip(here.garments, there.garments, strict=True):
        assert (one.category.id, one.box) == (other.category.id, other.box)
        np.testing.assert_allclose(one.vector, other.vector, atol=1e-5)
