"""Search: photo or words -> products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from meot import taxonomy
from meot.answers import filters as filtering
from meot.answers import paging
from meot.answers.cutoff import Cutoff
from meot.answers.index_files import IndexFiles
from meot.answers.paging import Page
from meot.answers.refine import refine
from meot.answers.results import Answer, GarmentResults, PhotoAnswer
from meot.answers.similar import Question, Similar
from meot.answers.stock import Comparable, Stock
from meot.answers.word_search import WordSearch, browse, lay_out
from meot.catalogue.store import Catalogue
from meot.catalogue.words import WordIndex
from meot.errors import CatalogueError, QueryError
from meot.index.protocol import VectorIndex
from meot.types import Filters, Photo, Reader

__all__ = ["Answer", "GarmentResults", "PhotoAnswer", "Search"]


class Search:
    """Answers from a catalogue, which it follows: what is added is found at once, what is retired no more. Thread-safe.

    index: an empty one, filled from the catalogue; with ``files`` one of many garments is kept beside the catalogue.
    words: the word index, in memory when None. cutoff: where the reader's vectors are too far apart; None when nobody
    measured it, and nothing is left out then.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        index: VectorIndex,
        reader: Reader,
        files: IndexFiles | None = None,
        words: WordIndex | None = None,
        cutoff: Cutoff | None = None,
    ) -> None:
        self._catalogue, self._reader = catalogue, reader
        self._taxonomy = taxonomy.load()
        self._stock = Stock(catalogue=catalogue, index=index, files=files)
        self._words = WordSearch(catalogue=catalogue, index=words or WordIndex.open(None))
        self._similar = Similar(catalogue=catalogue, stock=self._stock, taxonomy=self._taxonomy, cutoff=cutoff)
        self._cuts = cutoff is not None

    def by_photo(
        self,
        photo: Photo,
        filters: Filters,
        limit: int,
        offset: int = 0,
        *,
        words: str = "",
        after: str | None = None,
        facets: bool = False,
    ) -> PhotoAnswer:
        """Products like each garment of the photo, best first, each product once a garment.

        A garment is compared with garments of its own region (upper and outer together). Filters on region or
        category also choose which garments of the photo are asked about. No results when the photo shows no clothes.
        words: what the products must be besides, see :func:`meot.answers.refine.refine`. after: the ``next`` of one
        garment's results; the page behind those alone is answered. QueryError for unknown filter values, a limit that
        cannot be, or a foreign cursor; CatalogueError when the catalogue was read with other models.
        """
        attributes = self._stock.attributes()
        wanted = filtering.check(filters, self._taxonomy, attributes)
        question = paging.question_of("photo", photo.sha256, words, asdict(wanted))
        page = Page.of(question, limit, offset, after, facets=facets)
        wanted, rest = refine(words, wanted, self._taxonomy, attributes)
        look = self._reader.read(photo)
        among = self._comparable(look.models)
        held = self._words.held(rest, among.attributes) if rest else None
        results = [
            self._similar.find(
                among, Question(garment=garment, worn=look.worn, number=number, filters=wanted, held=held), page
            )
            for number, garment in enumerate(look.garments)
            if (page.cursor is None or page.cursor.garment == number)
            and filtering.asks_about(wanted, garment.region, self._taxonomy, among.attributes)
        ]
        return PhotoAnswer(look, tuple(results), self._cuts)

    def by_words(
        self,
        text: str,
        filters: Filters,
        limit: int,
        offset: int = 0,
        *,
        after: str | None = None,
        facets: bool = False,
    ) -> Answer:
        """Products that hold all the words, in any language they or the taxonomy know, best first.

        after: the ``next`` of the page before. QueryError when ``text`` has no letter or digit, for unknown filter
        values, a limit that cannot be, or a foreign cursor.
        """
        attributes = self._stock.attributes()
        wanted = filtering.check(filters, self._taxonomy, attributes)
        page = Page.of(paging.question_of("words", text, asdict(wanted)), limit, offset, after, facets=facets)
        if not any(character.isalnum() for character in text):
            said = f"words must hold a letter or a digit, got {text!r}; say what to look for"
            raise QueryError(said, "no_words", got=text)
        return self._words.answer(text, attributes, wanted, page)

    def by_filters(
        self, filters: Filters, limit: int, offset: int = 0, *, after: str | None = None, facets: bool = False
    ) -> Answer:
        """Products that pass ``filters``, those whose main garment does first, then the newest; all of them for none.

        QueryError as :meth:`by_words`.
        """
        attributes = self._stock.attributes()
        wanted = filtering.check(filters, self._taxonomy, attributes)
        page = Page.of(paging.question_of("filters", asdict(wanted)), limit, offset, after, facets=facets)
        return lay_out(self._catalogue, attributes, browse(attributes, wanted), wanted, page)

    def like(
        self,
        number: int,
        filters: Filters,
        limit: int,
        offset: int = 0,
        *,
        after: str | None = None,
        facets: bool = False,
    ) -> Answer:
        """Products like the main garment of product ``number``, without itself; empty when nothing was read from it.

        CatalogueError when there is no such product; otherwise as :meth:`by_photo`.
        """
        wanted = filtering.check(filters, self._taxonomy, self._stock.attributes())
        page = Page.of(paging.question_of("like", number, asdict(wanted)), limit, offset, after, facets=facets)
        self._catalogue.product(number)
        among = self._comparable(self._reader.models)
        for place, stored in enumerate(self._catalogue.garments_of(number)):
            rows = np.flatnonzero(among.garments & (among.attributes.garments.garment == stored.key))
            about = filtering.asks_about(wanted, stored.garment.region, self._taxonomy, among.attributes)
            if len(rows) and about:  # no rows when other models read it
                worn = bool(among.attributes.garments.worn[rows[0]])
                found = self._similar.find(
                    among,
                    Question(garment=stored.garment, worn=worn, number=place, filters=wanted, without=number),
                    page,
                )
                return Answer(
                    found.matches, found.next, found.more, found.facets, nothing_similar=found.nothing_similar
                )
        return Answer()

    def prepare(self) -> None:
        """Bring the index up to the catalogue now, as the first question would; CatalogueError when that fails."""
        self._stock.comparable(self._reader.models)

    def describe(self) -> dict[str, int | float | str]:
        """What the index of vectors is like at present: its kind and how many it holds."""
        return self._stock.describe()

    def rebuild(self) -> None:
        """Make the index of vectors anew from the catalogue; questions wait meanwhile."""
        self._stock.rebuild(self._reader.models)

    def compact(self) -> None:
        """Join what was added to the index of vectors since it was made; questions are answered meanwhile."""
        self._stock.compact()

    def close(self) -> None:
        """Save what is kept beside the catalogue."""
        self._stock.close()
        self._words.close()

    def _comparable(self, models: Mapping[str, str]) -> Comparable:
        among = self._stock.comparable(models)
        if not among.garments.any() and self._catalogue.counts()["garments"]:
            raise CatalogueError(_explain(models, self._catalogue.read_with()))
        return among


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
