from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.builders import NAVY, RED, WHITE, ColourReader, build_product, write_bad_photo, write_photo
from tests.catalogue.test_migrations import OLD, restore

from meot.catalogue import intake
from meot.catalogue.feeds import Feed, Feeds
from meot.catalogue.preview import Refreshed, preview
from meot.catalogue.refresh import refresh
from meot.catalogue.sources import check
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError


class Shop:
    """A catalogue that is filled from ``products.csv``."""

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self.catalogue, self.file, self.reader = catalogue, folder / "products.csv", ColourReader()
        for number in range(8):
            write_photo(folder / f"{number}.png", (20 * number, 10, 10))

    def say(self, *rows: tuple[int, int], end: str = "") -> None:
        """Have the source name these products with these prices."""
        lines = "".join(f"{number},coat {number},{price},{number}.png\n" for number, price in rows)
        self.file.write_text(f"id,title,price,image\n{lines}{end}")

    def add(self, name: str = "") -> intake.Summary:
        return intake.add(self.catalogue, self.reader, self.file, name=name)

    @property
    def feeds(self) -> Feeds:
        return Feeds(database=self.catalogue.database)

    @property
    def feed(self) -> Feed:
        [feed] = self.feeds.all()
        return feed

    def refresh(self, *, force: bool = False) -> Refreshed:
        fetcher = intake.build_fetcher(self.catalogue.place)
        return refresh(self.catalogue, self.reader, self.feed, fetcher=fetcher, force=force)

    def living(self) -> list[str]:
        """The ids of the products that are answered with."""
        products = self.catalogue.products(self.catalogue.changes(-1).numbers)
        return sorted(product.id for product in products.values())

    def price(self, id: str) -> list[float | None]:
        """What was asked for a product, the oldest first."""
        [number] = [n for n, p in self.catalogue.products(range(1, 100)).items() if p.id == id]
        return [price.price for price in self.catalogue.price_history(number)]


def fill(catalogue: Catalogue, folder: Path) -> Shop:
    shop = Shop(catalogue, folder)
    shop.say((1, 10), (2, 20), (3, 30))
    shop.add()
    return shop


@pytest.fixture
def shop(catalogue: Catalogue, tmp_path: Path) -> Shop:
    """On each database in turn."""
    return fill(catalogue, tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Shop]:
    """In a file."""
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        yield fill(catalogue, tmp_path)


def counts(done: Refreshed) -> tuple[int, int, int, int, int]:
    return done.updated, done.added, done.retired, done.back, done.unchanged


def test_updates_adds_retires_and_brings_back(shop: Shop) -> None:
    shop.say((1, 11), (2, 20), (4, 40))
    assert counts(shop.refresh()) == (1, 1, 1, 0, 1)
    assert shop.living() == ["1", "2", "4"]
    shop.say((1, 11), (2, 20), (3, 33), (4, 40))
    assert counts(shop.refresh()) == (0, 0, 0, 1, 3)
    assert shop.living() == ["1", "2", "3", "4"]
    assert shop.price("1") == [10, 11]
    assert shop.price("3") == [30, 33]
    assert len(shop.reader.reads) == 4


def test_run_twice_it_changes_nothing_but_freshness(shop: Shop) -> None:
    shop.say((1, 11), (2, 20))
    shop.refresh()
    generation, [before] = shop.catalogue.generation(), shop.feeds.standings()
    assert counts(shop.refresh()) == (0, 0, 0, 0, 2)
    assert shop.catalogue.generation() == generation
    assert shop.catalogue.changes(generation) == (generation, (), ())
    [after] = shop.feeds.standings()
    assert after.oldest > before.newest  # type: ignore[operator]
    assert (after.products, after.retired) == (2, 1)
    [offer] = shop.catalogue.offers(2)
    assert offer.seen == after.newest
    assert offer.first_seen < before.oldest  # type: ignore[operator]


def test_a_source_that_names_few_is_refused_until_it_is_meant(shop: Shop) -> None:
    shop.say((1, 5))
    generation = shop.catalogue.generation()
    refused = shop.refresh()
    assert "names only 1 of its 3 products, so nothing was changed" in refused.refused
    assert counts(refused) == (0, 0, 0, 0, 0)
    assert (shop.catalogue.generation(), shop.price("1")) == (generation, [10])
    assert counts(shop.refresh(force=True)) == (1, 0, 2, 0, 0)
    shop.say()
    assert "expected products, got none; nothing was changed" in shop.refresh(force=True).refused
    assert shop.living() == ["1"]


def test_a_source_that_is_gone_changes_nothing(small: Shop) -> None:
    small.file.unlink()
    assert "products.csv: not found" in small.refresh().refused
    assert small.living() == ["1", "2", "3"]


def test_a_row_that_cannot_be_read_keeps_all_and_one_that_names_its_product_keeps_that(small: Shop) -> None:
    small.say((1, 11), (2, 20), end="4,coat\n")
    done = small.refresh()
    assert (done.updated, done.kept, done.retired) == (1, 1, 0)
    assert done.failed[0][0] == "products.csv line 4"
    assert small.living() == ["1", "2", "3"]
    small.say((1, 11), end="2,,20,2.png\n")
    done = small.refresh()
    assert (done.kept, done.retired, len(done.failed)) == (0, 1, 1)
    assert small.living() == ["1", "2"]
    small.say((1, 11), end="4,coat\n")
    assert small.refresh(force=True).retired == 1


