"""A look beside a person's closet: what they own of it, what comes close, and what the shop has for the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.concurrency import run_in_threadpool

from meot.answers.closet.comparison import Comparison, compare_look
from meot.answers.closet.products import shop_for
from meot.answers.closet.shopping import ShoppingList
from meot.answers.closet.similarity import load_scale
from meot.errors import QueryError
from meot.service.closet.owning import Owning

if TYPE_CHECKING:
    from meot.answers.wording import Wording
    from meot.catalogue.people import Person
    from meot.service.gate import Gate
    from meot.types import Look, Photo
    from meot.wiring import Shop

_Answer = TypeVar("_Answer")
Budget = float | None


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A look beside a closet. found: None when the photo shows no clothes.

    said: how many garments were said to be not like one of this very photo; last: whether the last word was about it.
    stale: photos of the closet that are being read again, and are not compared until then.
    """

    look: Look
    found: Comparison | None
    wishes: ShoppingList | None
    said: int
    last: bool
    stale: int
    calibrated: bool

    def as_json(self) -> dict[str, Any]:
        """The comparison as the API answers it, ``meot.closet/1``. Only where there is one."""
        assert self.found is not None
        shopping = None if self.wishes is None else self.wishes.as_json()
        return {**self.found.as_json(), "calibrated": self.calibrated, "stale": self.stale, "shopping": shopping}


class Comparing:
    """Compares looks as ``gate`` lets them in. calibrated: whether anybody measured what its cosines mean."""

    def __init__(self, *, shop: Shop, owning: Owning, gate: Gate, calibrated: bool) -> None:
        self._shop, self._owning, self._gate, self._calibrated = shop, owning, gate, calibrated

    async def compare(
        self,
        person: Person,
        load: Callable[[], Photo],
        *,
        number: int,
        budget: Budget,
        wording: Wording,
        empty: bool = False,
    ) -> Fitted:
        """The look of a photo beside the person's closet. number: whose look, from 1.

        empty: whether a photo without clothes is an answer, too. QueryError for one otherwise, and for a person that it
        does not show; PhotoError, BusyError.
        """
        return await self.work(lambda: self._compare(person, load(), number - 1, budget, wording, empty))

    async def say_not_alike(self, person: Person, load: Callable[[], Photo], number: int, owned: int) -> int:
        """Note that the person's garment ``owned`` is not like garment ``number`` (from 1) of the look; the note.

        NotThereError when the garment is not theirs, QueryError when the look has no such garment.
        """

        def say() -> int:
            self._owning.garment(person, owned)
            look = self._shop.reader.read(load())
            if not 1 <= number <= len(look.garments):
                most = len(look.garments)
                said = f"garment must be 1..{most}, got {number}; take it from a comparison"
                raise QueryError(said, "out_of_bounds", name="garment", least=1, most=most, got=number)
            wanted = look.garments[number - 1]
            return self._owning.closet(person).say_not_alike(owned, wanted, look.photo.sha256)

        return await self.work(say)

    async def work(self, job: Callable[[], _Answer]) -> _Answer:
        """Do what reads photos when it is its turn. BusyError when too many wait."""
        async with self._gate.enter():
            return await run_in_threadpool(job)

    def _compare(
        self, person: Person, photo: Photo, whose: int, budget: Budget, wording: Wording, empty: bool
    ) -> Fitted:
        look = self._shop.reader.read(photo)
        stale = self._owning.refresh(person)
        said = [note.photo == photo.sha256 for note in self._owning.not_alike(person)]
        found = wishes = None
        if look.garments or not empty:
            held = self._owning.owned(person)
            found = compare_look(look, held, scale=load_scale(), wording=wording, person=whose)
            wishes = shop_for(
                photo, found.missing, self._shop.search, self._shop.catalogue, budget=budget, wording=wording
            )
        return Fitted(look, found, wishes, sum(said), said[-1:] == [True], stale, self._calibrated)
