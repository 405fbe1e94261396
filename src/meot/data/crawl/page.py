"""A web page's pictures with the words beside them, its links, and whether it wants its pictures used at all."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from meot.data.crawl.notes import Note, clean, of_linked_data, of_page, of_picture, unique
from meot.photos import SUFFIXES

if TYPE_CHECKING:
    from parsel import Selector

_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-echo", "data-image")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset")
_UNREAD = re.compile(r"image/(?:avif|hei[cf]|jxl|svg)", re.IGNORECASE)
_UNREAD_SUFFIXES = frozenset({".svg", ".ico", ".avif", ".heic", ".heif", ".jxl"})
_RESERVED = frozenset({"noai", "noimageai", "noimageindex"})
_ICON = 32
"""px; a picture that the page shows no larger than this in both directions is an icon or counts visitors."""
_SHARED = 12
"""Pictures up to which a link around them is taken for that of one item; more, and it is a logo's or a banner's."""
_MOST_NODES = 20_000


class Picture(NamedTuple):
    """A picture that a page shows. item: the page of the thing shown, "" when not known. found: in what of the page."""

    address: str
    page: str
    found: str
    alt: str = ""
    caption: str = ""
    item: str = ""
    notes: tuple[Note, ...] = ()


class Page(NamedTuple):
    """What a page holds. links: that may be followed. reserved: why its pictures may not be taken, "" when they may."""

    title: str
    pictures: tuple[Picture, ...]
    links: tuple[str, ...]
    reserved: str


def read_page(text: str, address: str, *, headers: Iterable[tuple[str, str]] = ()) -> Page:
    """The page in decoded HTML. address: where it came from; headers: (lower-case name, value) of the answer.

    Of several sizes of a picture the largest is named. ``data:`` pictures are placeholders and left out.
    """
    from parsel import Selector
    from w3lib.html import get_base_url

    page = Selector(text=text or "<html/>", type="html")
    base = get_base_url(text, address)
    words = _robot_words(page, headers)
    reserved = next((f"the page says {word}" for word in sorted(_RESERVED & words)), "") or reservation(headers)
    if not reserved and "1" in page.css("meta[name='tdm-reservation']::attr(content)").getall():
        reserved = "the page reserves text and data mining (tdm-reservation)"
    nodes = tuple(_linked_data(page))
    of_all = unique(of_page(page, base))
    found = [*_images(page, base, address), *_named_by_head(page, nodes, base, address)]
    links = () if words & {"nofollow", "none"} else tuple(dict.fromkeys(_links(page, base)))
    return Page(
        title=clean(page.css("title::text").get() or ""),
        pictures=_finished(found, nodes, of_all, base, address),
        links=links,
        reserved=reserved,
    )


def reservation(headers: Iterable[tuple[str, str]]) -> str:
    """Why an answer's headers ask not to take what it holds for training, "" when they do not."""
    for name, value in headers:
        if name == "tdm-reservation" and value.strip() == "1":
            return "the answer reserves text and data mining (tdm-reservation)"
        if name == "x-robots-tag" and (word := sorted(_RESERVED & _words(value))):
            return f"the answer says {word[0]}"
    return ""


def _words(text: str) -> set[str]:
    return set(re.split(r"[\s,:]+", text.lower()))


def _robot_words(page: Selector, headers: Iterable[tuple[str, str]]) -> set[str]:
    said = page.css("meta[name='robots' i]::attr(content), meta[name='meot' i]::attr(content)").getall()
    said += [value for name, value in headers if name == "x-robots-tag"]
    return set().union(*map(_words, said))


def _linked_data(page: Selector) -> Iterator[dict[str, Any]]:
    """Every object in the page's JSON-LD, however deep."""
    left: list[Any] = []
    for text in page.css("script[type='application/ld+json']::text").getall():
        try:
            left.append(json.loads(text, strict=False))
        except (ValueError, RecursionError):
            continue
    for _ in range(_MOST_NODES):
        if not left:
            return
        node = left.pop()
        if isinstance(node, dict):
            yield node
        left += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()


def _images(page: Selector, base: str, address: str) -> Iterator[Picture]:
    for image in page.css("img"):
        source = _best(image)
        if not source or _is_icon(image):
            continue
        link = image.xpath("ancestor::a[1]/@href").get("")
        linked = _absolute(link, base)
        whole = PurePosixPath(urlsplit(linked).path).suffix.lower() in SUFFIXES
        yield Picture(
            address=linked if whole else _absolute(source, base),
            page=address,
            found="img",
            alt=clean(image.attrib.get("alt") or image.attrib.get("title") or ""),
            caption=clean(image.xpath("string(ancestor::figure[1]//figcaption)").get("")),
            item="" if whole else linked,
            notes=unique(of_picture(image, base)),
        )


