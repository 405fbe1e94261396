"""What every format holds to; a new one is added to ``samples.ALL``."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.catalogue.sources.samples import ALL, PHOTO

from meot.catalogue.sources import registry
from meot.catalogue.sources.check import LONGEST_ID, MOST_PHOTOS, availability, check, is_address
from meot.catalogue.sources.entry import Broken, Entry, Origin, Record
from meot.errors import CatalogueError, MeotError

SAMPLES = [pytest.param(name, text, id=f"{name}-{n}") for name, texts in ALL.items() for n, text in enumerate(texts)]


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "whatever.bin"
    file.write_bytes(text.encode(encoding))
    return file


def test_every_format_has_a_sample() -> None:
    assert set(ALL) | {"folder"} == set(registry.NAMES)


@pytest.mark.parametrize(("name", "text"), SAMPLES)
class TestFormat:
    """The contract."""

    def test_is_known_by_its_content(self, tmp_path: Path, name: str, text: str) -> None:
        assert registry.choose(write(tmp_path, text)).name == name
        assert registry.choose(write(tmp_path, "\ufeff\n" + text)).name == name

    def test_yields_products_that_may_be_stored(self, tmp_path: Path, name: str, text: str) -> None:
        file = write(tmp_path, text)
        found = list(registry.read(Origin(file)))
        entries = [entry for entry in found if isinstance(entry, Entry)]
        assert entries
        assert entries[0].product.image == PHOTO
        for entry in entries:
            product = entry.product
            assert product.id
            assert product.title
            assert product.source == str(file)
            assert not {"<", "&amp;"} & set(product.title + product.description)
            assert product.price is None or product.price > 0
            assert all(isinstance(photo, Path) or is_address(photo) for photo in entry.photos)
            assert product.availability in ("", "in_stock", "out_of_stock", "preorder", "backorder", "discontinued")

    def test_reads_the_same_in_korean_encodings(self, tmp_path: Path, name: str, text: str) -> None:
        in_utf_8 = list(registry.read(Origin(write(tmp_path, text))))
        assert list(registry.read(Origin(write(tmp_path, text, "cp949")))) == in_utf_8

    def test_a_fetched_file_never_leads_to_one_of_ours(self, tmp_path: Path, name: str, text: str) -> None:
        for local in ("/etc/passwd", "file:///etc/passwd", "../secret.jpg", "//host/x.jpg"):
            origin = Origin(write(tmp_path, text.replace(PHOTO, local)), "https://shop.example/feed")
            for entry in registry.read(origin):
                assert isinstance(entry, Broken) or all(isinstance(photo, str) for photo in entry.photos)

    def test_cut_off_anywhere_it_is_named_and_nothing_else_breaks(self, tmp_path: Path, name: str, text: str) -> None:
        whole = [e for e in registry.read(Origin(write(tmp_path, text)), format=name) if isinstance(e, Entry)]
        named = []
        for length in range(0, len(text), max(1, len(text) // 40)):
            file = write(tmp_path, text[:length])
            try:
                found = [e for e in registry.read(Origin(file), format=name) if isinstance(e, Entry)]
            except MeotError as error:
                named.append("whatever.bin" in str(error))
            else:
                named.append(len(found) <= len(whole) + 1)  # a row may be cut within the cell that keeps it out
        assert all(named)

    def test_keys_of_an_address_are_not_kept(self, tmp_path: Path, name: str, text: str) -> None:
        origin = Origin(write(tmp_path, text), "https://me:word@shop.example/feed?apiKey=s3cret&q=coat")
        entry = next(e for e in registry.read(origin) if isinstance(e, Entry))
        assert entry.product.source == "https://shop.example/feed?q=coat"
        assert "s3cret" not in repr(entry)


def test_a_folder_of_photos_is_one(tmp_path: Path) -> None:
    (tmp_path / "red_coat.jpg").touch()
    (tmp_path / "shop.photos" / "aa").mkdir(parents=True)
    (tmp_path / "shop.photos" / "addresses.db").touch()
    (tmp_path / "shop.photos" / "aa" / "fetched.jpg").touch()  # of another source
    [entry] = registry.read(Origin(tmp_path))
    assert isinstance(entry, Entry)
    assert (entry.product.title, entry.photos) == ("red coat", (tmp_path / "red_coat.jpg",))


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0", b"", b"hello", b"<svg></svg>", b"\xff\xd8\xff\0"])
def test_what_is_no_source_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(data)
    with pytest.raises(CatalogueError, match=r"expected one of a folder of photos, .*Shopify"):
        list(registry.read(Origin(tmp_path / "x.csv")))


def test_an_unknown_format_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="did you mean 'shopify'"):
        registry.read(Origin(tmp_path), format="shopfy")


def record(**more: object) -> Record:
    values: dict[str, object] = {"name": "row", "id": "1", "title": "coat", "photos": (PHOTO,), **more}
    return Record(**values)  # type: ignore[arg-type]


def checked(**more: object) -> Entry | Broken:
    [entry] = check([record(**more)], Origin(Path("x")))
    return entry


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"id": " \0 "}, "id is empty"),
        ({"title": "<b></b>"}, "title is empty"),
        ({"id": "x" * (LONGEST_ID + 1)}, "at most 255"),
        ({"price": "ask us"}, "price must be a number"),
        ({"photos": ()}, "no photo"),
        ({"photos": ("ftp://a/b.jpg",)}, "http"),
        ({"photos": ("//a/b.jpg",)}, "http"),
        ({"photos": ("https://a/" + "b" * 3000,)}, "http"),
    ],
)
def test_what_cannot_be_a_product_is_named(more: dict[str, object], reason: str) -> None:
    entry = checked(**more)
    assert isinstance(entry, Broken)
    assert reason in entry.reason


def test_an_id_stands_once() -> None:
    entries = list(check([record(name="a"), record(name="b"), record(id="2")], Origin(Path("x"))))
    assert [type(entry) for entry in entries] == [Entry, Broken, Entry]
    assert isinstance(entries[1], Broken)
    assert entries[1].reason.startswith("id 1 stands already at a;")


@pytest.mark.parametrize(
    ("price", "sale", "currency", "amount", "unit"),
    [
        ("19.99 USD", "", "", 19.99, "USD"),
        ("USD 19.99", "14.99 USD", "", 14.99, "USD"),
        ("19.99 USD", "24.99 USD", "", 19.99, "USD"),
        ("19.99 USD", "0", "", 19.99, "USD"),
        ("", "9.99 USD", "", 9.99, "USD"),
        ("₩19,900", "", "", 19900, "KRW"),
        ("19,900원", "", "", 19900, "KRW"),
        ("$19.99", "", "", 19.99, ""),
        ("19.99", "", "cad", 19.99, "CAD"),
        ("", "", "", None, ""),
    ],
)
def test_prices(price: str, sale: str, currency: str, amount: float | None, unit: str) -> None:
    entry = checked(price=price, sale_price=sale, currency=currency)
    assert isinstance(entry, Entry)
    assert (entry.product.price, entry.product.currency) == (amount, unit)


def test_text_is_plain_and_photos_are_few() -> None:
    many = tuple(f"https://a.example/{i % 30}.jpg" for i in range(60))
    entry = checked(title="a\u200b  <i>b</i>\n&lt; c", description="<style>x</style>1<br>2<p>3", photos=many)
    assert isinstance(entry, Entry)
    assert entry.product.title == "a b < c"
    assert entry.product.description == "1 2 3"
    assert len(entry.photos) == MOST_PHOTOS


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("javascript:alert(1)", ""),
        ("https://a.example/x", "https://a.example/x"),
        ("/x", "/x"),
        ("http://[::x", "http://[::x"),
    ],
)
def test_a_link_that_runs_something_is_left_out(link: str, kept: str) -> None:
    entry = checked(link=link)
    assert isinstance(entry, Entry)
    assert entry.product.link == kept


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("in stock", "in_stock"),
        ("https://schema.org/SoldOut", "out_of_stock"),
        ("PreOrder", "preorder"),
        ("backorder", "backorder"),
        ("http://schema.org/Discontinued", "discontinued"),
        ("maybe", ""),
        ("", ""),
    ],
)
def test_availability(said: str, known: str) -> None:
    assert availability(said) == known
