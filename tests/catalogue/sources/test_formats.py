"""What each format carries over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.catalogue.sources import samples

from meot.catalogue.sources import registry
from meot.catalogue.sources.entry import Broken, Entry, Origin
from meot.errors import CatalogueError


def read(tmp_path: Path, text: str, address: str = "") -> list[Entry | Broken]:
    (tmp_path / "source").write_text(text, encoding="utf-8")
    return list(registry.read(Origin(tmp_path / "source", address)))


def entries(tmp_path: Path, text: str, address: str = "") -> list[Entry]:
    return [entry for entry in read(tmp_path, text, address) if isinstance(entry, Entry)]


def test_a_google_feed(tmp_path: Path) -> None:
    coat, hat = entries(tmp_path, samples.GOOGLE)
    product = coat.product
    assert (product.id, product.title, product.description) == ("C1", "Wool coat & belt", "Warm. Long.")
    assert (product.price, product.currency) == (99.5, "EUR")  # the sale's, and not what shipping costs
    assert (product.brand, product.gender, product.keyword) == ("Nord", "female", "Coats")
    assert (product.link, coat.product.availability, len(coat.photos)) == ("https://shop.example/c1", "in_stock", 3)
    assert (hat.product.price, hat.product.currency, hat.product.availability) == (None, "", "")


def test_a_google_feed_in_atom_and_as_a_table(tmp_path: Path) -> None:
    [entry] = entries(tmp_path, samples.ATOM)
    assert (entry.product.price, entry.product.currency, entry.product.availability) == (19900, "KRW", "out_of_stock")
    assert entry.product.link == "https://shop.example/c1"
    [entry] = entries(tmp_path, samples.GOOGLE_TABLE)
    assert (entry.product.price, entry.product.currency, entry.product.availability) == (1299, "USD", "preorder")
    assert entry.photos == (samples.PHOTO, "https://c.example/2.jpg", "https://c.example/3")


@pytest.mark.parametrize(("dates", "price"), [("2020-01-01T00:00Z/2020-02-01T00:00Z", 129), ("next week", 129)])
def test_a_sale_that_is_not_now_is_none(tmp_path: Path, dates: str, price: float) -> None:
    said = f"<g:sale_price_effective_date>{dates}</g:sale_price_effective_date><g:brand>"
    assert entries(tmp_path, samples.GOOGLE.replace("<g:brand>", said))[0].product.price == price


@pytest.mark.parametrize("text", [samples.SHOPIFY_OLD, samples.SHOPIFY_NEW])
def test_a_shopify_export_joins_the_rows_of_a_handle(tmp_path: Path, text: str) -> None:
    coat, hat, draft = read(tmp_path, text)
    assert isinstance(coat, Entry)
    product = coat.product
    assert (product.id, product.title, product.description) == ("coat", "Wool Coat", "Warm")
    assert (product.price, product.currency, product.link) == (49, "", "")
    assert (product.brand, product.keyword, coat.product.availability) == ("Nord", "Coats", "in_stock")
    assert [str(photo).rsplit("/", 1)[-1] for photo in coat.photos] == ["coat.jpg", "b.jpg", "c.jpg", "m.jpg"]
    assert isinstance(hat, Entry)
    assert hat.product.availability == "out_of_stock"
    assert isinstance(draft, Broken)
    assert draft.name == "source line 6"
    assert "draft" in draft.reason


def test_a_table_that_is_no_shopify_export_says_so(tmp_path: Path) -> None:
    (tmp_path / "source").write_text("Handel,Title\ncoat,Coat\n")
    with pytest.raises(CatalogueError, match=r"Handle .*found Handel, Title"):
        list(registry.read(Origin(tmp_path / "source"), format="shopify"))


def test_a_products_json(tmp_path: Path) -> None:
    [entry] = entries(tmp_path, samples.SHOPIFY_JSON)
    product = entry.product
    assert (product.id, product.price, product.currency, product.keyword) == ("coat", 49, "", "Coats")
    assert (entry.product.availability, len(entry.photos), product.link) == ("in_stock", 2, "")
    [entry] = entries(tmp_path, samples.SHOPIFY_JSON, "https://shop.example/collections/all/products.json")
    assert entry.product.link == "https://shop.example/collections/all/products/coat"


def test_naver_items(tmp_path: Path) -> None:
    coat, gone = entries(tmp_path, samples.NAVER)
    product = coat.product
    assert (product.id, product.title) == ("82095600231", "겨울 코트 & 벨트")
    assert (product.price, product.currency) == (129000, "KRW")
    assert (product.keyword, product.brand, coat.product.availability) == ("코트", "노드", "")
    assert (gone.product.price, gone.product.brand, gone.product.availability) == (None, "", "discontinued")


def test_an_11st_answer(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(samples.ELEVENTH.encode("cp949"))
    [entry] = registry.read(Origin(tmp_path / "source"))
    assert isinstance(entry, Entry)
    product = entry.product
    assert (product.id, product.title, product.price, product.currency) == ("100", "겨울 코트 뷁", 49000, "KRW")
    assert (product.link, product.brand) == ("https://www.11st.co.kr/p/100", "")


def test_a_product_page(tmp_path: Path) -> None:
    [entry] = entries(tmp_path, samples.PAGE)
    product = entry.product
    assert (product.id, product.title, product.price, product.currency) == ("C1", "Wool & silk coat", 129, "EUR")
    assert (product.brand, product.keyword, product.gender) == ("Nord", "Coats", "female")
    assert (entry.product.availability, product.link) == ("in_stock", "https://shop.example/p/coat")
    assert entry.photos == (samples.PHOTO, "https://shop.example/img/2.jpg")


def test_a_group_of_variants_is_one_product(tmp_path: Path) -> None:
    [entry] = entries(tmp_path, samples.JSON_LD, "https://shop.example/shown/c1")
    assert (entry.product.id, entry.product.price, entry.product.currency) == ("C1", 8, "GBP")
    assert entry.photos == (samples.PHOTO, "https://shop.example/shown/2.jpg")


def test_an_offer_of_many_sellers_and_a_crossed_out_price(tmp_path: Path) -> None:
    offers: dict[str, object] = {
        "@type": "AggregateOffer",
        "lowPrice": "10.00",
        "highPrice": 30,
        "priceCurrency": "EUR",
    }
    product = {"@context": "https://schema.org", "@type": "Product", "name": "a", "sku": "1", "image": samples.PHOTO}
    [entry] = entries(tmp_path, json.dumps({**product, "offers": offers}))
    assert entry.product.price == 10
    old = {"price": 30, "priceCurrency": "EUR", "priceType": "https://schema.org/StrikethroughPrice"}
    offers = {"@type": "Offer", "priceSpecification": [old, {"price": 20, "priceCurrency": "EUR"}]}
    [entry] = entries(tmp_path, json.dumps({**product, "offers": offers}))
    assert (entry.product.price, entry.product.currency) == (20, "EUR")


def test_a_page_saved_with_its_pictures_uses_those_beside_it_only(tmp_path: Path) -> None:
    (tmp_path / "page" / "img").mkdir(parents=True)
    (tmp_path / "page" / "img" / "1.jpg").touch()
    (tmp_path / "2.jpg").touch()
    named = [{"@type": "Product", "name": "a", "sku": p, "image": p} for p in ("img/1.jpg", "../2.jpg")]
    text = f'<html><script type="application/ld+json">{json.dumps(named)}</script></html>'
    (tmp_path / "page" / "a.html").write_text(text)
    inside, outside = registry.read(Origin(tmp_path / "page" / "a.html"))
    assert isinstance(inside, Entry)
    assert inside.photos == (tmp_path / "page" / "img" / "1.jpg",)
    assert isinstance(outside, Broken)


def test_a_fetched_table_reads_photos_beside_its_address(tmp_path: Path) -> None:
    [entry] = entries(tmp_path, "id,title,image\n1,coat,img/1.jpg\n", "https://shop.example/feeds/all.csv")
    assert entry.photos == ("https://shop.example/feeds/img/1.jpg",)
