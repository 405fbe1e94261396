"""Search: photo or words -> products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meot import taxonomy
from meot.answers import filters as filtering
from meot.catalogue.rows import Attributes, StoredGarment
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError, QueryError
from meot.index.protocol import VectorIndex
from meot.types import Filters, Garment, Look, Match, Photo, Product, Reader

MOST_RESULTS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class GarmentResults:
    """The products found for one garment of the query photo; garment_number is its place in the look."""

    garment_number: int
    garment: Garment
    matches: tuple[Match, ...]

    def as_json(self, look: Look) -> dict[str, Any]:
        """The results as the CLI and the API print them; the box in pixels of the upright original of ``look``."""
        return {
            "garment": self.garment_number,
            "region": self.garment.region,
            "category": self.garment.category.id,
            "box": [round(float(edge), 1) for edge in look.to_original(self.garment.box)],
            "matches": [match.as_json() for match in self.matches],
        }


@dataclass(frozen=True, slots=True, eq=False)
class PhotoAnswer:
    """What a photo found: its look, and results for each of its garments that the filters ask about."""

    look: Look
    results: tuple[GarmentResults, ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    """A product found through one of its garments."""

    product: int
    garment: int
    score: float


class Search:
    """Answers from a catalogue. Its index follows the catalogue, so what is added is found at once; thread-safe."""

    def __init__(self, *, catalogue: Catalogue, index: VectorIndex, reader: Reader) -> None:
        self._catalogue, self._index, self._reader = catalogue, index, reader
        self._taxonomy = taxonomy.load()
        self._lock = Lock()
        self._generation = -1
        self._keys: NDArray[np.int64] = np.zeros(0, np.int64)
        self._attributes: Attributes | None = None

    def by_photo(self, photo: Photo, filters: Filters, limit: int, offset: int = 0) -> PhotoAnswer:
        """Products like each garment of the photo, best first, each product once a garment.

        A garment is compared with garments of its own region (upper and outer together). Filters on region or
        category also choose which garments of the photo are asked about. No results when the photo shows no clothes.
        QueryError for unknown filter values or a limit that cannot be; CatalogueError when the catalogue was read
        with other models.
        """
        wanted = self._check(filters, limit, offset)
        look = self._reader.read(photo)
        self._refresh(look.models)
        results = []
        for number, garment in enumerate(look.garments):
            if filtering.asks_about(wanted, garment.region, self._taxonomy):
                results.append(GarmentResults(number, garment, self._similar(garment, wanted, limit, offset)))
        return PhotoAnswer(look, tuple(results))

    def by_words(self, text: str, filters: Filters, limit: int, offset: int = 0) -> tuple[Match, ...]:
        """Products that hold all the words, in any language they or the taxonomy know, best first.

        QueryError when ``text`` has no letter or digit, for unknown filter values or a limit that cannot be.
        """
        wanted = self._check(filters, limit, offset)
        if not any(character.isalnum() for character in text):
            raise QueryError(f"words must hold a letter or a digit, got {text!r}; say what to look for")
        return tuple(self._catalogue.find_words(text, wanted, limit, offset))

    def like(self, number: int, filters: Filters, limit: int, offset: int = 0) -> tuple[Match, ...]:
        """Products like the main garment of product ``number``, without itself; empty when nothing was read from it.

        CatalogueError when there is no such product; otherwise as :meth:`by_photo`.
        """
        wanted = self._check(filters, limit, offset)
        self._catalogue.product(number)
        self._refresh(self._reader.models)
        for stored in self._catalogue.garments_of(number):
            comparable = np.isin(stored.key, self._keys)  # not when other models read it
            if comparable and filtering.asks_about(wanted, stored.garment.region, self._taxonomy):
                return self._similar(stored.garment, wanted, limit, offset, without=number)
        return ()

    def _check(self, filters: Filters, limit: int, offset: int) -> Filters:
        if not 1 <= limit <= MOST_RESULTS:
            raise QueryError(f"limit must be 1..{MOST_RESULTS}, got {limit}; change it")
        if offset < 0:
            raise QueryError(f"offset must be 0 or more, got {offset}; change it")
        return filtering.check(filters, self._taxonomy)

    def _refresh(self, models: Mapping[str, str]) -> None:
        """Bring the index up to the catalogue's present state."""
        with self._lock:
            if self._catalogue.generation() != self._generation:
                stored = self._catalogue.vectors(models, after=int(self._keys.max(initial=0)))
                self._index.remove(np.setdiff1d(self._keys, stored.attributes.garments))
                self._index.add(stored.keys, stored.vectors)
                self._keys, self._attributes = stored.attributes.garments, stored.attributes
                self._generation = stored.generation
        if not len(self._keys) and self._catalogue.counts()["garments"]:
            raise CatalogueError(_explain(models, self._catalogue.read_with()))

    def _similar(
        self, garment: Garment, filters: Filters, limit: int, offset: int, *, without: int = -1
    ) -> tuple[Match, ...]:
        attributes = self._attributes
        if attributes is None or not len(attributes.garments):
            return ()
        through = filtering.passing(attributes, filters, filtering.regions_like(garment.region), self._taxonomy) & (
            attributes.product != without
        )
        hits = self._nearest(garment.vector, attributes, through, offset + limit)
        return self._matches(hits[offset : offset + limit])

    def _nearest(
        self, vector: NDArray[np.float32], attributes: Attributes, through: NDArray[np.bool_], most: int
    ) -> list[_Hit]:
        """The best garment of each product among the rows let ``through``, ``most`` products, best first.

        A product may hold several of the nearest garments, and a garment may stand in several products, so the index
        is asked for more and more garments until there are products enough or garments no more.
        """
        allowed = np.unique(attributes.garment[through])
        asked = 2 * most
        while True:
            with self._lock:
                keys, scores = self._index.search(vector[None], min(asked, len(allowed)), allowed)
            best: dict[int, _Hit] = {}
            for key, score in zip(keys[0].tolist(), scores[0].tolist(), strict=True):
                for number in _products_of(key, attributes, through):
                    best.setdefault(number, _Hit(number, key, score))
            if len(best) > most or asked >= len(allowed):
                return sorted(best.values(), key=lambda hit: (-hit.score, hit.product))[:most]
            asked *= 4

    def _matches(self, hits: list[_Hit]) -> tuple[Match, ...]:
        products = self._catalogue.products([hit.product for hit in hits])
        garments = self._catalogue.garments_by_key([hit.garment for hit in hits])
        return tuple(
            _match(hit, products[hit.product], garments[hit.garment])
            for hit in hits
            if hit.product in products and hit.garment in garments  # gone since the index was asked
        )