def _is_icon(image: Selector) -> bool:
    sides = [image.attrib.get(side, "").removesuffix("px") for side in ("width", "height")]
    return all(side.isascii() and side.isdigit() and len(side) < 5 and int(side) <= _ICON for side in sides)


def _best(image: Selector) -> str:
    """The address of an ``<img>`` at its largest: of a ``<picture>``, of sets, of lazy attributes, its own last."""
    sets = [
        source.attrib.get("srcset") or source.attrib.get("data-srcset") or ""
        for source in image.xpath("ancestor::picture[1]//source")
        if not _UNREAD.match(source.attrib.get("type", ""))
    ]
    sets += [image.attrib.get(name, "") for name in ("srcset", *_LAZY_SETS)]
    offered = [choice for text in sets for choice in _choices(text)]
    if offered:
        return max(offered)[1]
    plain = [image.attrib.get(name, "").strip() for name in (*_LAZY, "src")]
    return next((text for text in plain if text and not text.lower().startswith("data:")), "")


def _choices(text: str) -> Iterator[tuple[float, str]]:
    """(size, address) of each candidate of a ``srcset``, read as browsers do; a ``data:`` one is left out.

    An address reaches to the next white space and may hold commas; one that ends in a comma has no size beside it.
    """
    words = text.split()[::-1]
    while words:
        address, size = words.pop().lstrip(","), ""
        if words and address and not address.endswith(","):
            size, comma, rest = words.pop().partition(",")
            words += [rest] if comma and rest else []
        if address.strip(",") and not address.lower().startswith("data:"):
            found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,4})?)[wx]", size)
            yield float(found[1]) if found else 1.0, address.rstrip(",")


def _named_by_head(page: Selector, nodes: Iterable[dict[str, Any]], base: str, address: str) -> Iterator[Picture]:
    for shared in page.css("meta[property='og:image']::attr(content), meta[name='og:image']::attr(content)").getall():
        yield Picture(_absolute(shared, base), address, "og:image")
    for node in nodes:
        if _is_a(node, "Product") or _is_a(node, "ProductGroup"):
            for one in _addresses(node.get("image")):
                yield Picture(_absolute(one, base), address, "json-ld", alt=clean(node.get("name") or ""))
        elif _is_a(node, "ImageObject"):
            for one in _addresses(node):
                said = clean(node.get("caption") or node.get("name") or "")
                yield Picture(_absolute(one, base), address, "json-ld", caption=said)


def _is_a(node: dict[str, Any], name: str) -> bool:
    kind = node.get("@type")
    return name in kind if isinstance(kind, list) else kind == name


def _addresses(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = value.get("contentUrl") or value.get("url")
    if isinstance(value, list):
        return [text for part in value if not isinstance(part, list) for text in _addresses(part)]
    return [value] if isinstance(value, str) else []


def _finished(
    found: list[Picture], nodes: tuple[dict[str, Any], ...], of_all: tuple[Note, ...], base: str, address: str
) -> tuple[Picture, ...]:
    """Each picture once, its first place in the page first, with the item it belongs to and every note on it."""
    shown = Counter(picture.item for picture in found)
    product = sum(_is_a(node, "Product") for node in nodes) == 1
    stated: dict[str, list[Note]] = {}
    for node in nodes:
        for one in _addresses(node):
            stated.setdefault(_absolute(one, base), []).extend(of_linked_data(node))
    whole: dict[str, Picture] = {}
    for picture in found:
        suffix = PurePosixPath(urlsplit(picture.address).path).suffix.lower()
        if not picture.address or suffix in _UNREAD_SUFFIXES or picture.address in whole:
            continue
        item = picture.item if 0 < shown[picture.item] <= _SHARED else ""
        notes = unique(iter((*picture.notes, *stated.get(picture.address, ()), *of_all)))
        own = address if product else ""
        whole[picture.address] = picture._replace(item=item or own, notes=notes)
    return tuple(whole.values())


def _links(page: Selector, base: str) -> Iterator[str]:
    for link in page.css("a[href]:not([rel~=nofollow]), area[href], link[rel=next][href]"):
        if address := _absolute(link.attrib["href"], base):
            yield address


def _absolute(text: str, base: str) -> str:
    """An http(s) address without its fragment, as seen from the page; "" for any other, and for one with a password."""
    from w3lib.url import safe_url_string

    try:
        joined = urldefrag(urljoin(base, text.strip())).url
        parts = urlsplit(joined)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        _ = parts.port
        return safe_url_string(joined) if text.strip() and fit and len(joined) <= 2000 else ""
    except ValueError:
        return ""
