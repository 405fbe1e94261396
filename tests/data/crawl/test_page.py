from __future__ import annotations

import json
import time

import pytest

from meot.data.crawl.notes import Note
from meot.data.crawl.page import Picture, read_page, reservation

pytest.importorskip("parsel")

HERE = "https://shop.example/knit/list.html"
SHOP = "https://shop.example"


def pictures(html: str) -> tuple[Picture, ...]:
    return read_page(html, HERE).pictures


def addresses(html: str) -> list[str]:
    return [picture.address for picture in pictures(html)]


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ('<img src="a.jpg">', f"{SHOP}/knit/a.jpg"),
        ('<img src="/a.jpg#top">', f"{SHOP}/a.jpg"),
        ('<img src="//cdn.example/a b.jpg">', "https://cdn.example/a%20b.jpg"),
        ('<base href="https://cdn.example/x/"><img src="a.jpg">', "https://cdn.example/x/a.jpg"),
        ('<img src="data:image/gif;base64,R0lGOD" data-src="/lazy.jpg">', f"{SHOP}/lazy.jpg"),
        ('<img src="/wait.gif" data-original="/lazy.jpg">', f"{SHOP}/lazy.jpg"),
        ('<img src="/s.jpg" srcset="/m.jpg 600w, /l.jpg 1200w, /s.jpg 300w">', f"{SHOP}/l.jpg"),
        ('<img src="/s.jpg" srcset="/s.jpg 1x,/l.jpg 2x">', f"{SHOP}/l.jpg"),
        ('<img src="/s.jpg" srcset="/w_300,h_400/l.jpg">', f"{SHOP}/w_300,h_400/l.jpg"),
        ('<img src="/s.jpg" srcset="data:image/png;base64,AAA= 9x, /l.jpg 2x">', f"{SHOP}/l.jpg"),
        ('<img data-srcset="/s.jpg 1x, /l.jpg 3x" src="/wait.gif">', f"{SHOP}/l.jpg"),
        (
            '<picture><source type="image/avif" srcset="/l.avif 9000w"><source srcset="/l.webp 900w"><img src="/s.jpg">'
            "</picture>",
            f"{SHOP}/l.webp",
        ),
        ('<a href="/whole.JPG"><img src="/thumb.jpg"></a>', f"{SHOP}/whole.JPG"),
        ('<noscript><img src="/plain.jpg"></noscript>', f"{SHOP}/plain.jpg"),
        ('<meta property="og:image" content="/og.jpg">', f"{SHOP}/og.jpg"),
    ],
)
def test_the_largest_picture_is_found(html: str, wanted: str) -> None:
    assert addresses(html) == [wanted]


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<img>",
        '<img src="">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="javascript:alert(1)">',
        '<img src="file:///etc/passwd">',
        '<img src="ftp://shop.example/a.jpg">',
        '<img src="http://[::1">',
        '<img src="https://me:secret@shop.example/a.jpg">',
        '<img src="/logo.svg">',
        '<img src="/count.gif" width="1" height="1px">',
        f'<img src="/{"a" * 3000}.jpg">',
    ],
)
def test_what_is_no_photo_is_left_out(html: str) -> None:
    assert addresses(html) == []


def test_words_beside_a_picture() -> None:
    html = "<figure><img src=a.jpg alt=' 니트\n 조끼 '><figcaption>가을 <b>신상</b></figcaption></figure>"
    [picture] = pictures(html)
    assert (picture.alt, picture.caption) == ("니트 조끼", "가을 신상")
    [titled] = pictures("<img src=a.jpg title='\x07Knit\u202e vest'>")
    assert titled.alt == "Knit vest"


def test_pictures_around_one_link_are_of_one_item() -> None:
    html = "<a href=/p/1><img src=1.jpg></a><a href=/p/1><img src=2.jpg></a><a href=/p/2><img src=3.jpg></a>"
    assert [picture.item for picture in pictures(html)] == [f"{SHOP}/p/1", f"{SHOP}/p/1", f"{SHOP}/p/2"]
    many = "".join(f"<a href=/home><img src={number}.jpg></a>" for number in range(13))
    assert {picture.item for picture in pictures(many)} == {""}


