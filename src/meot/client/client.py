"""The service as a Python object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Unpack, cast

from meot.client import answers
from meot.client.forms import Photo, form_of
from meot.client.own import Own

_A_PAGE = 50


class Client(Own):
    """A service at an address: photos, the catalogue, trends; and what is one's own. See :class:`Calls`."""

    # -- photos

    def read(
        self, photo: Photo | None = None, *, url: str | None = None, scores: bool = False, vector: bool = False
    ) -> answers.Look:
        """The clothes in a photo. url: instead of it, its address, or that of a page about it.

        scores, vector: add every category's score, each garment's vector.
        """
        asked = {"scores": scores, "vector": vector}
        return cast(answers.Look, self.ask("POST", "/looks", query=asked, form=form_of(photo, url=url)))

    def search_photo(
        self,
        photo: Photo | None = None,
        words: str = "",
        *,
        url: str | None = None,
        limit: int = 20,
        **filters: Unpack[answers.Filters],
    ) -> answers.PhotoMatches:
        """For each garment of a photo the products most like it. words: what they must be besides. url: as in read."""
        asked: dict[str, object] = {**filters, "limit": limit, "q": words or None}
        component = filters.get("component")
        if isinstance(component, list):
            asked["component"] = ",".join(component)
        form = {name: value if value is None else str(value) for name, value in asked.items()}
        found = self.ask("POST", "/search/photo", form={**form, **form_of(photo, url=url)})
        return cast(answers.PhotoMatches, found)

    # -- the catalogue

    def find(
        self,
        words: str | None,
        *,
        limit: int = 20,
        after: str | None = None,
        facets: bool = False,
        **filters: Unpack[answers.Filters],
    ) -> answers.Matches:
        """One page of the products that words find; without words, that pass the filters. after: ``next`` of the page
        before.
        """
        asked = {**filters, "q": words, "limit": limit, "after": after, "facets": facets}
        return cast(answers.Matches, self.ask("GET", "/search", query=asked))

    def search(self, words: str | None = None, **filters: Unpack[answers.Filters]) -> Iterator[answers.Match]:
        """All products that words find, best first, or that pass the filters; asked for page by page."""
        return self.pages("/search", "matches", {**filters, "q": words, "limit": _A_PAGE})

    def similar(self, number: int, **filters: Unpack[answers.Filters]) -> Iterator[answers.Match]:
        """The products like one, best first; asked for page by page."""
        return self.pages(f"/products/{number}/similar", "matches", {**filters, "limit": _A_PAGE})

    def product(self, number: int) -> answers.Product:
        """A product and what was read from its photos."""
        return cast(answers.Product, self.ask("GET", f"/products/{number}"))

    def prices(self, number: int) -> list[answers.Price]:
        """What was asked for a product since it was first seen, the newest first."""
        return cast(answers.History, self.ask("GET", f"/products/{number}/prices"))["prices"]

    def trends(
        self,
        by: str | Sequence[str] = "category",
        *,
        on_sale: bool = False,
        guesses: bool = False,
        **within: Unpack[answers.Within],
    ) -> answers.Trends:
        """What products show over time. by: what to count, several in a list. See docs/trends.md."""
        counted = by if isinstance(by, str) else ",".join(by)
        asked = {**within, "by": counted, "on_sale": on_sale, "guesses": guesses}
        return cast(answers.Trends, self.ask("GET", "/trends", query=asked))

    def taxonomy(self) -> dict[str, Any]:
        """The vocabulary of all answers."""
        return cast(dict[str, Any], self.ask("GET", "/taxonomy"))

    def health(self) -> answers.Health:
        """The state of the service."""
        return cast(answers.Health, self.ask("GET", "/health"))
