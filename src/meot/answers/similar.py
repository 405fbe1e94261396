"""Products like one garment: filtered, cut off where they are too far, page by page, with facets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meot.answers import cutoff as cutting
from meot.answers import facets as faceting
from meot.answers import filters as filtering
from meot.answers.cutoff import Bounds, Cutoff
from meot.answers.facets import Base, Facets
from meot.answers.filters import Tests
from meot.answers.matches import matches
from meot.answers.nearest import Asked, Hit, nearest
from meot.answers.paging import MOST_RESULTS, Page
from meot.answers.results import GarmentResults
from meot.answers.stock import Comparable, Stock
from meot.catalogue.store import Catalogue
from meot.taxonomy import Taxonomy
from meot.types import Filters, Garment


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """A garment to find others like. number: of the garment in its look. filters: as checked.

    without: a product that shall not answer. held: (P,) bool, the products that hold the words said; None for no words.
    """

    garment: Garment
    worn: bool
    number: int
    filters: Filters
    without: int = -1
    held: NDArray[np.bool_] | None = None


class Similar:
    """Finds what is like a garment. cutoff: None when nobody measured it; nothing is left out then."""

    def __init__(self, *, catalogue: Catalogue, stock: Stock, taxonomy: Taxonomy, cutoff: Cutoff | None) -> None:
        self._catalogue, self._stock, self._taxonomy, self._cutoff = catalogue, stock, taxonomy, cutoff

    def find(self, among: Comparable, question: Question, page: Page) -> GarmentResults:
        """The results for one garment, among those of the catalogue that can be compared with it."""
        attributes = among.attributes
        bounds = None if self._cutoff is None else self._cutoff.bounds(worn=question.worn)
        tests = filtering.tests(attributes, question.filters)
        likely = self._likely(among, question, bounds)
        through = likely & filtering.garments_through(attributes, tests)
        if page.cursor is not None:
            through &= ~np.isin(attributes.garments.product, page.shown)
        end = page.offset + page.limit
        near = self._near(among, question, through, bounds, max(end, cutting.GROUP) + 1)
        shown, more = near[:end], len(near) > end
        return GarmentResults(
            garment_number=question.number,
            garment=question.garment,
            matches=matches(self._catalogue, shown[page.offset :], self._kinds(near, page, bounds)[page.offset : end]),
            next=page.after(question.number, [hit.product for hit in shown]) if more else None,
            more=more,
            facets=self._facets(among, question, likely, tests, bounds) if page.facets else None,
            nothing_similar=bounds is not None and not near and bool(through.any()) and page.cursor is None,
        )

    def _likely(self, among: Comparable, question: Question, bounds: Bounds | None) -> NDArray[np.bool_]:
        """(R,) the garments that may answer before any filter: of the region, of products that hold the words."""
        attributes, garments = among.attributes, among.attributes.garments
        said = attributes.vocabularies
        regions = [said.region.find(region) for region in filtering.regions_like(question.garment.region)]
        found: NDArray[np.bool_] = among.garments & np.isin(garments.region, regions)
        found &= garments.product != question.without
        if question.held is not None:
            found &= question.held[attributes.place]
        return found

    def _other_kind(self, among: Comparable, question: Question) -> NDArray[np.bool_]:
        """(R,) the garments of another kind: skirts for what is surely trousers, both seen without a wearer.

        Of worn garments categories are read too seldom right for that.
        """
        garments, said = among.attributes.garments, among.attributes.vocabularies
        if question.worn or not question.garment.category.sure:
            return np.zeros(len(garments.garment), np.bool_)
        other = cutting.other_families(self._taxonomy, question.garment.category.id, said.category.texts)
        return np.logical_and(~garments.worn, other[garments.category])

    def _near(
        self, among: Comparable, question: Question, through: NDArray[np.bool_], bounds: Bounds | None, most: int
    ) -> list[Hit]:
        vector = question.garment.vector
        if bounds is None:
            return nearest(self._stock, among.attributes, Asked(vector=vector, garments=through), most)
        through = through & ~self._other_kind(among, question)
        asked = Asked(vector=vector, garments=through, floor=bounds.similar)
        return nearest(self._stock, among.attributes, asked, most)

    def _kinds(self, hits: list[Hit], page: Page, bounds: Bounds | None) -> list[str]:
        kinds = cutting.kinds([hit.score for hit in hits], bounds)
        # behind a cursor what leads is not known to lead: the first page said what is the same
        return kinds if page.cursor is None else [cutting.SIMILAR if kind else "" for kind in kinds]

    def _facets(
        self,
        among: Comparable,
        question: Question,
        likely: NDArray[np.bool_],
        tests: Tests,
        bounds: Bounds | None,
    ) -> Facets:
        """Counts over the nearest products, at most MOST_RESULTS with each filter left out."""
        found = np.zeros(len(likely), np.bool_)
        for but in ("", *tests):
            through = likely & filtering.garments_through(among.attributes, tests, but=but)
            hits = self._near(among, question, through, bounds, MOST_RESULTS)
            found |= np.isin(among.attributes.garments.product, [hit.product for hit in hits]) & through
        base = Base(products=np.ones(len(among.attributes), np.bool_), garments=found)
        return faceting.count(among.attributes, tests, base)
