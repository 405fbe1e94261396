"""Search over a large catalogue: reading what it is filtered by, following a change, filters, facets, opening.

The products are drawn: a few categories often and most seldom, one to three garments each,
vectors around 500 centres. Medians of ``--asked`` questions, of the clock and of the processor.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sqlalchemy import insert

from bench.table import arguments, show
from meot import taxonomy
from meot.answers import facets as faceting
from meot.answers import filters as filtering
from meot.answers.facets import Base
from meot.answers.index_files import IndexFiles
from meot.answers.paging import Page
from meot.answers.similar import Question, Similar
from meot.answers.stock import Stock
from meot.catalogue import write
from meot.catalogue.store import Catalogue
from meot.catalogue.tables import garments, photos, product_photos, products
from meot.index.growing import GrowingIndex
from meot.types import Filters

_MODELS = {"garment": "drawn.1"}
_FILTERS = {
    "none": Filters(),
    "category": Filters(category="shirt"),
    "category, colour, price": Filters(category="shirt", colour="navy", max_price=50_000),
    "component, gender": Filters(components={"pattern": "stripe"}, gender="female"),
}


def draw(catalogue: Catalogue, count: int, seed: int = 0) -> None:
    """Fill an empty catalogue with ``count`` products."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((500, 128)).astype(np.float32)
    with catalogue.database.writing() as connection:
        write.raise_generation(connection)
        for start in range(1, count + 1, 5000):
            numbers = range(start, min(start + 5000, count + 1))
            connection.execute(insert(products), [_product(rng, number) for number in numbers])
            connection.execute(insert(photos), [_photo(number) for number in numbers])
            connection.execute(insert(product_photos), [{"product": n, "photo": n, "place": 0} for n in numbers])
            rows = [_garment(rng, n, place, centres) for n in numbers for place in range(rng.integers(1, 4))]
            connection.execute(insert(garments), rows)


def _product(rng: np.random.Generator, number: int) -> dict[str, object]:
    texts = dict.fromkeys(("description", "link", "image", "keyword", "brand"), "")
    return texts | {
        "number": number,
        "source": f"source {rng.integers(5)}",
        "id": str(number),
        "title": f"Product {number}",
        "price": float(rng.integers(10, 200) * 500),
        "currency": "KRW",
        "gender": str(rng.choice(["Women", "Men", "Unisex", ""])),
        "changed": 1,
        "first_seen": 0.0,
    }


def _photo(number: int) -> dict[str, object]:
    style = json.dumps({"id": "casual", "score": 0.6}) if number % 3 else None
    told = {"key": number, "sha256": f"{number:064}", "path": f"/{number}.jpg", "size": 1, "modified": 1}
    return told | {"models": json.dumps(_MODELS), "worn": bool(number % 2), "style": style}


def _garment(rng: np.random.Generator, number: int, place: int, centres: np.ndarray) -> dict[str, object]:
    known = taxonomy.load()
    category = known.categories[int(min(rng.exponential(8), len(known.categories) - 1))]
    shades = [{"id": known.colours[i].id, "hex": "#1f2a44", "share": 0.4} for i in rng.choice(17, 2, replace=False)]
    answers = {c.id: str(rng.choice([v.id for v in c.values])) for c in known.components[:4]}
    vector = centres[rng.integers(500)] + rng.standard_normal(128).astype(np.float32)
    return {
        "photo": number,
        "place": place,
        "region": category.region,
        "category": category.id,
        **dict.fromkeys(("category_score", "score", "area"), 0.9),
        **dict.fromkeys(("x0", "y0"), 0.0),
        **dict.fromkeys(("x1", "y1"), 100.0),
        "sure": True,
        "person": 0,
        "colours": json.dumps(shades),
        "components": json.dumps({q: {"id": a, "score": 0.8, "sure": True} for q, a in answers.items()}),
        "vector": (vector / np.linalg.norm(vector)).astype("<f4").tobytes(),
    }


def timed(name: str, job: Callable[[], object], times: int) -> dict[str, object]:
    """How long a job takes, in milliseconds of the clock and of the processor."""
    clock, processor = [], []
    for _ in range(times):
        begin, worked = time.perf_counter(), time.process_time()
        job()
        clock.append(1000 * (time.perf_counter() - begin))
        processor.append(1000 * (time.process_time() - worked))
    median, of_processor = float(np.median(clock)), float(np.median(processor))
    return {"what": name, "times": times, "median ms": median, "worst ms": max(clock), "of processor": of_processor}


def measure(folder: Path, count: int, asked: int) -> list[dict[str, object]]:
    """One row a step."""
    with Catalogue.open(folder / "shop.db", create=True) as catalogue:
        draw(catalogue, count)
        rows = [timed("read all attributes", catalogue.attributes, 3)]
        attributes = catalogue.attributes()

        def change() -> None:
            nonlocal attributes
            catalogue.put_product(replace(catalogue.product(7), price=float(time.time())), [])
            attributes = catalogue.attributes(attributes)

        rows.append(timed("change a product and follow", change, asked))
        rows += _facets(attributes, asked)
        rows += _similar(catalogue, folder, asked)
    return rows


def _facets(attributes: object, asked: int) -> list[dict[str, object]]:
    from meot.catalogue.attributes import Attributes

    assert isinstance(attributes, Attributes)
    base = Base(products=np.ones(len(attributes), np.bool_))

    def count(filters: Filters) -> object:
        return faceting.count(attributes, filtering.tests(attributes, filters), base)

    count(Filters())  # what is worked out once
    return [
        timed(f"all facets of everything, filters: {name}", partial(count, filters), asked)
        for name, filters in _FILTERS.items()
    ]


def _similar(catalogue: Catalogue, folder: Path, asked: int) -> list[dict[str, object]]:
    def opened() -> Stock:
        stock = Stock(catalogue=catalogue, index=GrowingIndex(), files=IndexFiles(folder=folder / "shop.index"))
        stock.comparable(_MODELS)
        return stock

    built = timed("open without index files: attributes, index", lambda: opened().close(), 1)
    stock = opened()
    rows = [built, timed("open with index files: attributes, index", lambda: opened().close(), 3)]
    among = stock.comparable(_MODELS)
    similar = Similar(catalogue=catalogue, stock=stock, taxonomy=taxonomy.load(), cutoff=None)
    stored = catalogue.garments_of(11)[0].garment
    for name, filters in _FILTERS.items():
        for facets in (False, True):
            question = Question(garment=stored, worn=True, number=0, filters=filters)
            page = Page(question="", limit=20, facets=facets)
            text = f"like a garment{', facets' if facets else ''}, filters: {name}"
            rows.append(timed(text, partial(similar.find, among, question, page), asked))
    stock.close()
    return rows


def main() -> None:
    """Print the times."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--count", type=int, default=100_000, help="products")
    parser.add_argument("--asked", type=int, default=20, help="times each question is asked")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        show(f"{options.count:,} products", measure(Path(folder), options.count, options.asked), as_json=options.json)


if __name__ == "__main__":
    main()
