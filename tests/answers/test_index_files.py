from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import numpy as np
import pytest
from tests.answers.cases import build_attributes
from tests.builders import NAVY, RED, ColourReader, build_product, write_photo

from meot import photos
from meot.answers.index_files import IndexFiles
from meot.answers.search import Search
from meot.catalogue.store import Catalogue
from meot.index.files import MANIFEST
from meot.index.growing import GrowingIndex
from meot.types import Filters


class Shop:
    """A catalogue on disk, opened anew for every question as the command line does."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.reader = folder, ColourReader()
        self.index = folder / "shop.index"
        self.steps: list[str] = []

    def put(self, id: str, red: int) -> None:
        path = write_photo(self.folder / f"{id}.png", (red, 34, 62))
        with Catalogue.open(self.folder / "shop.db", create=True) as catalogue:
            catalogue.put_product(build_product(id, id), [path])
            for key, photo in catalogue.pending(self.reader.models):
                catalogue.put_reading(key, self.reader.read(photos.load(photo)))

    def ask(self, fewest: int = 1) -> list[str]:
        with Catalogue.open(self.folder / "shop.db", create=False) as catalogue:
            files = IndexFiles(
                folder=self.index, fewest=fewest, progress=lambda step, done, total: self.steps.append(step)
            )
            search = Search(catalogue=catalogue, index=GrowingIndex(), reader=self.reader, files=files)
            query = photos.from_pixels(np.full((64, 48, 3), NAVY, np.uint8))
            found = search.by_photo(query, Filters(), 50).results[0].matches
            search.close()
            return [match.product.id for match in found]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    for i, id in enumerate("abc"):
        shop.put(id, 28 + 20 * i)
    return shop


def saved(shop: Shop) -> int:
    return int(GrowingIndex.open(shop.index, models=_models(shop)).generation)


def _models(shop: Shop) -> str:
    import json

    told = json.loads((shop.index / MANIFEST).read_text())
    return str(told["models"])


def test_it_is_saved_on_close_and_opened_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.ask() == ["a", "b", "c"]
    assert (shop.index / MANIFEST).is_file()
    monkeypatch.setattr(GrowingIndex, "rebuild", None)  # whoever rebuilds now fails
    assert shop.ask() == ["a", "b", "c"]


def test_what_came_and_went_since_is_followed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.ask()
    before = saved(shop)
    shop.put("d", 30)
    shop.put("b", 250)
    with Catalogue.open(shop.folder / "shop.db", create=False) as catalogue:
        catalogue.saw([2, 3, 4], 9e9)
        assert catalogue.retire("test", unseen_since=8e9) == 1
    monkeypatch.setattr(GrowingIndex, "rebuild", None)
    assert shop.ask() == ["d", "c", "b"]
    assert saved(shop) > before
    assert len(GrowingIndex.open(shop.index, models=_models(shop))) == 3


def test_few_garments_leave_no_files(shop: Shop) -> None:
    assert shop.ask(fewest=4) == ["a", "b", "c"]
    assert not shop.index.exists()


@pytest.mark.parametrize("damage", ["manifest", "vectors", "gone"])
def test_a_damaged_index_is_rebuilt(shop: Shop, damage: str) -> None:
    shop.ask()
    for file in shop.index.iterdir():
        if damage == "gone" or (damage == "manifest") == (file.name == MANIFEST):
            file.write_bytes(b"rubbish") if damage != "gone" else file.unlink()
    assert shop.ask() == ["a", "b", "c"]
    assert saved(shop)


def test_another_catalogue_in_its_place_does_not_get_its_vectors(shop: Shop) -> None:
    shop.ask()
    for file in shop.folder.glob("shop.db*"):
        file.unlink()
    for i, id in enumerate("xyz"):
        shop.put(id, 250 - 40 * i)
    assert shop.ask() == ["z", "y", "x"]


def test_a_catalogue_put_back_from_a_copy_is_answered_as_it_is(shop: Shop) -> None:
    copy = (shop.folder / "shop.db").read_bytes()
    shop.put("d", 29)
    shop.put("a", 120)
    assert shop.ask() == ["d", "b", "c", "a"]
    for file in shop.folder.glob("shop.db-*"):
        file.unlink()
    (shop.folder / "shop.db").write_bytes(copy)
    assert shop.ask() == ["a", "b", "c"]


def test_other_models_do_not_get_its_vectors(shop: Shop) -> None:
    shop.ask()
    shop.reader = ColourReader(version="colour.2")
    with Catalogue.open(shop.folder / "shop.db", create=False) as catalogue:
        for key, photo in catalogue.pending(shop.reader.models):
            catalogue.put_reading(key, shop.reader.read(photos.load(photo)))
    assert shop.ask() == ["a", "b", "c"]
    assert "colour.2" in _models(shop)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder_is_no_fault(shop: Shop) -> None:
    shop.index.mkdir()
    shop.index.chmod(0o500)
    assert shop.ask() == ["a", "b", "c"]


def test_a_folder_that_cannot_be_made_is_no_fault(shop: Shop) -> None:
    shop.index.write_text("a file is in the way")
    assert shop.ask() == ["a", "b", "c"]


def test_it_is_saved_by_itself_once_changes_settle(shop: Shop) -> None:
    with Catalogue.open(shop.folder / "shop.db", create=False) as catalogue:
        files = IndexFiles(folder=shop.index, fewest=1, settled=0.05)
        search = Search(catalogue=catalogue, index=GrowingIndex(), reader=shop.reader, files=files)
        search.by_photo(photos.from_pixels(np.full((64, 48, 3), RED, np.uint8)), Filters(), 5)
        end = time.monotonic() + 60
        while not (shop.index / MANIFEST).is_file():
            assert time.monotonic() < end, "it was not saved"
            time.sleep(0.02)
        assert saved(shop) == catalogue.generation()
        search.close()


def test_a_timer_that_goes_off_while_it_is_closed_takes_the_folder_from_nobody(shop: Shop) -> None:
    index, attributes = GrowingIndex(models="late"), build_attributes([])
    index.add(np.arange(3), np.eye(4, dtype=np.float32)[:3])
    late = IndexFiles(folder=shop.index, fewest=1)
    late.close()
    assert not late.save(index, attributes, "late")
    assert IndexFiles(folder=shop.index, fewest=1).save(index, attributes, "next")


def _hold(folder: Path, ready: object, done: object) -> None:
    files = IndexFiles(folder=folder, fewest=1)
    index = GrowingIndex(models="held")
    index.add(np.arange(3), np.eye(4, dtype=np.float32)[:3])
    assert files.save(index, build_attributes([]), "held")
    ready.set()  # type: ignore[attr-defined]
    done.wait(120)  # type: ignore[attr-defined]


def test_one_process_saves_and_others_go_on_without(shop: Shop) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(shop.index, ready, done))
    other.start()
    assert ready.wait(120)
    assert shop.ask() == ["a", "b", "c"]  # the other's index is of other models
    assert _models(shop) == "held"
    done.set()
    other.join()
    assert shop.ask() == ["a", "b", "c"]
    assert _models(shop) != "held"
