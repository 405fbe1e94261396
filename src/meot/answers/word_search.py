"""Products by words: what the word index finds, filtered, with what one garment has in all before the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meot import taxonomy
from meot.answers import facets as faceting
from meot.answers import filters as filtering
from meot.answers.facets import Base
from meot.answers.matches import matches
from meot.answers.nearest import Hit
from meot.answers.paging import Page
from meot.answers.results import Answer
from meot.catalogue.attributes import Attributes
from meot.catalogue.senses import Senses, understand
from meot.catalogue.store import Catalogue
from meot.catalogue.words import WordIndex, sync
from meot.catalogue.words.tokens import split
from meot.types import Filters


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """places: (N,) of products among those of the attributes, best first. scores: (N,) float64, 0..1.

    corrected: what was typed -> what was looked for.
    """

    places: NDArray[np.int64]
    scores: NDArray[np.float64]
    corrected: Mapping[str, str]


class WordSearch:
    """Finds the products of a catalogue by words."""

    def __init__(self, *, catalogue: Catalogue, index: WordIndex) -> None:
        self._catalogue, self._index = catalogue, index

    def answer(self, text: str, attributes: Attributes, filters: Filters, page: Page) -> Answer:
        """The products that hold all words of ``text`` and pass ``filters``, as checked."""
        return lay_out(self._catalogue, attributes, self.find(text, attributes), filters, page)

    def held(self, text: str, attributes: Attributes) -> NDArray[np.bool_]:
        """(P,) the products that hold all words of ``text``."""
        return _among(attributes, self.find(text, attributes))

    def find(self, text: str, attributes: Attributes) -> Found:
        """Every product that holds all words.

        First those whose title alone does, then those with one garment of the colour and the kind that were said: words
        alone would find a red shirt over navy jeans when asked for a navy shirt.
        """
        senses = understand(text, taxonomy.load())
        sync(self._catalogue, self._index)
        hits = self._index.search(text, senses)
        if hits.corrected:  # what is meant by a word is asked of the word that was looked for
            senses = understand(" ".join(hits.corrected.get(word, word) for word in split(text)), taxonomy.load())
        every = attributes.places_of(hits.numbers)
        there = every >= 0
        places, titled, share = every[there], hits.titled[there], hits.scores[there]
        tiers = 2 * titled + shows(attributes, senses)[places]
        within = np.clip(np.where(titled, 2 * share - 1, 2 * share), 0, 1)  # titles alone reach above a half
        scores = (tiers + within) / (4 if senses.is_of_one_garment else 3)
        order = np.lexsort((places, -scores))
        return Found(places[order], scores[order], hits.corrected)

    def close(self) -> None:
        """Let go of the word index."""
        self._index.close()


def lay_out(catalogue: Catalogue, attributes: Attributes, found: Found, filters: Filters, page: Page) -> Answer:
    """A page of the products found that pass ``filters``, as checked."""
    tests = filtering.tests(attributes, filters)
    left = filtering.products_through(attributes, tests)[found.places]
    left &= ~np.isin(attributes.products.number[found.places], page.shown)
    places, scores = found.places[left], found.scores[left]
    end = page.offset + page.limit
    shown = attributes.products.number[places[:end]].tolist()
    through = filtering.garments_through(attributes, tests)
    hits = [
        shown_by(attributes, place, through, score)
        for place, score in zip(places[page.offset : end].tolist(), scores[page.offset : end].tolist(), strict=True)
    ]
    return Answer(
        matches=matches(catalogue, hits, [""] * len(hits)),
        next=page.after(-1, shown) if len(places) > end else None,
        more=len(places) > end,
        facets=faceting.count(attributes, tests, Base(products=_among(attributes, found))) if page.facets else None,
        corrected=found.corrected,
    )


def browse(attributes: Attributes, filters: Filters) -> Found:
    """Every product that passes ``filters``, as checked: those whose main garment does first, then the newest."""
    tests = filtering.tests(attributes, filters)
    let_through = np.append(filtering.garments_through(attributes, tests), False)  # for products without a garment
    starts, ends = attributes.starts[:-1], attributes.starts[1:]
    mainly = (starts < ends) & let_through[starts]
    order = np.lexsort((-attributes.products.number, ~mainly))
    return Found(order, np.ones(len(order)), {})


def shows(attributes: Attributes, senses: Senses) -> NDArray[np.bool_]:
    """(P,) the products with one garment of the colour and the kind that were said; none when not both were."""
    found = np.zeros(len(attributes), np.bool_)
    if senses.is_of_one_garment:
        said, garments = attributes.vocabularies, attributes.garments
        kind = np.isin(garments.category, [said.category.find(id) for id in senses.categories])
        kind |= np.isin(garments.region, [said.region.find(id) for id in senses.regions])
        bits = np.uint64(sum(1 << said.colour.find(id) for id in senses.colours))
        found[attributes.place[kind & (garments.colours & bits > 0)]] = True
    return found


def shown_by(attributes: Attributes, place: int, through: NDArray[np.bool_], score: float) -> Hit:
    """The product at a place as a hit, through the most prominent of its garments that filters let ``through``, (R,)
    bool over the garments of ``attributes``.
    """
    start, end = attributes.starts[place], attributes.starts[place + 1]
    rows = start + np.flatnonzero(through[start:end])
    row = int(rows[0]) if len(rows) else -1
    garment = int(attributes.garments.garment[row]) if row >= 0 else -1
    return Hit(int(attributes.products.number[place]), garment, row, score)


def _among(attributes: Attributes, found: Found) -> NDArray[np.bool_]:
    there = np.zeros(len(attributes), np.bool_)
    there[found.places] = True
    return there