def _products_of(key: int, attributes: Attributes, through: NDArray[np.bool_]) -> list[int]:
    """The products of a garment's rows that are let ``through``; rows stand in the order of their garments."""
    start, end = np.searchsorted(attributes.garment, [key, key + 1])
    found: list[int] = attributes.product[start:end][through[start:end]].tolist()
    return found


def _match(hit: _Hit, product: Product, stored: StoredGarment) -> Match:
    garment = stored.garment
    return Match(
        number=hit.product,
        product=product,
        score=hit.score,
        region=garment.region,
        category=garment.category.id,
        colours=tuple(shade.id for shade in garment.colours),
    )


def _explain(models: Mapping[str, str], stored: Sequence[Mapping[str, str]]) -> str:
    """Why nothing in a catalogue can be compared with a photo that ``models`` read."""
    there = min(stored, key=lambda other: len(models.items() ^ other.items()), default={})
    differing = sorted(part for part in {*models, *there} if models.get(part) != there.get(part))
    none = {"vectors": "the bundled"}
    said = "; ".join(
        f"{part}: {there.get(part, none.get(part, 'none'))} there, {models.get(part, none.get(part, 'none'))} here"
        for part in differing
    )
    mend = "name the same --encoder, or " if "vectors" in differing else ""
    return f"the catalogue was read with other models than these ({said}); {mend}run `meot catalogue add` on it again"
