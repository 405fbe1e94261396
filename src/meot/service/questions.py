"""What a visitor asks for, from a query string or a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import ImmutableMultiDict

from meot.answers import filters
from meot.errors import QueryError
from meot.types import Filters

PRICES = ("min_price", "max_price")


@dataclass(frozen=True, slots=True)
class WrongPrices:
    """Prices that cannot be asked for. error: why; told["name"] is the field. typed: name -> what stands there."""

    error: QueryError
    typed: Mapping[str, str]


def read_filters(asked: Mapping[str, str]) -> Filters:
    """The filters in ``asked``; what is absent or empty asks for nothing. QueryError when a price is none."""
    low, high = _price(asked, "min_price"), _price(asked, "max_price")
    return replace(_without_prices(asked), min_price=low, max_price=high)


def read_filters_of_page(asked: Mapping[str, str]) -> tuple[Filters, WrongPrices | None]:
    """The filters in ``asked``, and what is wrong with the prices there, which then ask for nothing."""
    try:
        found = read_filters(asked)
        filters.check_prices(found)
    except QueryError as error:
        if error.told.get("name") not in PRICES:
            raise
        return _without_prices(asked), WrongPrices(error, {name: asked.get(name, "").strip() for name in PRICES})
    return found, None


def _without_prices(asked: Mapping[str, str]) -> Filters:
    return Filters(
        region=asked.get("region", "").strip() or None,
        category=asked.get("category", "").strip() or None,
        colour=(asked.get("colour") or asked.get("color") or "").strip() or None,
        components=filters.parse_components(_all(asked, "component")),
        style=asked.get("style", "").strip() or None,
        gender=asked.get("gender", "").strip() or None,
        source=asked.get("source", "").strip() or None,
    )


def _all(asked: Mapping[str, str], name: str) -> list[str]:
    """Every value of a name that a form may send several times."""
    return asked.getlist(name) if isinstance(asked, ImmutableMultiDict) else [asked.get(name, "")]


def _price(asked: Mapping[str, str], name: str) -> float | None:
    return filters.read_price(name, asked.get(name, ""))


def read_number(asked: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    """A whole number in ``asked``. QueryError when it is none, or out of bounds."""
    text = asked.get(name, "").strip()
    try:
        number = int(text) if text else default
    except ValueError:
        said = f"{name} must be a whole number, got {text[:40]!r}; change it"
        raise QueryError(said, "no_whole_number", name=name, got=text) from None
    if not least <= number <= most:
        said = f"{name} must be {least}..{most}, got {number}; change it"
        raise QueryError(said, "out_of_bounds", name=name, least=least, most=most, got=number)
    return number


@dataclass(frozen=True, slots=True)
class Slice:
    """Which of the results are wanted. limit: how many. offset: how many to pass over. after: a cursor instead.

    words: what they must be besides being like a photo. facets: whether they are to be counted.
    """

    limit: int
    offset: int
    after: str | None = None
    words: str = ""
    facets: bool = False


def read_slice(asked: Mapping[str, str], *, most: int = 100) -> Slice:
    """The slice in ``asked``: 20 from the start unless said otherwise. QueryError when out of bounds."""
    return Slice(
        read_number(asked, "limit", default=20, least=1, most=most),
        read_number(asked, "offset", default=0, least=0, most=100_000),
        after=asked.get("after", "").strip() or None,
        words=asked.get("q", "").strip()[:200],
        facets=read_switch(asked, "facets"),
    )


def read_switch(asked: Mapping[str, str], name: str) -> bool:
    """Whether a switch is on. QueryError for a value that is neither yes nor no."""
    text = asked.get(name, "").strip().lower()
    if text not in ("", "0", "1", "true", "false"):
        said = f"{name} must be true or false, got {text[:40]!r}; change it"
        raise QueryError(said, "none_of", name=name, known=("true", "false"), got=text)
    return text in ("1", "true")
