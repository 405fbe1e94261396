"""What a closet holds, and the shop's looks beside it, as JSON without any path of the server's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from meot.service.api.products import label_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meot.answers.closet.duplicates import Alike
    from meot.answers.closet.sets import Purchase, Standing
    from meot.answers.closet.shopping import Suggestion
    from meot.catalogue.owned import NotAlike, OwnedPhoto
    from meot.catalogue.rows import StoredGarment
    from meot.service.api.taught import TaughtNames
    from meot.service.closet.standing import Stood

_AT = "/api/v1/closet"


class Telling:
    """Tells of closets. taught: names of the classes that the taxonomy does not have."""

    def __init__(self, *, taught: TaughtNames) -> None:
        self._taught = taught

    def photo(self, photo: OwnedPhoto, garments: Sequence[StoredGarment]) -> dict[str, Any]:
        """A photo with what was read from it."""
        return {
            "photo": photo.key,
            "worn": photo.worn,
            "added_at": photo.added_at,
            "picture": f"{_AT}/photos/{photo.key}/picture",
            "garments": [self.garment(stored) for stored in garments],
        }

    def garment(self, stored: StoredGarment) -> dict[str, Any]:
        """An owned garment."""
        garment = stored.garment
        shades = sorted(garment.colours, key=lambda shade: -shade.share)
        return {
            "owned": stored.key,
            "photo": stored.photo,
            "region": garment.region,
            "category": self._taught.category(garment.category),
            "colours": [shade.id for shade in shades],
            "components": {question: label_json(label) for question, label in garment.components.items()},
            "picture": f"{_AT}/garments/{stored.key}/picture",
        }

    def alike(self, group: Alike) -> dict[str, Any]:
        """Garments of which one would do."""
        garments = [self.garment(stored) for stored in group.garments]
        return {"similarity": round(group.similarity, 4), "garments": garments}

    def looks(self, stood: Stood) -> dict[str, Any]:
        """The shop's looks, and what to buy for them."""
        return {
            "looks": [self._standing(standing) for standing in stood.standings],
            "purchases": [self._purchase(purchase, products) for purchase, products in stood.purchases],
            "count": stood.outfits,
            "whole": stood.whole,
        }

    def _standing(self, standing: Standing) -> dict[str, Any]:
        outfit = standing.outfit
        parts = zip(outfit.numbers, outfit.garments, standing.verdicts, standing.nearest, strict=True)
        return {
            "look": outfit.photo,
            "name": outfit.name,
            "picture": f"{_AT}/looks/{outfit.photo}/picture",
            "overall": round(standing.overall, 4),
            "covered": standing.covered,
            "of": len(standing.verdicts),
            "garments": [
                {
                    "garment": number,
                    "category": self._taught.category(garment.category),
                    "verdict": verdict,
                    "owned": None if near is None else near.owned.key,
                }
                for number, garment, verdict, near in parts
            ],
        }

    def _purchase(self, purchase: Purchase, products: Sequence[Suggestion]) -> dict[str, Any]:
        garment = purchase.garment
        return {
            "look": purchase.outfit.photo,
            "garment": purchase.number,
            "category": self._taught.category(garment.category),
            "colours": [shade.id for shade in garment.colours],
            "unlocks": [standing.outfit.photo for standing in purchase.unlocks],
            "products": [suggestion.as_json() for suggestion in products],
        }


def word_json(word: NotAlike) -> dict[str, Any]:
    """What a person said is not alike."""
    return {"note": word.key, "owned": word.owned, "photo": word.photo, "region": word.region}
