"""Settings -> built objects; nothing else constructs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from meot import taxonomy
from meot.settings import Settings
from meot.types import Reader

if TYPE_CHECKING:
    from meot.answers.search import Search
    from meot.catalogue.store import Catalogue


def build_reader(settings: Settings) -> Reader:
    """A reader with the models that ``settings`` name. ModelError when one is missing or damaged."""
    from meot.garments.parse import Parser
    from meot.labels.component import Components
    from meot.models import store
    from meot.models.session import OnnxSession
    from meot.reading import LookReader
    from meot.vectors.garment import GarmentEncoder

    parser, parser_card = store.find("parser", settings.models)
    garment, garment_card = store.find("garment", settings.models)
    return LookReader(
        parser=Parser(session=OnnxSession(model=parser, threads=settings.threads), card=parser_card),
        encoder=GarmentEncoder(session=OnnxSession(model=garment, threads=settings.threads), card=garment_card),
        components=tuple(
            Components(session=OnnxSession(model=file, threads=settings.threads), card=card)
            for file, card in store.components(settings.models)
        ),
        taxonomy=taxonomy.load(),
    )


@dataclass(frozen=True, slots=True)
class Shop:
    """An open catalogue with everything that answers from it."""

    catalogue: Catalogue
    search: Search
    reader: Reader

    def close(self) -> None:
        """Close the database."""
        self.catalogue.close()


def open_shop(database: Path | str, settings: Settings, *, create: bool = False) -> Shop:
    """The catalogue in ``database`` (a file or a URL) with its search. CatalogueError when it cannot be opened."""
    from meot.answers.search import Search
    from meot.catalogue.store import Catalogue
    from meot.index.exact import ExactIndex

    catalogue = Catalogue.open(database, create=create)
    reader = build_reader(settings)
    return Shop(catalogue, Search(catalogue=catalogue, index=ExactIndex(), reader=reader), reader)
