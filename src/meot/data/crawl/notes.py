"""What a page or a photo's own file says of its rights, word for word. Nothing said is nothing noted, never a guess."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urljoin

from PIL import Image, IptcImagePlugin

if TYPE_CHECKING:
    from parsel import Selector

Kind = Literal["licence", "copyright", "credit", "mention"]
_MOST = 300
"""Letters of one note."""
_MOST_NOTES = 12
_CREATIVE = re.compile(r"^https?://(?:www\.)?creativecommons\.org/(?:licenses|publicdomain)/", re.IGNORECASE)
_EXIF: dict[int, Kind] = {0x8298: "copyright", 0x013B: "credit"}
_IPTC: dict[tuple[int, int], Kind] = {(2, 116): "copyright", (2, 80): "credit", (2, 110): "credit"}
_LINKED: dict[str, Kind] = {
    "license": "licence",
    "acquireLicensePage": "licence",
    "copyrightNotice": "copyright",
    "copyrightHolder": "copyright",
    "creditText": "credit",
    "creator": "credit",
}
_META: dict[str, Kind] = {
    "copyright": "copyright",
    "rights": "copyright",
    "dc.rights": "copyright",
    "dcterms.rights": "copyright",
    "dcterms.license": "licence",
}


class Note(NamedTuple):
    """A statement of rights. kind: "mention" is a link to a Creative Commons licence that does not say of what.
    where: "picture" (said of this one), "page" (said of all on the page) or "file" (written in the photo)."""

    kind: Kind
    text: str
    where: Literal["picture", "page", "file"]


def clean(text: object, most: int = 500) -> str:
    """One line of what a stranger wrote: white space run together, control signs out, at most ``most`` letters."""
    words = " ".join(str(text).split())
    return "".join(letter for letter in words if letter.isprintable() and not "\ud800" <= letter <= "\udfff")[:most]


def unique(notes: Iterator[Note]) -> tuple[Note, ...]:
    """The notes that say something, each once, in their order; a dozen at most."""
    cleaned = (note._replace(text=clean(note.text, _MOST)) for note in notes)
    return tuple(dict.fromkeys(note for note in cleaned if note.text))[:_MOST_NOTES]


def of_page(page: Selector, base: str) -> Iterator[Note]:
    """What a page says of all that is on it: links of rel=license, rights in its head, Creative Commons links."""
    for element in page.css("link[rel~=license][href], a[rel~=license][href]"):
        inside = element.xpath("ancestor::figure")
        if not inside:
            yield Note("licence", urljoin(base, element.attrib["href"]), "page")
    for element in page.css("meta[name][content]"):
        if kind := _META.get(element.attrib["name"].strip().lower()):
            yield Note(kind, element.attrib["content"], "page")
    for address in page.css("a[href*='creativecommons.org/']:not([rel~=license])::attr(href)").getall():
        if _CREATIVE.match(urljoin(base, address)):
            yield Note("mention", urljoin(base, address), "page")


def of_picture(image: Selector, base: str) -> Iterator[Note]:
    """What stands around an ``<img>``: in its figure (rel=license), or in its item (itemprop=license and the like)."""
    around = image.xpath("ancestor::figure[1] | ancestor::*[@itemscope][1]")
    for element in around.css("a[rel~=license][href]"):
        yield Note("licence", urljoin(base, element.attrib["href"]), "picture")
    for element in around.css("[itemprop]"):
        if kind := _LINKED.get(element.attrib["itemprop"]):
            linked = element.attrib.get("href")
            said = urljoin(base, linked) if linked else element.attrib.get("content") or element.xpath("string()").get()
            yield Note(kind, said or "", "picture")


def of_linked_data(node: dict[str, Any]) -> Iterator[Note]:
    """What a schema.org object (an ImageObject, say) states of itself."""
    for key, kind in _LINKED.items():
        for said in node[key] if isinstance(node.get(key), list) else [node.get(key)]:
            text = (said.get("name") or said.get("@id") or said.get("url")) if isinstance(said, dict) else said
            if isinstance(text, str):
                yield Note(kind, text, "picture")


def of_file(data: bytes) -> Iterator[Note]:
    """What EXIF and IPTC in a photo's bytes say; nothing when they are damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                exif, iptc = image.getexif(), IptcImagePlugin.getiptcinfo(image) or {}
    except Exception:  # parsers of a camera's notes raise whatever a damaged file makes them trip on
        return
    for tag, kind in _EXIF.items():
        if isinstance(said := exif.get(tag), str):
            yield Note(kind, _utf8(said).replace("\0", " "), "file")
    for key, kind in _IPTC.items():
        found = iptc.get(key, [])
        for value in found if isinstance(found, list) else [found]:
            yield Note(kind, value.decode("utf-8", "replace"), "file")


def _utf8(text: str) -> str:
    """Text that Pillow read as Latin-1 though it is UTF-8, as most programs write it; other text as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
