"""Time as numbered periods: months, quarters, seasons, half-years, years, and seasons of no year.

Seasons are those of the northern half of the world: spring begins in March, and the winter of 2016 lasts from December
2016 to February 2017. Half-years are the trade's: spring and summer, autumn and winter.
"""

from __future__ import annotations

import re
from datetime import date

import numpy as np
from numpy.typing import NDArray

from meot.errors import QueryError

EVERY = ("month", "quarter", "season", "half", "year")
CYCLES = {"season_of_year": 4, "half_of_year": 2}
"""Periods that come again each year, and how many those are: for dates of no year, or all years taken together."""
GRAINS = ("", "year", "half", "season", "month", "half_of_year", "season_of_year")
"""What a date may be said in; a grain's place here stands in arrays, 0 for no date."""
A_YEAR = {"month": 12, "quarter": 4, "season": 4, "half": 2, "year": 1}
_BOUND = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


def convert(
    grains: NDArray[np.int8], index: NDArray[np.int64], every: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(N,) int64 periods of ``every``, and (N,) which dates are fine enough for it.

    grains: (N,) int8 places in :data:`GRAINS`. index: (N,) int64 the date's number in its own grain: years times
    periods a year, plus the period's place in its year from 0.
    """
    found, known = np.zeros(len(index), np.int64), np.zeros(len(index), np.bool_)
    for place, grain in enumerate(GRAINS):
        of = grains == place
        to = _convert(grain, index[of], every)
        if to is not None:
            found[of], known[of] = to, True
    return found, known


def _convert(grain: str, index: NDArray[np.int64], every: str) -> NDArray[np.int64] | None:
    if every in CYCLES:
        to = index if grain == every else _convert(grain, index, every.removesuffix("_of_year"))
        if to is None and (grain, every) == ("season_of_year", "half_of_year"):
            to = index // 2
        return None if to is None else to % CYCLES[every]
    if grain == every or (every == "year" and grain in A_YEAR):
        return index // (A_YEAR[grain] // A_YEAR[every])
    if grain == "month":
        season = (index - 2) // 3  # March is the third month; January and February are of the winter before
        return {"quarter": index // 3, "season": season, "half": season // 2}.get(every)
    return index // 2 if (grain, every) == ("season", "half") else None


def starts(period: int, every: str) -> date:
    """The first day of a period that has a year."""
    year, place = divmod(period, A_YEAR[every])
    month = {"month": place + 1, "quarter": 3 * place + 1, "season": 3 * place + 3, "half": 6 * place + 3, "year": 1}
    return date(year, month[every], 1)


def read_bound(bound: str, name: str, *, end: bool) -> date:
    """The first day that ``bound`` ("2016", "2016-06", "2016-06-01") means, the last one with ``end``.

    QueryError when it is no date.
    """
    parts = _BOUND.fullmatch(bound.strip())
    try:
        if parts is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in parts.groups())
        first = date(year or 0, month or 1, day or 1)
        return first if day or not end else _day_before(first.year, (month or 12) + 1)
    except ValueError:
        raise QueryError(
            f"{name} must be a date such as 2016, 2016-06 or 2016-06-01, got {bound!r}; change it",
            "no_date",
            name=name.removeprefix("--"),
            got=bound,
        ) from None


def _day_before(year: int, month: int) -> date:
    first = date(year + (month > 12), (month - 1) % 12 + 1, 1)
    return date.fromordinal(first.toordinal() - 1)


def identify(period: int, every: str) -> str:
    """A period's id: "2016-06", "2016-Q2", "2016-summer", "2016-SS", "2016", "summer"."""
    names = {"season_of_year": _SEASONS, "half_of_year": _HALVES}
    if every in names:
        return names[every][period]
    year, place = divmod(period, A_YEAR[every])
    within = {"month": f"-{place + 1:02d}", "quarter": f"-Q{place + 1}", "year": ""}
    return f"{year:04d}" + (
        within[every] if every in within else f"-{(_SEASONS if every == 'season' else _HALVES)[place]}"
    )


_SEASONS, _HALVES = ("spring", "summer", "autumn", "winter"), ("SS", "FW")
_KOREAN = {"spring": "봄", "summer": "여름", "autumn": "가을", "winter": "겨울", "SS": "봄·여름", "FW": "가을·겨울"}
_ENGLISH = {name: name for name in _SEASONS} | {"SS": "spring/summer", "FW": "autumn/winter"}


def names(period: int, every: str) -> dict[str, str]:
    """Language -> a period's name in words: "summer 2016", "2016년 여름"."""
    if every in CYCLES:
        id = identify(period, every)
        return {"en": _ENGLISH[id], "ko": _KOREAN[id]}
    year, place = divmod(period, A_YEAR[every])
    if every == "year":
        return {"en": str(year), "ko": f"{year}년"}
    if every == "month":
        return {"en": f"{year}-{place + 1:02d}", "ko": f"{year}년 {place + 1}월"}
    if every == "quarter":
        return {"en": f"Q{place + 1} {year}", "ko": f"{year}년 {place + 1}분기"}
    id = (_SEASONS if every == "season" else _HALVES)[place]
    return {"en": f"{_ENGLISH[id]} {year}", "ko": f"{year}년 {_KOREAN[id]}"}
