"""Word search beside its peers: time a question, time to index, size of the file.

Data: --count products with titles put together from the words of real ones (--titles, a CSV with a column ``title``)
and from the taxonomy's Korean names, joined and apart, seeded; each with the names of what a photo would have shown.
Questions: of every kind in tests/catalogue/words, asked one at a time. meot gives all hits in order, the others the
best twenty, where they are not said to give all. "ms" is of the clock, "processor ms" the median time that the asking
thread really computed, so that a busy machine shows.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from bench.table import show
from meot import taxonomy
from meot.catalogue.senses import understand
from meot.catalogue.words import Fields, WordIndex

QUESTIONS = (
    "shirt", "shirts", "t-shirt", "tshirt", "t shirt", "SHIRT", "navy shirt", "blue shirts men", "black", "men",
    "nike", "nike men blue t-shirt", "women handbag", "dress", "red dress", "track pants", "light blue", "slim fit",
    "sh", "swea", "check", "casual shoes", "v-neck", "linen shirt", "men's 32", "shrit", "jaket", "sweetshirt", "nkie",
    "셔츠", "티셔츠", "남색 셔츠", "네이비", "네이비셔츠", "조거팬츠", "조거 팬츠", "와이드팬츠", "팬츠 와이드", "거팬",
    "마", "츠", "바지", "청바지", "하늘색 청바지", "검정 원피스", "줄무늬 니트", "체크 셔츠 남색", "오버핏 후드티",
    "블랙", "청바자", "가디간", "쎠츠", "하의", "상의 흰색", "미니멀 코트 베이지", "zzzzzz", "캐시미어 장갑",
    "a navy shirt",
)  # fmt: skip
"""Whole words and parts, plurals, compounds both ways, other names, typos, in Korean and English."""
_STUFF = (
    "코튼",
    "린넨",
    "울",
    "캐시미어",
    "데님",
    "와이드",
    "슬림",
    "조거",
    "플리츠",
    "오버핏",
    "베이직",
    "크롭",
    "롱",
    "집업",
)
_SUFFIX = ("팬츠", "슬랙스", "스커트", "집업", "나시", "자켓", "스니커즈")
_BEST = 20


def real_titles(file: Path) -> list[list[str]]:
    """The words of a shop's titles."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [row["title"].split() for row in csv.DictReader(lines)]


def products(count: int, titles: list[list[str]]) -> Iterator[tuple[int, Fields]]:
    """Two English titles for each Korean one, with what would have been read from their photos."""
    chance, known = random.Random(0), taxonomy.load()
    colours = [(colour.names["ko"], *colour.also) for colour in known.colours]
    looks = [value.alone["ko"] for part in known.components for value in part.values if not value.silent]
    kinds = [category.names["ko"] for category in known.categories] + list(_SUFFIX)
    for number in range(1, count + 1):
        if number % 3:
            first, second = chance.choice(titles), chance.choice(titles)
            title = " ".join([*first[: chance.randint(1, 3)], *second[chance.randint(1, 2) :], str(number % 977)])
        else:
            words = [chance.choice(_STUFF), chance.choice(looks), chance.choice(kinds)]
            words.insert(0, chance.choice(chance.choice(colours)))
            title = "".join(word + chance.choice(("", " ")) for word in words)
        category, colour = chance.choice(known.categories), chance.choice(known.colours)
        region = known.region(category.region)
        seen = [*colour.names.values(), *colour.also, *category.names.values(), *region.names.values()]
        keyword = chance.choice(kinds) if chance.random() < 0.3 else ""
        yield number, Fields(title, keyword, chance.choice(titles)[0], "", " · ".join(seen))


class Contender:
    """Something that finds products by words; ``text`` below is all fields in one."""

    def build(self, shop: list[tuple[int, Fields]], folder: Path) -> Path:
        """Index; the file or folder that was made."""
        raise NotImplementedError

    def find(self, question: str) -> int:
        """How many products are found."""
        raise NotImplementedError


class Meot(Contender):
    """What is under test."""

    def build(self, shop: list[tuple[int, Fields]], folder: Path) -> Path:
        """Index and open again, as a new process does."""
        file = folder / "words.db"
        WordIndex.open(file).update(shop, (), 1)
        self.index = WordIndex.open(file)
        return file

    def find(self, question: str) -> int:
        """All hits in order."""
        return len(self.index.search(question, understand(question, taxonomy.load())).numbers)


class Database(Contender):
    """Plain SQLite, asked for the best twenty."""

    def __init__(self, create: str, ask: str, form: Callable[[str], Any]) -> None:
        self.create, self.ask, self.form = create, ask, form

    def build(self, shop: list[tuple[int, Fields]], folder: Path) -> Path:
        """One table, titles beside the other fields."""
        file = folder / "plain.db"
        self.connection = sqlite3.connect(file)
        self.connection.execute(self.create)
        rows = ((number, said.title, " ".join(said[1:])) for number, said in shop)
        self.connection.executemany("INSERT INTO plain (rowid, title, rest) VALUES (?, ?, ?)", rows)
        self.connection.commit()
        return file

    def find(self, question: str) -> int:
        """The best twenty."""
        words = self.form(question)
        if not words:
            return 0
        ask = self.ask.format(" AND ".join("(title || ' ' || rest) LIKE ?" for _ in words))
        return len(self.connection.execute(ask, words).fetchall())


