"""Teaching: photos become the examples of a lesson, and a catalogue's lessons speak in the next answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np

from meot import photos, taxonomy
from meot.answers.subject import Subject
from meot.catalogue.store import Catalogue
from meot.errors import PhotoError, QueryError
from meot.labels.lessons import CATEGORY, COMPONENT, STYLE, Example, Lesson, are_alike, encoder_of
from meot.labels.likeness import Likeness
from meot.labels.taught import TaughtAnswers
from meot.types import Garment, Look, Photo, Reader

Progress = Callable[[int, int], None]
"""Called with how many photos are done, and of how many."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """examples: of different photos. looks: sha256 -> what was read from each, without its pixels.

    failed: (photo, reason) of each that gave no example; repeated: how many files were copies of another.
    """

    examples: tuple[Example, ...]
    looks: Mapping[str, Look]
    failed: tuple[tuple[str, str], ...]
    repeated: int


def gather(subject: Subject, files: Sequence[Path], reader: Reader, progress: Progress | None = None) -> Gathered:
    """The examples that photo files give of a subject; ``reader`` must be one that was not taught.

    QueryError when no file gives one; the reason of the first is in it.
    """
    examples: dict[str, Example] = {}
    looks: dict[str, Look] = {}
    failed: list[tuple[str, str]] = []
    repeated = 0
    for done, file in enumerate(files, start=1):
        try:
            photo = photos.load(file)
            if photo.sha256 in examples:
                repeated += 1
            else:
                look = reader.read(photo)
                examples[photo.sha256] = _example(subject, look, file)
                looks[photo.sha256] = _without_pixels(look)
        except (PhotoError, QueryError) as error:
            failed.append((str(file), str(error)))
        if progress is not None:
            progress(done, len(files))
    if not examples:
        raise QueryError(f"nothing to learn from in {len(files)} photos, so nothing changed; {failed[0][1]}")
    return Gathered(tuple(examples.values()), looks, tuple(failed), repeated)


def store(catalogue: Catalogue, subject: Subject, gathered: Gathered, likeness: Likeness) -> Lesson:
    """Store what was gathered as one lesson, and what it changes about those photos that are in the catalogue.

    CatalogueError, with nothing changed, when all of it is known or an earlier lesson contradicts it.
    """
    region = subject.region
    if subject.kind == CATEGORY and not region:
        region = Counter(example.region for example in gathered.examples).most_common(1)[0][0]
    lesson = catalogue.teach(
        Lesson(
            kind=subject.kind,
            question=subject.question,
            name=subject.name,
            names=subject.names,
            region=region,
            examples=gathered.examples,
        )
    )
    known = catalogue.photos_of([example.sha256 for example in lesson.examples])
    _store_readings(catalogue, ((key, gathered.looks[sha256]) for sha256, (key, _) in known.items()), likeness)
    return lesson


def undo(catalogue: Catalogue, likeness: Likeness, build_reader: Callable[[], Reader]) -> Lesson:
    """Take back the last lesson; its photos in the catalogue are read again. CatalogueError when there is none.

    ``build_reader`` is asked for a reader that was not taught, only when there is such a photo.
    """
    lesson = catalogue.undo_lesson()
    known = catalogue.photos_of([example.sha256 for example in lesson.examples])
    there = [(key, path) for key, path in known.values() if path.is_file()]
    if there:
        reader = build_reader()
        _store_readings(catalogue, ((key, reader.read(photos.load(path))) for key, path in there), likeness)
    return lesson


def _store_readings(catalogue: Catalogue, looks: Iterable[tuple[int, Look]], likeness: Likeness) -> None:
    taught = taught_in(catalogue, likeness)
    for key, look in looks:
        catalogue.put_reading(key, with_taught(look, taught))


def _example(subject: Subject, look: Look, file: Path) -> Example:
    """The example that a look gives. QueryError when it shows nothing of the kind."""
    garment = None if subject.kind == STYLE else choose(look, subject)
    features = look.features if subject.kind == STYLE else None if garment is None else garment.features
    if not look.garments:
        raise QueryError(f"{file}: expected a photo with clothes, found none in it; try one where they are larger")
    if subject.kind != STYLE and garment is None:
        found = ", ".join(dict.fromkeys(g.region for g in look.garments))
        raise QueryError(f"{file}: expected a garment of {subject.region}, found {found}; leave the photo out")
    if features is None and subject.kind == STYLE and not look.worn:
        raise QueryError(f"{file}: expected an outfit that somebody wears, as a style is of one; take another photo")
    if features is None:
        raise QueryError(f"{file}: the garment model tells nothing to learn from; use the bundled one")
    return Example(
        sha256=look.photo.sha256,
        region="" if garment is None else garment.region,
        encoder=encoder_of(look.models),
        features=features,
        photo=str(file),
    )


def choose(look: Look, subject: Subject) -> Garment | None:
    """The garment of a look that a lesson is about: the only one of a flat lay, whatever its region was taken for.

    Of people the main person's most prominent garment of the subject's region, or of any when it has none; for a
    component the first that the question was answered for.
    """
    if not look.worn:
        return look.garments[0] if look.garments else None
    main = [garment for garment in look.garments if garment.person == 0]
    if subject.region:
        main = [garment for garment in main if are_alike(garment.region, subject.region)]
    if subject.kind == COMPONENT:
        main.sort(key=lambda garment: subject.question not in garment.components)
    return main[0] if main else None


def _without_pixels(look: Look) -> Look:
    nothing = np.zeros((1, 1), np.uint8)
    photo = Photo(np.zeros((1, 1, 3), np.uint8), look.photo.sha256, look.original)
    return replace(look, photo=photo, regions=nothing)


def taught_in(catalogue: Catalogue, likeness: Likeness) -> TaughtAnswers:
    """What the catalogue's lessons say."""
    revision, lessons = catalogue.lessons()
    return TaughtAnswers(lessons=lessons, revision=revision, likeness=likeness, taxonomy=taxonomy.load())


def with_taught(look: Look, taught: TaughtAnswers) -> Look:
    """The look with what was taught, its models naming the lessons' revision; the same look when nothing was."""
    if not taught.revision:
        return look
    return replace(taught.apply(look), models={**look.models, "taught": taught.revision})


class TaughtReader:
    """A reader whose answers follow a catalogue's lessons; a lesson given meanwhile counts in the next photo."""

    def __init__(self, *, reader: Reader, catalogue: Catalogue, likeness: Likeness) -> None:
        self._reader, self._catalogue, self._likeness = reader, catalogue, likeness
        self._lock = Lock()
        self._taught = taught_in(catalogue, likeness)

    @property
    def untaught(self) -> Reader:
        """The reader beneath, whose answers know no lesson."""
        return self._reader

    @property
    def models(self) -> Mapping[str, str]:
        """Part -> name of the model that does it; "taught": the lessons' revision, when there are any."""
        revision = self.taught.revision
        return {**self._reader.models, "taught": revision} if revision else self._reader.models

    @property
    def taught(self) -> TaughtAnswers:
        """What the catalogue's lessons say now."""
        with self._lock:
            if self._catalogue.taught_revision() != self._taught.revision:
                self._taught = taught_in(self._catalogue, self._likeness)
            return self._taught

    def read(self, photo: Photo) -> Look:
        """The look of one photo, as :meth:`read_many`."""
        return with_taught(self._reader.read(photo), self.taught)

    def read_many(self, photos: Iterable[Photo]) -> Iterator[Look]:
        """Looks in the order of the photos."""
        return map(self.read, photos)