def test_a_file_that_is_cut_off_retires_nothing(small: Shop, tmp_path: Path) -> None:
    shop = Shop(small.catalogue, tmp_path)
    assert small.feeds.forget(small.feed.name) == 3
    shop.file = tmp_path / "products.json"
    items = [f'{{"id": "{n}", "title": "coat", "image": "{n}.png", "price": {n}}}' for n in range(1, 5)]
    shop.file.write_text(f"[{', '.join(items)}]")
    shop.add()
    shop.file.write_text(f"[{', '.join(items[:3])}, {items[3][:10]}")
    done = shop.refresh()
    assert (done.unchanged, done.kept, done.retired) == (3, 1, 0)
    assert "cut off here" in done.failed[0][1]
    shop.file.write_text(f"[{items[0]}, {items[3][:10]}")
    assert "names only 1 of its 4 products and is damaged at products.json after object 1" in shop.refresh().refused


def test_a_full_temporary_folder_is_told(small: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(check, "_stood_before", full)
    assert "the temporary folder cannot be written (database or disk is full)" in small.refresh().refused
    assert small.living() == ["1", "2", "3"]


def test_a_dry_run_says_it_and_changes_nothing(small: Shop) -> None:
    small.say((1, 11), (2, 20), (4, 40))
    generation = small.catalogue.generation()
    foreseen = preview(small.catalogue, small.feed, fetcher=intake.build_fetcher(small.catalogue.place))
    assert (small.catalogue.generation(), small.living(), small.price("1")) == (generation, ["1", "2", "3"], [10])
    assert counts(foreseen) == counts(small.refresh())


def test_a_photo_that_changed_is_read_again_and_one_gone_bad_keeps_the_old_one(small: Shop, tmp_path: Path) -> None:
    write_photo(tmp_path / "1.png", RED, lower=WHITE)
    assert counts(small.refresh()) == (1, 0, 0, 0, 2)
    assert [g.garment.colours[0].id for g in small.catalogue.garments_of(1)] == ["red", "white"]
    write_bad_photo(tmp_path / "1.png")
    small.say((1, 9), (2, 20), (3, 30))
    done = small.refresh()
    assert (counts(done), len(done.failed)) == ((1, 0, 0, 0, 2), 1)
    assert small.price("1") == [10, 9]
    assert len(small.catalogue.garments_of(1)) == 2


def test_other_models_read_every_photo_again(small: Shop) -> None:
    small.reader = ColourReader(version="colour.2")
    assert counts(small.refresh()) == (0, 0, 0, 0, 3)
    assert len(small.reader.reads) == 3
    assert small.catalogue.pending(small.reader.models) == []


def test_a_source_with_a_name_moves_and_keeps_its_products(shop: Shop, tmp_path: Path) -> None:
    assert shop.add("spring").added == 0  # it takes the name
    assert shop.feed.name == "spring"
    assert {p.source for p in shop.catalogue.products([1, 2, 3]).values()} == {"spring"}
    shop.file = shop.file.rename(tmp_path / "moved.csv")
    assert "products.csv: not found" in shop.refresh().refused
    shop.add("spring")
    assert counts(shop.refresh()) == (0, 0, 0, 0, 3)
    assert shop.catalogue.counts()["products"] == 3
    shop.add()  # known by its address, it keeps its name
    assert (shop.feed.name, shop.catalogue.counts()["products"]) == ("spring", 3)


@pytest.mark.parametrize("name", ["a/b", "x" * 201, "a\nb"])
def test_a_name_that_could_be_an_address_is_refused(small: Shop, name: str) -> None:
    with pytest.raises(CatalogueError, match="a source's name must have"):
        small.add(name)


def test_two_sources_never_become_one(small: Shop, tmp_path: Path) -> None:
    small.add("spring")
    small.file = tmp_path / "other.csv"
    small.say((5, 50))
    small.add()
    with pytest.raises(CatalogueError, match="expected a source that is not in yet, got one that is in as"):
        small.add("spring")


def test_a_forgotten_source_comes_back_with_its_history(shop: Shop) -> None:
    assert shop.feeds.forget(shop.feed.name) == 3
    assert (shop.living(), shop.feeds.all()) == ([], [])
    shop.say((1, 11))
    shop.add()
    assert (shop.living(), shop.price("1")) == (["1"], [10, 11])


def test_sources_are_found_by_name_path_or_address_with_its_key(small: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    feeds = small.feeds
    feeds.note("https://a.example/feed?key=abc&page=1", format="naver")
    assert feeds.all()[1].address == "https://a.example/feed?page=1"
    assert feeds.find("https://a.example/feed?key=new&page=1").where == "https://a.example/feed?key=new&page=1"
    monkeypatch.chdir(small.file.parent)
    assert feeds.find("products.csv") == feeds.all()[0]
    with pytest.raises(CatalogueError, match=r"no source is called 'productz\.csv'"):
        feeds.find("productz.csv")


def test_the_sources_of_an_old_catalogue_are_known(tmp_path: Path) -> None:
    dump = OLD[0].read_text(encoding="utf-8").replace("'old.csv'", "'/shop/old.csv'")
    (tmp_path / "old.sql").write_text(dump, encoding="utf-8")
    with Catalogue.open(restore(tmp_path / "old.sql", tmp_path / "shop.db"), create=False) as catalogue:
        [one] = Feeds(database=catalogue.database).standings()
        assert (one.feed.name, one.feed.where, one.products) == ("/shop/old.csv", Path("/shop/old.csv"), 4)


def test_a_seller_who_sells_no_more_is_not_seen(catalogue: Catalogue, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "1.png", NAVY)
    for seller in ("a", "b"):
        number = catalogue.put_product(build_product("1", "coat", price=5.0, seller=seller), [photo])
    catalogue.saw([number], 9e9)
    assert {offer.seller: offer.seen == 9e9 for offer in catalogue.offers(number)} == {"a": False, "b": True}