class Tantivy(Contender):
    """Rust's Lucene; its default tokens, every word must be there."""

    def build(self, shop: list[tuple[int, Fields]], folder: Path) -> Path:
        """One writer, one commit."""
        self.tantivy = importlib.import_module("tantivy")
        builder = self.tantivy.SchemaBuilder()
        builder.add_integer_field("number", stored=True)
        builder.add_text_field("title")
        builder.add_text_field("rest")
        place = folder / "tantivy"
        place.mkdir()
        self.index = self.tantivy.Index(builder.build(), path=str(place))
        writer = self.index.writer(50_000_000, 1)
        for number, said in shop:
            writer.add_document(self.tantivy.Document(number=number, title=said.title, rest=" ".join(said[1:])))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        return place

    def find(self, question: str) -> int:
        """The best twenty."""
        words = " ".join(f"+{word}" for word in _plain(question))
        if not words:
            return 0
        query, _ = self.index.parse_query_lenient(words, ["title", "rest"], {"title": 5.0})
        searcher = self.index.searcher()
        return len([searcher.doc(address)["number"] for _, address in searcher.search(query, _BEST).hits])


def _plain(question: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in question.casefold()).split()


def _fts(question: str) -> list[str]:
    words = _plain(question)
    return [" AND ".join(f'"{word}"' for word in words)] if words else []


_RANKED = "SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY bm25(plain, 20, 1) LIMIT 20"
CONTENDERS: dict[str, Callable[[], Contender]] = {
    "meot": Meot,
    "fts5 unicode61": lambda: Database("CREATE VIRTUAL TABLE plain USING fts5(title, rest)", _RANKED, _fts),
    "fts5 unicode61, all hits": lambda: Database(
        "CREATE VIRTUAL TABLE plain USING fts5(title, rest)",
        "SELECT rowid, bm25(plain, 20, 1) FROM plain WHERE plain MATCH ?",
        _fts,
    ),
    "fts5 trigram": lambda: Database(
        "CREATE VIRTUAL TABLE plain USING fts5(title, rest, tokenize = trigram)", _RANKED, _fts
    ),
    "LIKE": lambda: Database(
        "CREATE TABLE plain (title TEXT, rest TEXT)",
        "SELECT rowid FROM plain WHERE {} LIMIT 20",
        lambda question: [f"%{word}%" for word in _plain(question)],
    ),
    "tantivy": Tantivy,
}


def measure(contender: Contender, shop: list[tuple[int, Fields]], rounds: int) -> tuple[dict[str, object], list[float]]:
    """A contender's row, and the median milliseconds of each question."""
    with tempfile.TemporaryDirectory(prefix="meot-bench-") as folder:
        started = time.perf_counter()
        place = contender.build(shop, Path(folder))
        built = time.perf_counter() - started
        files = [place] if place.is_file() else list(place.iterdir())
        size = sum(file.stat().st_size for file in files) / 1e6
        found = [contender.find(question) for question in QUESTIONS]
        times, works = np.zeros((2, rounds, len(QUESTIONS)))
        for turn in range(rounds):
            for i, question in enumerate(QUESTIONS):
                started, worked = time.perf_counter(), time.thread_time()
                contender.find(question)
                times[turn, i] = (time.perf_counter() - started) * 1000
                works[turn, i] = (time.thread_time() - worked) * 1000
    each = np.median(times, axis=0)
    return {
        "index s": round(built, 1),
        "MB": round(size, 1),
        "median ms": float(np.median(times)),
        "processor ms": float(np.median(works)),
        "p95 ms": float(np.quantile(times, 0.95)),
        "worst ms": float(each.max()),
        "worst": QUESTIONS[int(each.argmax())],
        "answered": f"{np.count_nonzero(found)} of {len(found)}",
    }, each.tolist()


def main() -> None:
    """Print a row for every contender that is installed, and what each question cost meot."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000, help="products")
    parser.add_argument("--rounds", type=int, default=5, help="how often each question is asked")
    titles = Path("../shared/data/catalogue/products.csv")
    parser.add_argument("--titles", type=Path, default=titles, help="CSV whose titles are recombined")
    parser.add_argument("--only", nargs="*", default=list(CONTENDERS), choices=list(CONTENDERS), help="contenders")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    shop = list(products(options.count, real_titles(options.titles)))
    rows: list[dict[str, object]] = []
    for name in tqdm(options.only):
        try:
            row, each = measure(CONTENDERS[name](), shop, options.rounds)
        except ImportError as error:
            print(f"{name}: left out ({error})", flush=True)
            continue
        rows.append({"search": name} | row)
        if name == "meot":
            slowest = sorted(zip(each, QUESTIONS, strict=True), reverse=True)[:10]
            print(json.dumps({"slowest questions, ms": {q: round(ms, 1) for ms, q in slowest}}, ensure_ascii=False))
    show(f"{options.count:,} products, {len(QUESTIONS)} questions", rows, as_json=options.json)


if __name__ == "__main__":
    main()
