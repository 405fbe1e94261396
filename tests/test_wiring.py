"""What settings build on worker processes answers as what they build here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from meot import cluster, photos, wiring
from meot.catalogue.store import Catalogue
from meot.cluster import Cluster
from meot.demo.catalogue import query_jpeg
from meot.settings import Settings
from meot.types import Filters
from tests.builders import NAVY, ColourReader, build_product, write_photo


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="needs the distributed extra")
    started = cluster.start(2)
    yield started
    started.close()


def test_an_index_on_workers_finds_the_same(
    tmp_path: Path, two_workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ColourReader()
    monkeypatch.setattr(wiring, "build_reader", lambda settings: reader)
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        for i in range(8):
            file = write_photo(tmp_path / f"{i}.png", (30 * i, 40, 200 - 20 * i))
            photo = photos.load(file)
            number = catalogue.put_product(build_product(str(i), f"셔츠 {i}"), [file])
            [(key, _)] = catalogue.photos_of([photo.sha256]).values()
            catalogue.put_reading(key, reader.read(photo))
            assert number == i + 1
    asked = photos.load(write_photo(tmp_path / "asked.png", NAVY))
    found = []
    for index in ("", two_workers.client.scheduler.address.replace("tcp://", "dask://")):
        shop = wiring.open_shop(tmp_path / "shop.db", Settings(index=index))
        try:
            results = shop.search.by_photo(asked, Filters(), 8).results
            found.append([(m.number, round(m.score, 5)) for garment in results for m in garment.matches])
        finally:
            shop.close()
    assert len(found[0]) > 2
    assert found[0] == found[1]


def test_workers_read_what_threads_read(tmp_path: Path, two_workers: Cluster) -> None:
    settings = Settings(threads=1)
    shop = wiring.open_shop(tmp_path / "shop.db", settings, create=True)
    data = query_jpeg(0)
    with closing(wiring.build_pool(shop, settings)) as threads:
        here = threads.submit(data, "query.jpg").result()
        assert threads.ahead == 2
    there = wiring.build_pool(shop, replace(settings, threads=2), two_workers).submit(data, "query.jpg").result()
    shop.close()
    assert there.photo.pixels.size < here.photo.pixels.size
    assert there.models == here.models
    assert len(here.garments) > 0
    for one, other in zip(here.garments, there.garments, strict=True):
        assert (one.category.id, one.box) == (other.category.id, other.box)
        np.testing.assert_allclose(one.vector, other.vector, atol=1e-5)
