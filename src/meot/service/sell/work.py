"""The jobs of selling: drafts are made of photos, and corrections are learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meot.answers.listing import correct, desk, stored
from meot.answers.listing.group import group
from meot.catalogue.drafts import Drafts
from meot.errors import PhotoError
from meot.service.jobs.worker import Ended
from meot.service.problems import KINDS, PhotoGoneError, kind_of
from meot.service.sell.naming import with_folders
from meot.service.sell.photos import DraftPhotos
from meot.taxonomy import Taxonomy

if TYPE_CHECKING:
    from meot.catalogue.jobs import Job
    from meot.catalogue.store import Catalogue
    from meot.labels.likeness import Likeness
    from meot.service.jobs.worker import Tell, Work
    from meot.settings import Settings
    from meot.types import Reader
    from meot.wiring import Shop

DRAFT, LEARN = "draft listings", "learn a correction"
GONE = KINDS[PhotoGoneError].key


class SellingWork:
    """Does both kinds of jobs. untaught: of the reader that lessons are made with; asked when there is one to make."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        reader: Reader,
        untaught: Reader,
        load_likeness: Callable[[], Likeness],
        photos: DraftPhotos,
        taxonomy: Taxonomy,
    ) -> None:
        self._catalogue, self._reader, self._untaught = catalogue, reader, untaught
        self._load_likeness, self._photos, self._taxonomy = load_likeness, photos, taxonomy

    def draft(self, job: Job, tell: Tell) -> Mapping[str, Any]:
        """Make drafts of the photos that a job names; those that were read before are not read again."""
        folder = self._photos.folder(job.person).absolute()
        packed: list[Mapping[str, str]] = job.payload.get("packed", [])
        copied, refused = self._copy(job, packed, tell)
        photos = [folder / str(name) for name in dict.fromkeys([*job.payload["photos"], *copied])]
        there = [photo for photo in photos if photo.parent == folder and photo.is_file()]
        let_go = partial(self._photos.waiting(job.person).drop, [each["file"] for each in packed])
        if not there and any(each["key"] != GONE for each in refused):
            nothing = desk.Summary(drafts=(), read=0, known=0, failed_photos=())
            return Ended(nothing.as_json() | {"refused": refused}, let_go)
        if not there:
            raise PhotoError("the photos of this job are gone; send them again")
        drafts = Drafts(database=self._catalogue.database, person=job.person)
        way = str(job.payload["way"])
        maker = desk.Desk(reader=self._reader, drafts=drafts, taxonomy=self._taxonomy)
        facts = with_folders(job.payload.get("facts") or {})
        photos = _with_known(drafts, there, way)
        summary = maker.draft(photos, way=way, facts=facts, progress=_behind(tell, len(packed)))
        correct.give(drafts, facts, self._taxonomy)  # a table may tell of products whose photos came before
        counts = summary.as_json()
        failed = [Path(name).name for name, _ in summary.failed_photos]
        return Ended(counts | {"failed_photos": failed, "refused": refused}, let_go)

    def _copy(
        self, job: Job, packed: Sequence[Mapping[str, str]], tell: Tell
    ) -> tuple[list[str], list[dict[str, str]]]:
        """Make copies of what came in a ZIP: their names, and the photos that are damaged. JobGoneError as ``tell``."""
        copied, refused = [], []
        for done, each in enumerate(packed):
            tell(done, 2 * len(packed) + len(job.payload["photos"]))
            try:
                copied.append(self._photos.waiting(job.person).copy(each["file"], each["name"]))
            except PhotoError as error:
                refused.append({"name": each["name"], "key": kind_of(error).key})
        return copied, refused

    def learn(self, job: Job, tell: Tell) -> Mapping[str, Any]:
        """Make lessons of what an administrator corrected, where the photos can show it."""
        drafts = Drafts(database=self._catalogue.database, person=job.person)
        draft = stored.of_stored(drafts.get(job.payload["product"]))
        tell(0, 1)
        done = correct.teach(
            draft,
            job.payload["fields"],
            self._catalogue,
            self._taxonomy,
            self._load_likeness,
            lambda: self._untaught,
        )
        tell(1, 1)
        untaught = [field for field, _ in done.untaught]
        return {"lessons": [lesson.name for lesson in done.lessons], "untaught": untaught}


def _behind(tell: Tell, before: int) -> Tell:
    """Tells of work that comes behind so many photos that were copied."""
    return lambda done, total: tell(before + done, before + total)


def build_selling(shop: Shop, settings: Settings) -> dict[str, Work]:
    """Both kinds of jobs, for an open shop."""
    from meot import taxonomy, wiring
    from meot.answers.teaching import TaughtReader

    reader = shop.reader
    work = SellingWork(
        catalogue=shop.catalogue,
        reader=reader,
        untaught=reader.untaught if isinstance(reader, TaughtReader) else reader,
        load_likeness=partial(wiring.load_likeness, settings),
        photos=DraftPhotos(root=shop.catalogue.place.beside("drafts")),
        taxonomy=taxonomy.load(),
    )
    return {DRAFT: work.draft, LEARN: work.learn}


def _with_known(drafts: Drafts, photos: Sequence[Path], way: str) -> list[Path]:
    """The photos, behind those that drafts of the same products have already: a product's photos may come in turns."""
    known: list[Path] = []
    for each in group(photos, way)[0]:
        found = drafts.find(each.name)
        known += [Path(said["path"]) for said in found.photos] if found is not None else []
    return [path for path in dict.fromkeys(known) if path.is_file() and path not in photos] + list(photos)
