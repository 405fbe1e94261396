"""Settings -> built objects; nothing else constructs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from meot import taxonomy
from meot.errors import SettingsError
from meot.settings import Settings
from meot.types import Own, Reader, Taught

if TYPE_CHECKING:
    from meot.answers.cutoff import Cutoff
    from meot.answers.listing.desk import Desk
    from meot.answers.search import Search
    from meot.answers.trends.ask import Question
    from meot.answers.trends.report import Trends
    from meot.catalogue.closet import Closet
    from meot.catalogue.database import Database
    from meot.catalogue.drafts import Drafts
    from meot.catalogue.pool import Pool
    from meot.catalogue.store import Catalogue
    from meot.cluster import Cluster
    from meot.index.build import Progress
    from meot.index.protocol import VectorIndex
    from meot.labels.likeness import Likeness
    from meot.labels.taught import TaughtAnswers
    from meot.models.card import Card
    from meot.models.session import Session


def build_reader(settings: Settings, *, asked: Sequence[str] = (), taught: Taught | None = None) -> Reader:
    """A reader with the models that ``settings`` name. ModelError when one is missing or damaged.

    asked: questions that the user's own encoder answers by words, like "style" or "material=denim,leather"; see
    :func:`meot.labels.zero_shot.parse`. SettingsError when they cannot be asked. taught: what has the last word.
    """
    from meot.garments.parse import Parser
    from meot.garments.scope import Scope
    from meot.labels.component import Components
    from meot.labels.style import Styles
    from meot.models import store
    from meot.models.session import Crew, OnnxSession
    from meot.reading import LookReader
    from meot.vectors.garment import GarmentEncoder

    parser, parser_card = store.find("parser", settings.models)
    garment, garment_card = store.find("garment", settings.models)
    crew = Crew(settings.threads)
    encoder = GarmentEncoder(session=OnnxSession(model=garment, threads=1), card=garment_card, crew=crew)
    terms = taxonomy.load()
    scope, styles = (_open_heads(task, settings, garment_card.label) for task in ("scope", "style"))
    return LookReader(
        parser=Parser(session=OnnxSession(model=parser, threads=settings.threads), card=parser_card),
        encoder=encoder,
        components=tuple(
            Components(
                session=OnnxSession(model=file, threads=1 if card.reads == "features" else settings.threads),
                card=card,
                features=encoder.features,
            )
            for file, card in store.components(settings.models, encoder=garment_card.label)
        ),
        scope=None if scope is None else Scope(session=scope[0], card=scope[1]),
        styles=None if styles is None else Styles(session=styles[0], card=styles[1], taxonomy=terms),
        taxonomy=terms,
        own=_build_own(settings, asked),
        taught=taught,
    )


def _open_heads(task: str, settings: Settings, encoder: str) -> tuple[Session, Card] | None:
    """The heads of ``task`` on the features of the garment model called ``encoder``; None where there are none."""
    from meot.models import store
    from meot.models.session import OnnxSession

    found = store.heads(task, settings.models, encoder=encoder)
    return None if found is None else (OnnxSession(model=found[0], threads=1), found[1])


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
    asks = zero_shot.ZeroShot(encoder=own.with_words(encoder), questions=questions) if questions else None
    return own.OwnVectors(encoder=encoder, asks=asks)


def load_likeness(settings: Settings) -> Likeness:
    """What taught classes are compared by. ModelError when it is missing or damaged."""
    from meot.labels import likeness
    from meot.models import store

    return likeness.load(*store.find("taught", settings.models, ending=".npz"))


def load_taught(database: Path | str, settings: Settings) -> TaughtAnswers:
    """What was taught in the catalogue in ``database``. CatalogueError when it cannot be opened."""
    from meot.answers.teaching import taught_in
    from meot.catalogue.store import Catalogue

    with Catalogue.open(database, create=False) as catalogue:
        return taught_in(catalogue, load_likeness(settings))


@dataclass(frozen=True, slots=True)
class Shop:
    """An open catalogue with everything that answers from it."""

    catalogue: Catalogue
    search: Search
    reader: Reader

    def close(self) -> None:
        """Save the index where it is kept in files, and close the database."""
        self.search.close()
        self.catalogue.close()


def open_drafts(database: Path | str, *, create: bool = False) -> Drafts:
    """The drafts of listings kept in ``database`` (a file or a URL). CatalogueError when it cannot be opened."""
    from meot.catalogue.drafts import Drafts

    return Drafts.open(database, create=create)


def build_desk(drafts: Drafts, settings: Settings, *, threshold: float | None = None) -> Desk:
    """What drafts listings into ``drafts``, reading with what was taught in the same database.

    threshold: the score from which an answer is filled in; None takes the models' own.
    """
    from meot.answers.listing.desk import Desk

    reader = build_taught_reader(drafts.database, settings)
    return Desk(reader=reader, drafts=drafts, taxonomy=taxonomy.load(), threshold=threshold)


def open_closet(database: Path | str, settings: Settings, *, person: str, create: bool = False) -> Closet:
    """What ``person`` owns, kept in ``database`` (a file or a URL). CatalogueError when it cannot be opened."""
    from meot.catalogue.closet import Closet

    return Closet.open(database, person=person, create=create, data=settings.data)


def build_taught_reader(database: Database, settings: Settings) -> Reader:
    """A reader with what was taught in ``database``."""
    from meot.answers.teaching import taught_in
    from meot.catalogue.store import Catalogue

    lessons = taught_in(Catalogue(database=database), load_likeness(settings))
    return build_reader(settings, taught=lessons if lessons.revision else None)


def find_trends(database: Path | str, question: Question, settings: Settings) -> Trends:
    """The trends of the catalogue in ``database`` (a file or a URL). CatalogueError when it cannot be opened."""
    from meot.answers.trends.ask import ask
    from meot.catalogue.database import Database

    with Database.open(database, create=False, data=settings.data) as opened:
        return ask(opened, question, taxonomy.load())


def load_cutoff(settings: Settings) -> Cutoff | None:
    """Where results end for the vectors that ``settings`` make; None when nobody measured it for them."""
    from meot.answers.cutoff import Cutoff
    from meot.models import store

    return Cutoff.of(store.find("garment", settings.models)[1]) if settings.encoder is None else None


def open_shop(
    database: Path | str, settings: Settings, *, create: bool = False, progress: Progress | None = None
) -> Shop:
    """The catalogue in ``database`` (a file or a URL) with its search. CatalogueError when it cannot be opened.

    progress: told of (step, vectors done, vectors in all) while a large index is built.
    """
    from meot.answers.index_files import FEWEST, IndexFiles
    from meot.answers.search import Search
    from meot.answers.teaching import TaughtReader
    from meot.catalogue.store import Catalogue
    from meot.catalogue.words import WordIndex

    catalogue = Catalogue.open(database, create=create, data=settings.data)
    reader = TaughtReader(reader=build_reader(settings), catalogue=catalogue, likeness=load_likeness(settings))
    folder = catalogue.place.beside("index")
    kept = folder.is_dir() or catalogue.counts()["products"] >= FEWEST
    search = Search(
        catalogue=catalogue,
        index=_build_index(settings, catalogue),
        words=WordIndex.open(folder / "words.db" if kept else None),
        reader=reader,
        files=None if settings.index else IndexFiles(folder=folder, progress=progress),
        cutoff=load_cutoff(settings),
    )
    return Shop(catalogue, search, reader)


def _build_index(settings: Settings, catalogue: Catalogue) -> VectorIndex:
    """An empty index: in this process, or on the workers of the scheduler that the settings name."""
    from meot.index.growing import GrowingIndex

    if not settings.index:
        return GrowingIndex()
    from meot import cluster
    from meot.index.distributed.index import DistributedIndex

    return DistributedIndex(
        cluster=cluster.connect(settings.index),
        copies=settings.index_copies,
        source=catalogue.vectors_of,
        folder=settings.index_folder,
    )


def reach_workers(named: str) -> Cluster:
    """Worker processes: so many of this machine ("4"), or those of the scheduler at an address ("tcp://10.0.0.5:8786").

    SettingsError for anything else, ClusterError when nobody answers.
    """
    from meot import cluster

    workers = cluster.start(int(named)) if named.isdecimal() else cluster.connect(named)
    workers.wait()
    return workers


def build_pool(shop: Shop, settings: Settings, workers: Cluster | None = None) -> Pool:
    """What reads photos for ``shop``, several at once: threads of this process, or workers with the same meot."""
    from meot.answers.teaching import TaughtReader, with_taught
    from meot.catalogue.pool import Threads
    from meot.models.session import cores

    if workers is None:
        return Threads(reader=shop.reader, threads=cores(settings.threads))
    from meot.catalogue.workers import Workers

    reader = shop.reader
    assert isinstance(reader, TaughtReader)  # as open_shop makes it
    return Workers(
        cluster=workers,
        build=partial(build_reader, replace(settings, threads=1)),
        models=lambda: reader.models,
        expected=reader.untaught.models,
        finish=lambda look: with_taught(look, reader.taught),
    )
