"""Pages of a catalogue that changes between them: nothing twice, nothing skipped that was there all along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.builders import NAVY, WHITE, ColourReader, build_product, write_photo

from meot import photos
from meot.answers.search import Search
from meot.catalogue.store import Catalogue
from meot.errors import QueryError
from meot.index.growing import GrowingIndex
from meot.types import Filters, Photo

Ask = Callable[[str | None], tuple[list[str], str | None]]
"""From a cursor to a page's product ids and the next cursor."""


class Shop:
    """A catalogue whose products are of ever other colours."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.reader = folder, ColourReader()
        self.catalogue = Catalogue.open(folder / "shop.db", create=True)
        self.search = Search(catalogue=self.catalogue, index=GrowingIndex(), reader=self.reader)

    def put(self, id: str, red: int, title: str = "navy shirt") -> None:
        path = write_photo(self.folder / f"{id}.png", (red, 34, 62))
        self.catalogue.put_product(build_product(id, f"{title} {id}"), [path])
        for key, photo in self.catalogue.pending(self.reader.models):
            self.catalogue.put_reading(key, self.reader.read(photos.load(photo)))

    def retire(self, *ids: str) -> None:
        """Retire these by leaving them out of a run over the source."""
        numbers = [n for n in self.catalogue.numbers(1000) if self.catalogue.product(n).id not in ids]
        self.catalogue.saw(numbers, 9e9)
        self.catalogue.retire("test", unseen_since=8e9)

    def by_photo(self, after: str | None) -> tuple[list[str], str | None]:
        [found] = self.search.by_photo(plain(), Filters(), 4, after=after).results
        return [match.product.id for match in found.matches], found.next

    def by_words(self, after: str | None) -> tuple[list[str], str | None]:
        found = self.search.by_words("navy shirt", Filters(), 4, after=after)
        return [match.product.id for match in found.matches], found.next


def plain() -> Photo:
    return photos.from_pixels(np.full((64, 48, 3), NAVY, np.uint8))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    for i in range(14):
        shop.put(f"p{i:02}", 28 + 3 * i, "navy shirt" if i % 3 else "shirt, navy, for the beach and more")
    yield shop
    shop.search.close()
    shop.catalogue.close()


@pytest.fixture(params=["by_photo", "by_words"])
def ask(shop: Shop, request: pytest.FixtureRequest) -> Ask:
    found: Ask = getattr(shop, request.param)
    return found


def all_pages(ask: Ask, between: Callable[[int], None] = lambda page: None) -> list[str]:
    found, behind = ask(None)
    for page in range(1, 100):
        if behind is None:
            return found
        between(page)
        more, behind = ask(behind)
        found += more
    raise AssertionError("pages without end")


def test_pages_hold_what_one_long_page_holds(shop: Shop, ask: Ask) -> None:
    ids = all_pages(ask)
    assert sorted(ids) == [f"p{i:02}" for i in range(14)]
    long = shop.search.by_photo(plain(), Filters(), 100).results[0]
    words = shop.search.by_words("navy shirt", Filters(), 100)
    assert ids in ([m.product.id for m in long.matches], [m.product.id for m in words.matches])
    assert (long.more, words.more) == (False, False)


def test_products_added_above_move_nothing(shop: Shop, ask: Ask) -> None:
    def add(page: int) -> None:
        if page < 4:  # nearer than all, and with the best of titles
            shop.put(f"new{page}", 28, "navy shirt navy shirt")

    ids = all_pages(ask, add)
    assert len(ids) == len(set(ids))
    assert {f"p{i:02}" for i in range(14)} <= set(ids)


def test_products_retired_or_changed_between_pages_skip_none_of_the_others(shop: Shop, ask: Ask) -> None:
    first, _ = ask(None)

    def change(page: int) -> None:
        if page == 1:
            shop.retire(first[0], first[2])
        if page == 2:  # one that was shown goes to the end, one that was not comes to the front
            shop.put(first[1], 250)

    ids = all_pages(ask, change)
    assert len(ids) == len(set(ids))
    assert set(ids) == {f"p{i:02}" for i in range(14)}


def test_what_is_retired_is_found_no_more_and_comes_back(shop: Shop, ask: Ask) -> None:
    shop.retire("p00", "p05")
    assert sorted(all_pages(ask)) == [f"p{i:02}" for i in range(14) if i not in (0, 5)]
    shop.put("p05", 43)
    assert "p05" in all_pages(ask)


def test_a_cursor_is_good_for_its_own_question_only(shop: Shop) -> None:
    _, behind = shop.by_words(None)
    _, of_photo = shop.by_photo(None)
    with pytest.raises(QueryError, match="another question"):
        shop.search.by_words("navy shirt", Filters(colour="navy"), 4, after=behind)
    with pytest.raises(QueryError, match="another question"):
        shop.search.by_words("navy shirt", Filters(), 4, after=of_photo)
    with pytest.raises(QueryError, match="another question"):
        shop.search.by_photo(photos.from_pixels(np.full((64, 48, 3), WHITE, np.uint8)), Filters(), 4, after=of_photo)


def test_an_offset_passes_over_the_same(shop: Shop, ask: Ask) -> None:
    ids = all_pages(ask)
    photo = shop.search.by_photo(plain(), Filters(), 4, 4).results[0].matches
    words = shop.search.by_words("navy shirt", Filters(), 4, 4).matches
    assert ids[4:8] in ([m.product.id for m in photo], [m.product.id for m in words])
