"""Trends: how long 100,000 products take, and how often chance is told as a trend and a trend is seen.

``speed``: drawn products in an SQLite catalogue; ``sql`` is reading their rows, ``counting`` everything beyond it, in
seconds of the processor.
``verdicts``: drawn years of one value among others. ``swing`` is how much its share jumps from year to year beside the
trend (standard deviation, in points), ``told`` how often it is told to rise or fall at 0.05, and ``textbook`` how often
the Cochran-Armitage test alone would tell it.
``colours``: with ``--catalogue``, made from a table with columns id, season and base_colour (``--truth``): the share of
each colour that 50 products have, by season, as it was read from the photos and as the shop says it.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert, select

from bench.table import show
from meot import taxonomy
from meot.answers.trends import evidence
from meot.answers.trends.ask import Question, measure
from meot.answers.trends.names import Askable
from meot.answers.trends.observe import observe
from meot.answers.trends.timeline import Wanted
from meot.catalogue import dated
from meot.catalogue.database import Database
from meot.catalogue.tables import garments, photos, product_photos, products
from meot.types import Filters

_PATTERNS, _SHARES = ("solid", "stripe", "check", "floral"), (0.6, 0.2, 0.15, 0.05)
_BLOCK = 5_000
_ENOUGH = 50
_SHOP_COLOURS = {
    **{"navy blue": "navy", "grey": "gray", "grey melange": "gray", "charcoal": "gray", "maroon": "burgundy"},
    **{"off white": "white", "teal": "green", "olive": "khaki", "lavender": "purple", "magenta": "pink"},
    **{"rust": "orange", "mustard": "yellow", "tan": "beige", "coffee brown": "brown", "multi": "multicolor"},
}
_OTHERS = {"collar": "regular", "sleeve": "long", "fit": "regular", "neckline": "collar"}


def fill(connection: Connection, count: int) -> None:
    """Put ``count`` drawn products into an empty catalogue: shirts of 2010 to 2025, one in five of them unsure."""
    rng = np.random.default_rng(0)
    for start in range(0, count, _BLOCK):
        keys = range(start + 1, min(count, start + _BLOCK) + 1)
        patterns, sure = rng.choice(_PATTERNS, len(keys), p=_SHARES), rng.random(len(keys)) < 0.8
        months = rng.integers(2010 * 12, 2026 * 12, len(keys))
        connection.execute(insert(products), [_product(key, int(m)) for key, m in zip(keys, months, strict=True)])
        connection.execute(insert(photos), [_photo(key) for key in keys])
        connection.execute(insert(product_photos), [{"product": key, "photo": key, "place": 0} for key in keys])
        rows = zip(keys, patterns.tolist(), sure.tolist(), strict=True)
        connection.execute(insert(garments), [_garment(*row) for row in rows])


def _product(key: int, month: int) -> dict[str, Any]:
    texts = dict.fromkeys(("description", "link", "image", "keyword", "brand", "gender"), "")
    released = f"{month // 12}-{month % 12 + 1:02d}"
    own = {"number": key, "source": "drawn", "id": str(key), "title": f"Shirt {key}", "currency": "KRW"}
    return own | texts | {"released": released, "first_seen": 1.7e9, "seen": 1.7e9, "changed": 1}


def _photo(key: int) -> dict[str, Any]:
    style = '{"id": "casual", "score": 0.6, "sure": true}'
    file = {"key": key, "sha256": f"{key:064x}", "path": f"{key}.jpg", "size": 1, "modified": 1}
    return file | {"models": "{}", "worn": True, "style": style}


def _garment(key: int, pattern: str, sure: bool) -> dict[str, Any]:
    said = {q: {"id": id, "score": 0.912345678, "sure": True} for q, id in (_OTHERS | {"pattern": pattern}).items()}
    said["pattern"]["sure"] = sure
    places = {"key": key, "photo": key, "place": 0, "region": "upper", "category": "shirt", "category_score": 0.9}
    box = {"x0": 0.0, "y0": 0.0, "x1": 9.0, "y1": 9.0, "area": 0.5, "score": 0.9, "person": 0, "sure": True}
    colours = '[{"id": "navy", "hex": "#101030", "share": 1.0}]'
    return places | box | {"colours": colours, "components": json.dumps(said), "vector": b"\0" * 512}


def time_it(count: int) -> dict[str, object]:
    """Seconds that trends by pattern take with ``count`` products."""
    question = Question(by=("pattern",), category="shirt", wanted=Wanted(today=date(2026, 1, 1)))
    with tempfile.TemporaryDirectory() as folder, Database.open(Path(folder) / "shop.db", create=True) as database:
        with database.writing() as connection:
            fill(connection, count)
        with database.reading() as connection:
            askable = Askable(taxonomy=taxonomy.load(), known=dated.known(connection))
            begun = time.process_time()
            rows = list(dated.read_products(connection)), list(dated.read_garments(connection))
            read = time.process_time()
            within = Filters(category="shirt")
            observed = observe(*rows, by=question.by, filters=within)
            found = measure(observed, question, askable, within)
            done = time.process_time()
    return {"products": found.trends[0].asked, "sql s": read - begun, "counting s": done - read}


def judge(years: int, a_year: int, rise: float, swing: float, *, times: int = 2000) -> dict[str, object]:
    """How often a value is told to go somewhere whose share of 0.3 rises by ``rise`` in all the years together."""
    rng = np.random.default_rng(1)
    when, of = np.arange(years, dtype=np.float64), np.full(years, a_year, np.int64)
    told = textbook = 0
    for _ in range(times):
        share = 0.3 + rise * when / max(1, years - 1) + rng.normal(0, swing, years)
        count = rng.binomial(a_year, np.clip(share, 0.01, 0.99))
        careful = evidence.trend(when, count, of, np.diag(of), np.zeros(years, np.int64)).p
        told += careful is not None and careful < 0.05
        textbook += _textbook(when, count, of) < 0.05
    setting = {"years": years, "products a year": a_year, "rise": 100 * rise, "swing": 100 * swing}
    return {**setting, "told": told / times, "textbook": textbook / times}


def _textbook(when: Any, count: Any, of: Any) -> float:
    p = count.sum() / of.sum()
    x = when - (of @ when) / of.sum()
    variance = p * (1 - p) * float(of @ (x * x))
    return evidence.two_sided(float(x @ count) / variance**0.5) if variance > 0 else 1.0


def verdicts() -> Iterator[dict[str, object]]:
    """Nothing going on, years that only swing, and trends."""
    for years in (3, 6, 12):
        for rise, swing in ((0.0, 0.0), (0.0, 0.05), (0.1, 0.0), (0.2, 0.05)):
            yield judge(years, 100, rise, swing)


def compare(catalogue: str, truth: Path) -> tuple[list[dict[str, object]], dict[str, object]]:
    """Rows of colours by season, read against told, and what they come to."""
    with truth.open(newline="", encoding="utf-8") as file:
        told_of = {row["id"]: _named(row["base_colour"]) for row in csv.DictReader(file)}
    with Database.open(catalogue, create=False) as database, database.reading() as connection:
        ids = {row.number: row.id for row in connection.execute(select(products.c.number, products.c.id))}
        table = list(dated.read_products(connection))
        found = observe(table, dated.read_garments(connection), by=("colour",), filters=Filters()).answers["colour"]
    asked = [(p.season, told_of.get(ids[p.number], ""), value) for p, value in zip(table, found.value, strict=True)]
    both = [each for each in asked if each[2] >= 0]
    season, told = np.array([said for said, _, _ in both]), np.array([said for _, said, _ in both])
    read = np.array([found.ids[value] for _, _, value in both])
    seasons = [name for name in sorted(set(season.tolist())) if (season == name).sum() >= _ENOUGH]
    colours = [c.id for c in taxonomy.load().colours if (told == c.id).sum() >= _ENOUGH]
    shares = np.array([[[(x[season == s] == c).mean() for s in seasons] for c in colours] for x in (read, told)])
    rows: list[dict[str, object]] = [
        {"colour": c} | {s: f"{100 * shares[0, i, j]:.1f} / {100 * shares[1, i, j]:.1f}" for j, s in enumerate(seasons)}
        for i, c in enumerate(colours)
    ]
    apart = np.array(
        [shares[:, :, j] - shares[:, :, i] for i in range(len(seasons)) for j in range(i + 1, len(seasons))]
    )
    return rows, {
        "products": len(both),
        "same colour": float((read == told).mean()),
        "shares off by": float(100 * np.abs(shares[0] - shares[1]).mean()),
        "changes off by": float(100 * np.abs(apart[:, 0] - apart[:, 1]).mean()),
        "changes": float(100 * np.abs(apart[:, 1]).mean()),
        "correlation": float(np.corrcoef(apart[:, 0].ravel(), apart[:, 1].ravel())[0, 1]),
    }


def _named(colour: str) -> str:
    plain = colour.casefold()
    return _SHOP_COLOURS.get(plain, plain)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--products", type=int, default=100_000, help="how many are drawn for the speed")
    parser.add_argument("--catalogue", help="a catalogue of real photos, to compare colours with --truth")
    parser.add_argument("--truth", type=Path, help="CSV with id and base_colour")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    if chosen.catalogue and chosen.truth:
        rows, summary = compare(chosen.catalogue, chosen.truth)
        show("colours, % read / % told", rows, as_json=chosen.json)
        show("colours", [summary], as_json=chosen.json)
        return
    show("speed", [time_it(chosen.products) for _ in range(3)], as_json=chosen.json)
    show("verdicts", list(verdicts()), as_json=chosen.json)


if __name__ == "__main__":
    main()
