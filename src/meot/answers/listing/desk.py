"""The desk on which drafts are made: photos are read once, drafts are kept, corrections stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from meot import photos
from meot.answers.listing import evidence, facts
from meot.answers.listing.draft import FAILED, REVIEW, SURE, Draft, make
from meot.answers.listing.group import MOST_PHOTOS, Group, group, merge
from meot.answers.listing.reading import Reading, of_look
from meot.answers.listing.stored import to_store
from meot.catalogue.drafts import LONGEST_PRODUCT, ChangedError, Drafts, StoredDraft
from meot.catalogue.files import PhotoFile, stamp
from meot.catalogue.rows import without_taught
from meot.errors import PhotoError
from meot.taxonomy import Taxonomy
from meot.types import Reader

Progress = Callable[[int, int], None]
"""Called with how many photos are done, and of how many."""
Facts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """drafts: of this run, in their order. read: photos that were read now; known: photos read before.

    failed_photos: (photo, reason) of those that cannot be read; their products go on without them.
    """

    drafts: tuple[Draft, ...]
    read: int
    known: int
    failed_photos: tuple[tuple[str, str], ...]

    def count(self, state: str) -> int:
        """How many drafts are in a state."""
        return sum(draft.state == state for draft in self.drafts)

    def as_json(self) -> dict[str, Any]:
        """The counts as ``meot list --json`` prints them."""
        counts = {state: self.count(state) for state in (SURE, REVIEW, FAILED)}
        failed = [{"name": name, "reason": reason} for name, reason in self.failed_photos]
        return {"products": len(self.drafts), **counts, "read": self.read, "known": self.known, "failed_photos": failed}


class Desk:
    """Makes drafts of photos and keeps them in ``drafts``."""

    def __init__(self, *, reader: Reader, drafts: Drafts, taxonomy: Taxonomy, threshold: float | None = None) -> None:
        self._reader, self.drafts, self._taxonomy, self.threshold = reader, drafts, taxonomy, threshold

    def draft(
        self,
        given: Sequence[Path],
        *,
        way: str = "auto",
        facts: Facts | None = None,
        again: bool = False,
        progress: Progress | None = None,
    ) -> Summary:
        """Drafts of the photos at ``given``, grouped in a way of :data:`meot.answers.listing.group.WAYS`.

        Each product is stored as soon as it is done, so that the work may be stopped at any moment and started again:
        a photo that did not change is not read again, unless ``again``. PhotoError when there is no photo at all.
        """
        groups, empty = group(given, way)
        run = _Run(self, facts or {}, again, sum(len(each.photos) for each in groups), progress)
        if way == "likeness":
            groups = run.by_likeness(groups)
        made = [run.draft(each) for each in groups]
        run.forget_replaced(made)
        made += [_without_photos(name, reason) for name, reason in empty]
        return Summary(drafts=tuple(made), read=run.read, known=run.known, failed_photos=tuple(run.failed))

    def make(self, group: Group, readings: Sequence[Reading], stored: StoredDraft | None, said: Facts) -> Draft:
        """The draft of a group's readings, with what facts say now or said before, and what was corrected."""
        return make(
            group.name,
            readings,
            self._taxonomy,
            models=self._reader.models,
            given=facts.of(group.name, said) or _given(stored),
            corrected={} if stored is None else stored.corrected,
            threshold=self.threshold,
            left_out=group.left_out,
        )

    def read(self, path: Path) -> Reading:
        """The reading of a photo; one that tells why it cannot be read, never an error."""
        try:
            size, modified = stamp(path)
            photo = photos.load(path)
        except PhotoError as error:
            return Reading(PhotoFile(path.absolute(), "", 0, 0), False, (), str(error))
        file = PhotoFile(path.absolute(), photo.sha256, size, modified)
        return of_look(file, self._reader.read(photo))

    @property
    def models(self) -> dict[str, str]:
        """What reads here, lessons aside: they are no reason to read a photo again."""
        return without_taught(self._reader.models)


