"""A question about trends, from an address, and its answer, kept for as long as the catalogue stays as it is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from threading import Lock
from typing import TYPE_CHECKING

from meot.answers.trends.ask import Question, ask
from meot.answers.trends.periods import EVERY
from meot.answers.trends.timeline import Wanted
from meot.errors import QueryError
from meot.service.questions import read_switch

if TYPE_CHECKING:
    from meot.answers.trends.report import Trends
    from meot.catalogue.store import Catalogue
    from meot.taxonomy import Taxonomy

BY = (
    *("category", "colour", "pattern", "style", "region", "sleeve", "collar", "neckline"),
    *("fit", "denim_colour", "wash", "damage", "component"),
)
PERIODS = (*EVERY, "season_of_year")
DATES = ("released", "season", "first_seen")
_KEPT = 32
_MOST_BY = 12


def today() -> date:
    """The present day (UTC)."""
    return datetime.now(UTC).date()


def read_question(asked: Mapping[str, str]) -> Question:
    """The question in ``asked``: by (several with commas), category, colour, region, gender, within, since, until,
    every, dates, on_sale, guesses. QueryError for a value that cannot be; names are checked when it is asked.
    """

    def said(name: str) -> str | None:
        return asked.get(name, "").strip()[:200] or None

    by = [name.strip() for name in (said("by") or "category").split(",") if name.strip()]
    if len(by) > _MOST_BY:
        wrong = f"at most {_MOST_BY} questions are answered at once, got {len(by)}; ask fewer"
        raise QueryError(wrong, "too_many_questions", most=_MOST_BY, got=len(by))
    within = [text.strip() for text in (said("within") or "").split(",") if text.strip()]
    every = said("every")
    wanted = Wanted(
        today=today(),
        dates=said("dates"),
        every=None if every is None else every.replace("-", "_"),
        since=said("since"),
        until=said("until"),
        on_sale=read_switch(asked, "on_sale"),
    )
    return Question(
        by=tuple(by),
        within=tuple(within),
        region=said("region"),
        category=said("category"),
        colour=said("colour") or said("color"),
        gender=said("gender"),
        guesses=read_switch(asked, "guesses"),
        wanted=wanted,
    )


class Asking:
    """Asks a catalogue. The last answers are kept until it changes; one question is worked on at a time."""

    def __init__(self, *, catalogue: Catalogue, taxonomy: Taxonomy) -> None:
        self._catalogue, self._taxonomy = catalogue, taxonomy
        self._kept: OrderedDict[tuple[int, str], Trends] = OrderedDict()
        self._lock = Lock()

    def answer(self, question: Question) -> Trends:
        """The trends asked for. QueryError when the question names what is not there."""
        key = (self._catalogue.generation(), repr(question))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = ask(self._catalogue.database, question, self._taxonomy)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]
