"""The shop's own outfits beside a closet: which can be worn already, and what one purchase would complete."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from meot import photos
from meot.answers.closet import sets
from meot.answers.closet.products import products_for
from meot.answers.closet.sets import Purchase, Standing
from meot.answers.closet.shopping import Suggestion
from meot.answers.closet.similarity import load_scale
from meot.catalogue.outfits import worn_photos
from meot.errors import PhotoError
from meot.service.closet.owning import Owning
from meot.service.problems import NotThereError

if TYPE_CHECKING:
    from meot.answers.wording import Wording
    from meot.catalogue.people import Person
    from meot.service.pictures import ProductPictures
    from meot.wiring import Shop

MOST_OUTFITS = 300
"""Outfits of the shop that are looked at for one page."""
_PURCHASES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Stood:
    """standings: the best first. purchases: each with what the shop has for it. outfits: how many were looked at.

    whole: whether those are all that the shop has.
    """

    standings: tuple[Standing, ...]
    purchases: tuple[tuple[Purchase, tuple[Suggestion, ...]], ...]
    outfits: int
    whole: bool


class Outfits:
    """The outfits of a shop's photos with people. drawn: small pictures of them."""

    def __init__(self, *, shop: Shop, owning: Owning, drawn: ProductPictures) -> None:
        self._shop, self._owning, self._drawn = shop, owning, drawn

    def stand(self, person: Person, *, most: int, wording: Wording) -> Stood:
        """How much of the outfits a person owns; reads a photo for each purchase."""
        models = self._shop.reader.models
        with self._shop.catalogue.database.reading() as connection:
            worn = list(islice(worn_photos(connection, models), MOST_OUTFITS + 1))
        made = [sets.as_outfit(each.title, each.path, each.sha256, each.garments) for each in worn[:MOST_OUTFITS]]
        outfits = [outfit for outfit in made if outfit is not None]
        found = sets.stand(outfits, self._owning.owned(person), scale=load_scale())
        purchases = sets.unlock(found, scale=load_scale(), most=_PURCHASES)
        offered = tuple((each, self._offer(each, wording)) for each in purchases)
        return Stood(tuple(found[:most]), offered, len(outfits), len(worn) <= MOST_OUTFITS)

    def file(self, sha256: str) -> Path:
        """The file of a photo of the shop. NotThereError when it has none with that hash."""
        found = self._shop.catalogue.photos_of([sha256]).get(sha256)
        if found is None or not found[1].is_file():
            raise NotThereError("the shop has no such photo; see the looks")
        return found[1]

    def picture(self, sha256: str) -> bytes:
        """The photo, small, a JPEG. NotThereError when it is gone, or there is none with that hash."""
        file = self.file(sha256)
        stamp = self._drawn.stamp(file)
        picture = None if stamp is None else self._drawn.draw(file, stamp)
        if picture is None:
            raise NotThereError("this photo of the shop is no longer there; see the looks")
        return picture

    def _offer(self, purchase: Purchase, wording: Wording) -> tuple[Suggestion, ...]:
        try:
            photo = photos.load(purchase.outfit.file)
        except PhotoError:  # it is gone since it was read
            return ()
        number, wanted = purchase.number, purchase.garment
        return products_for(photo, number, wanted, self._shop.search, self._shop.catalogue, wording=wording)
