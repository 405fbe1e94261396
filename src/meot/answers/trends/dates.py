"""What sources say of time, read: a release date, a season with or without its year."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

EARLIEST = 1900
_RELEASED = re.compile(r"(\d{4})(?:-(\d{2})(?:-\d{2})?)?")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_SHORT_YEAR = re.compile(r"(?<!\d)'?(\d\d)(?!\d)")
_WORDS = {
    "spring": ("spring", "봄"),
    "summer": ("summer", "여름"),
    "autumn": ("autumn", "fall", "가을"),
    "winter": ("winter", "겨울"),
}
_CODES = {"SS": r"s\s*[/&·-]?\s*s", "FW": r"[fa]\s*[/&·-]?\s*w"}
_CODE = {half: re.compile(rf"(?<![a-z]){code}(?![a-z])", re.IGNORECASE) for half, code in _CODES.items()}
_HALF = {frozenset({"spring", "summer"}): "SS", frozenset({"autumn", "winter"}): "FW"}
_PLACE = {"spring": 0, "summer": 1, "autumn": 2, "winter": 3, "SS": 0, "FW": 1}


class When(NamedTuple):
    """A date in its own grain; see :func:`meot.answers.trends.periods.convert`. grain "": no date."""

    grain: str
    number: int


NEVER = When("", 0)


@lru_cache(maxsize=10_000)
def released(text: str) -> When:
    """The year or month of "2016", "2016-06" or "2016-06-01"; NEVER for anything else."""
    parts = _RELEASED.fullmatch(text.strip())
    if parts is None or int(parts[1]) < EARLIEST:
        return NEVER
    if parts[2] is None:
        return When("year", int(parts[1]))
    return When("month", int(parts[1]) * 12 + int(parts[2]) - 1) if 1 <= int(parts[2]) <= 12 else NEVER


@lru_cache(maxsize=10_000)
def season(text: str, released_as: str = "") -> When:
    """The season or half-year of "Summer 2016", "16FW", "S/S 2019", "2016년 봄"; its year from the release date where
    the season itself says none, and a season of no year where nothing does. NEVER when no season is named.
    """
    named = _named(text.casefold())
    year = _year_of(text, named is not None)
    if named is None:
        return NEVER if year is None else When("year", year)
    year = _year_beside(named, released(released_as)) if year is None else year
    grain = "half" if named in ("SS", "FW") else "season"
    if year is None:
        return When(f"{grain}_of_year", _PLACE[named])
    return When(grain, year * (2 if grain == "half" else 4) + _PLACE[named])


def _named(text: str) -> str | None:
    """The season or half-year that a text names; None when it names none, or several that are no half-year."""
    said = frozenset(season for season, words in _WORDS.items() if any(word in text for word in words))
    if said:
        return next(iter(said)) if len(said) == 1 else _HALF.get(said)
    halves = [half for half, code in _CODE.items() if code.search(text)]
    return halves[0] if len(halves) == 1 else None


def _year_of(text: str, beside_season: bool) -> int | None:
    full = _YEAR.search(text)
    if full is not None:
        return int(full[1])
    short = _SHORT_YEAR.search(text) if beside_season else None
    return None if short is None else 2000 + int(short[1])


def _year_beside(named: str, when: When) -> int | None:
    """The year of a season whose product came out ``when``: January's winter began in the year before."""
    if when.grain == "month":
        year, month = divmod(when.number, 12)
        return year - (named in ("winter", "FW") and month < 2)
    return when.number if when.grain == "year" else None
