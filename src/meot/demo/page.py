"""One self-contained page of what was read and found: pictures inside, no script, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from meot import taxonomy
from meot.answers.picture import annotate
from meot.types import Garment, Look, Match

if TYPE_CHECKING:
    from collections.abc import Sequence

_CARD = 220
_QUERY = 460


@dataclass(frozen=True, slots=True)
class Found:
    """A product as the page shows it: the match and where its photo is, None when the file is gone."""

    match: Match
    photo: Path | None


@dataclass(frozen=True, slots=True, eq=False)
class PhotoQuery:
    """A photo that asked. results: (the garment, what it found) for every garment of the look."""

    name: str
    look: Look
    results: Sequence[tuple[Garment, Sequence[Found]]]


@dataclass(frozen=True, slots=True)
class WordQuery:
    """Words that asked, and what they found."""

    words: str
    results: Sequence[Found]


def _data_uri(image: Image.Image, side: int) -> str:
    small = image.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _thumbnail(photo: Path | None) -> str:
    """The product's photo as a data URI; a plain tile when the file is gone or broken."""
    from meot import photos
    from meot.errors import PhotoError

    try:
        pixels = photos.load(photo).pixels if photo else None
    except PhotoError:
        pixels = None
    return _data_uri(Image.fromarray(pixels) if pixels is not None else Image.new("RGB", (_CARD, _CARD), "#ddd"), _CARD)


def _card(found: Found) -> dict[str, object]:
    terms, product = taxonomy.load(), found.match.product
    names = terms.category(found.match.category).names if found.match.category else {"en": "", "ko": ""}
    return {
        "picture": _thumbnail(found.photo),
        "title": product.title,
        "link": _safe_link(product.link),
        "price": f"{product.price:,.0f} {product.currency}" if product.price is not None else "",
        "category": names,
        "score": f"{found.match.score:.2f}",
        "colours": [
            {"names": terms.colour(c).names, "hex": _hex(terms.colour(c).anchors[0])} for c in found.match.colours
        ],
    }


def _hex(rgb: tuple[int, int, int]) -> str:
    return "#" + "".join(f"{value:02x}" for value in rgb)


def _safe_link(link: str) -> str:
    """The link when it leads to a page; a catalogue may hold anything, and a script is no page."""
    return link if link.startswith(("https://", "http://")) else ""


def _garment(garment: Garment) -> dict[str, object]:
    terms = taxonomy.load()
    second = garment.category.runner_up
    return {
        "names": terms.category(garment.category.id).names,
        "score": f"{garment.category.score:.0%}",
        "sure": garment.category.sure,
        "runner_up": terms.category(second).names if second else None,
        "colours": [
            {"names": terms.colour(c.id).names, "hex": c.hex, "share": f"{c.share:.0%}"} for c in garment.colours
        ],
    }


def write_page(
    file: Path, *, photos: Sequence[PhotoQuery], words: Sequence[WordQuery], catalogue: Sequence[Found], drawn: bool
) -> Path:
    """Write the page and return its path. drawn: whether the catalogue is the drawn one, which the page then says."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("meot.demo"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    html = environment.get_template("page.html").render(
        drawn=drawn,
        count=len(catalogue),
        catalogue=[_card(found) for found in catalogue],
        words=[{"words": query.words, "cards": [_card(found) for found in query.results]} for query in words],
        photos=[
            {
                "name": query.name,
                "picture": _data_uri(annotate(query.look, language="ko"), _QUERY),
                "garments": [
                    {"garment": _garment(garment), "cards": [_card(found) for found in cards]}
                    for garment, cards in query.results
                ],
            }
            for query in photos
        ],
    )
    aside = file.with_suffix(".part")
    aside.write_text(html, encoding="utf-8")
    aside.replace(file)
    return file
