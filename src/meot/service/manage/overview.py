"""What there is to manage: counts, index, models with their cards, lessons, corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from meot.answers import teaching
from meot.catalogue.drafts import count_corrections
from meot.errors import ModelError
from meot.models import store
from meot.models.card import Card, read_card

if TYPE_CHECKING:
    from meot.catalogue.store import Catalogue
    from meot.labels.lessons import Lesson
    from meot.labels.likeness import Likeness
    from meot.types import Reader
    from meot.wiring import Shop

_SUFFIXES = (".onnx", ".npz")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model there is. size: bytes. shipped: whether it came with meot. used: whether it reads photos here."""

    card: Card
    size: int
    shipped: bool
    used: bool


class Overview:
    """Tells of an open shop. models: the folder of a user's own models, None for none. load_likeness, untaught: for
    taking lessons back, asked only then.
    """

    def __init__(
        self, *, shop: Shop, models: Path | None, load_likeness: Callable[[], Likeness], untaught: Reader
    ) -> None:
        self._shop, self._models, self._load_likeness, self._untaught = shop, models, load_likeness, untaught

    @property
    def catalogue(self) -> Catalogue:
        """The shop's catalogue."""
        return self._shop.catalogue

    def counts(self) -> Mapping[str, int]:
        """What the catalogue holds."""
        return self.catalogue.counts()

    def index(self) -> Mapping[str, int | float | str]:
        """What the index of vectors is like."""
        return self._shop.search.describe()

    def reading(self) -> Mapping[str, str]:
        """Task -> label of what reads photos here."""
        return self._shop.reader.models

    def models(self) -> list[ModelFile]:
        """Every model file with a card that can be read, a user's own first."""
        places = [*([self._models] if self._models is not None else []), store.bundled()]
        used = set(self.reading().values())
        found = []
        for place in places:
            for file in sorted(place.glob("*.json")):
                model = next((file.with_suffix(s) for s in _SUFFIXES if file.with_suffix(s).is_file()), None)
                card = _card(file) if model is not None else None
                if model is not None and card is not None:
                    label = card.label in used or any(card.name in text for text in used)
                    found.append(ModelFile(card, model.stat().st_size, place != self._models, label))
        return found

    def lessons(self) -> Sequence[Lesson]:
        """What was taught, the last lesson first."""
        return tuple(reversed(self.catalogue.lessons()[1]))

    def undo_lesson(self) -> Lesson:
        """Take back the last lesson. CatalogueError when there is none."""
        return teaching.undo(self.catalogue, self._load_likeness(), lambda: self._untaught)

    def corrections(self) -> Mapping[str, int]:
        """Field -> how many drafts were corrected in it."""
        return count_corrections(self.catalogue.database)


def _card(file: Path) -> Card | None:
    try:
        return read_card(file)
    except ModelError:
        return None