def test_a_product_page_is_one_item() -> None:
    product = {"@graph": [{"@type": "Product", "name": "Vest", "image": ["/1.jpg", {"contentUrl": "/2.jpg"}]}]}
    html = f"<script type='application/ld+json'>{json.dumps(product)}</script><img src=/3.jpg>"
    found = pictures(html)
    assert [(picture.address, picture.item) for picture in found] == [
        (f"{SHOP}/3.jpg", HERE),
        (f"{SHOP}/1.jpg", HERE),
        (f"{SHOP}/2.jpg", HERE),
    ]
    assert found[1].alt == "Vest"


def test_rights_are_noted_where_they_are_said() -> None:
    by = "https://creativecommons.org/licenses/by/4.0/"
    one = {"@type": "ImageObject", "contentUrl": "/1.jpg", "license": "/terms", "creator": {"name": "Kim"}}
    html = f"""<link rel="license" href="{by}"><meta name="copyright" content="© 2024 Shop">
        <script type="application/ld+json">{json.dumps(one)}</script>
        <img src="/1.jpg"><figure><img src="/2.jpg"><a rel="nofollow license" href="/own">own</a></figure>
        <a href="http://creativecommons.org/publicdomain/zero/1.0/">CC0</a>"""
    first, second = pictures(html)
    of_page = (
        Note("licence", by, "page"),
        Note("copyright", "© 2024 Shop", "page"),
        Note("mention", "http://creativecommons.org/publicdomain/zero/1.0/", "page"),
    )
    assert first.notes == (
        Note("licence", "/terms", "picture"),
        Note("credit", "Kim", "picture"),
        *of_page,
    )
    assert second.notes == (Note("licence", f"{SHOP}/own", "picture"), *of_page)
    assert pictures("<img src=a.jpg>")[0].notes == ()


def test_links_that_may_be_followed() -> None:
    html = "<a href='?page=2#x'>2</a><a href=/p rel=nofollow>no</a><a href='mailto:a@b'>m</a><a href='http://[x'>b</a>"
    assert read_page(html, HERE).links == (f"{HERE}?page=2",)
    assert read_page(f"<meta name=Robots content='noindex, NOFOLLOW'>{html}", HERE).links == ()


@pytest.mark.parametrize(
    ("html", "headers"),
    [
        ("<meta name=robots content='index, noimageai'>", ()),
        ("<meta name=ROBOTS content=noimageindex>", ()),
        ("<meta name=tdm-reservation content=1>", ()),
        ("", (("x-robots-tag", "meot: noai"),)),
        ("", (("tdm-reservation", "1"),)),
    ],
)
def test_pages_may_keep_their_pictures(html: str, headers: tuple[tuple[str, str], ...]) -> None:
    assert read_page(html + "<img src=a.jpg>", HERE, headers=headers).reserved
    assert not read_page("<meta name=robots content=all><img src=a.jpg>", HERE).reserved
    assert reservation((("x-robots-tag", "noindex"), ("tdm-reservation", "0"))) == ""


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "<img src=a.jpg>",
        "<img srcset='" + "," * 200_000 + "'>",
        "<script type='application/ld+json'>" + "[" * 100_000 + "</script>",
        "<img src=a.jpg>" * 5_000,
        "<a href=x>" * 20_000 + "<img src=a.jpg>",
        "\0\x01<<<>>><img src='&#xD800;.jpg' alt='&#xDFFF;&#0;'>",
    ],
    ids=["deep", "commas", "json", "many", "links", "signs"],
)
def test_hostile_pages_end_soon(html: str) -> None:
    began = time.process_time()
    assert len(read_page(html, HERE).pictures) <= 1
    assert time.process_time() - began < 10
