"""Settings -> built objects; nothing else constructs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from meot import taxonomy
from meot.errors import SettingsError
from meot.settings import Settings
from meot.types import Own, Reader, Taught

if TYPE_CHECKING:
    from meot.answers.search import Search
    from meot.catalogue.store import Catalogue
    from meot.garments.scope import Scope
    from meot.labels.likeness import Likeness
    from meot.labels.style import Styles
    from meot.labels.taught import TaughtAnswers


def build_reader(settings: Settings, *, asked: Sequence[str] = (), taught: Taught | None = None) -> Reader:
    """A reader with the models that ``settings`` name. ModelError when one is missing or damaged.

    asked: questions that the user's own encoder answers by words, like "style" or "material=denim,leather"; see
    :func:`meot.labels.zero_shot.parse`. SettingsError when they cannot be asked. taught: what has the last word.
    """
    from meot.garments.parse import Parser
    from meot.labels.component import Components
    from meot.models import store
    from meot.models.session import OnnxSession, SharedSession
    from meot.reading import LookReader
    from meot.vectors.garment import GarmentEncoder

    parser, parser_card = store.find("parser", settings.models)
    garment, garment_card = store.find("garment", settings.models)
    encoder = GarmentEncoder(session=SharedSession(model=garment, threads=settings.threads), card=garment_card)
    return LookReader(
        parser=Parser(session=OnnxSession(model=parser, threads=settings.threads), card=parser_card),
        encoder=encoder,
        components=tuple(
            Components(session=OnnxSession(model=file, threads=settings.threads), card=card, features=encoder.features)
            for file, card in store.components(settings.models, encoder=garment_card.label)
        ),
        scope=_build_scope(settings, garment_card.label),
        styles=_build_styles(settings, garment_card.label),
        taxonomy=taxonomy.load(),
        own=_build_own(settings, asked),
        taught=taught,
    )


def _build_scope(settings: Settings, encoder: str) -> Scope | None:
    """What tells photos without clothes, for the garment model called ``encoder``; None where there is none."""
    from meot.garments.scope import Scope
    from meot.models import store
    from meot.models.session import OnnxSession

    found = store.heads("scope", settings.models, encoder=encoder)
    if found is None:
        return None
    return Scope(session=OnnxSession(model=found[0], threads=1), card=found[1])


def _build_styles(settings: Settings, encoder: str) -> Styles | None:
    """The style model that stands on the garment model called ``encoder``; None where there is none."""
    from meot.labels.style import Styles
    from meot.models import store
    from meot.models.session import OnnxSession

    found = store.heads("style", settings.models, encoder=encoder)
    if found is None:
        return None
    return Styles(session=OnnxSession(model=found[0], threads=1), card=found[1], taxonomy=taxonomy.load())


def _build_own(settings: Settings, asked: Sequence[str]) -> Own | None:
    """The user's own encoder and what it is asked; None when the settings name none."""
    from meot.labels import zero_shot
    from meot.vectors import own

    questions = zero_shot.parse(asked, taxonomy.load())
    if settings.encoder is None:
        if questions:
            raise SettingsError("questions are answered by an encoder that reads words; add --encoder open_clip:...")
        return None
    encoder = own.load(settings.encoder, threads=settings.threads)
    if not questions:
        return own.OwnVectors(encoder=encoder)
    return own.OwnVectors(
        encoder=encoder, asks=zero_shot.ZeroShot(encoder=own.with_words(encoder), questions=questions)
    )


def load_likeness(settings: Settings) -> Likeness:
    """What taught classes are compared by. ModelError when it is missing or damaged."""
    from meot.labels import likeness
    from meot.models import store

    return likeness.load(*store.find("taught", settings.models, ending=".npz"))


def load_taught(database: Path | str, settings: Settings) -> TaughtAnswers:
    """What was taught in the catalogue in ``database``. CatalogueError when it cannot be opened."""
    from meot.answers import teaching
    from meot.catalogue.store import Catalogue

    with Catalogue.open(database, create=False) as catalogue:
        return teaching.taught_in(catalogue, load_likeness(settings))


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
    from meot.answers.teaching import TaughtReader
    from meot.catalogue.store import Catalogue
    from meot.index.growing import GrowingIndex

    catalogue = Catalogue.open(database, create=create, data=settings.data)
    reader = TaughtReader(reader=build_reader(settings), catalogue=catalogue, likeness=load_likeness(settings))
    return Shop(catalogue, Search(catalogue=catalogue, index=GrowingIndex(), reader=reader), reader)