@dataclass(slots=True)
class _Run:
    """One run: what is known from before, and what was counted so far."""

    desk: Desk
    facts: Facts
    again: bool
    total: int
    progress: Progress | None
    read: int = 0
    known: int = 0
    done: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    stored: dict[str, StoredDraft] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for draft in self.desk.drafts.all():
            self.stored[draft.product] = draft
            if not self.again and without_taught(draft.models) == self.desk.models:
                self.readings.update({said["path"]: Reading.of_json(said) for said in draft.photos})

    def draft(self, group: Group) -> Draft:
        """The draft of a group, stored."""
        if len(group.name) > LONGEST_PRODUCT:
            return _without_photos(group.name, f"name has more than {LONGEST_PRODUCT} characters; shorten its folders")
        readings = [self._reading(photo) for photo in group.photos]
        while True:
            before = self.desk.drafts.find(group.name)  # a person may have corrected it meanwhile
            made = self.desk.make(group, readings, before, self.facts)
            self.stored[group.name] = to_store(made)
            with suppress(ChangedError):  # or correct it at this very moment
                self.desk.drafts.put(self.stored[group.name], seen=before)
                return made

    def by_likeness(self, singles: Sequence[Group]) -> list[Group]:
        """Photos of one garment together; each is stored by itself first, so that no reading is lost on the way."""
        known = set(self.readings)
        for single in singles:
            if str(single.photos[0].absolute()) not in known:
                self.draft(single)
        readings = [self._reading(single.photos[0]) for single in singles]
        regions, vectors = zip(*map(_shown, readings), strict=True)
        size = max(len(vector) for vector in vectors)
        table = np.stack([vector if len(vector) else np.zeros(size, np.float32) for vector in vectors])
        return [_joined([singles[i] for i in members]) for members in merge(table, regions)]

    def forget_replaced(self, made: Sequence[Draft]) -> None:
        """Forget drafts whose photos all belong to others now, unless a person corrected them."""
        names = {draft.product for draft in made}
        others = [draft for name, draft in self.stored.items() if name not in names]
        gone = [o.product for o in others if o.photos and {said["path"] for said in o.photos} <= self.counted]
        there = [self.desk.drafts.find(name) for name in gone]  # as they are by now
        left = [draft.product for draft in there if draft is not None and not draft.corrected]
        if left:
            self.desk.drafts.remove(left)

    def _reading(self, path: Path) -> Reading:
        key = str(path.absolute())
        reading = self.readings.get(key)
        if reading is None or not _is_unchanged(reading):
            reading = self.readings[key] = self.desk.read(path)
            self.read += not reading.failure
            if reading.failure:
                self.failed.append((str(path), reading.failure))
        elif key not in self.counted:
            self.known += 1
        if key not in self.counted:
            self.counted.add(key)
            self.done += 1
            if self.progress is not None:
                self.progress(self.done, self.total)
        return reading


def _joined(singles: Sequence[Group]) -> Group:
    photos = tuple(photo for single in singles for photo in single.photos)
    return Group(singles[0].name, photos[:MOST_PHOTOS], max(0, len(photos) - MOST_PHOTOS))


def _without_photos(name: str, reason: str) -> Draft:
    """The failed draft of a folder without photos; it is not kept."""
    return Draft(product=name, photos=(), answers={}, state=FAILED, reason=reason, models={})


def _is_unchanged(reading: Reading) -> bool:
    try:
        return not reading.failure and stamp(reading.file.path) == (reading.file.size, reading.file.modified)
    except PhotoError:
        return False


def _shown(reading: Reading) -> tuple[str, np.ndarray[Any, np.dtype[np.float32]]]:
    """The region and vector of the garment that a photo is about; of one without clothes ("", ())."""
    picked = evidence.pick([reading]).garments
    return (picked[0].region, picked[0].vector) if picked else ("", np.zeros(0, np.float32))


def _given(stored: StoredDraft | None) -> Mapping[str, str]:
    """The facts of an earlier run."""
    return {} if stored is None else stored.fields.get("given", {})
