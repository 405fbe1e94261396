"""What a seller may do with photos and drafts of their own; pages and API ask here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from meot.answers.listing import correct
from meot.answers.listing.answer import CATEGORY, DETAILS
from meot.answers.listing.desk import kept, of_stored
from meot.answers.listing.draft import REVIEW, Draft
from meot.answers.listing.item import photos_at
from meot.answers.listing.outgoing import Written, write
from meot.catalogue.drafts import Drafts
from meot.catalogue.people import Person
from meot.errors import QueryError
from meot.service import uploads
from meot.service.problems import NotThereError
from meot.service.sell.photos import DraftPhotos
from meot.service.sell.work import DRAFT, LEARN
from meot.taxonomy import Taxonomy

if TYPE_CHECKING:
    from meot.catalogue.jobs import Jobs
    from meot.catalogue.store import Catalogue
    from meot.service.uploads import Upload

WAYS = ("auto", "name", "likeness")
"""How photos are put together into products; see docs/listing.md."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a draft stands in the review queue. number: from 1, 0 for one that is not open. count: of open drafts.

    before, after: keys of the open drafts around it; None at the ends.
    """

    number: int
    count: int
    before: int | None
    after: int | None


class Selling:
    """Photos and drafts of one person at a time."""

    def __init__(self, *, catalogue: Catalogue, jobs: Jobs, photos: DraftPhotos, taxonomy: Taxonomy) -> None:
        self._catalogue, self._jobs, self.photos, self._taxonomy = catalogue, jobs, photos, taxonomy

    def drafts(self, person: Person) -> Drafts:
        """The person's drafts."""
        return Drafts(database=self._catalogue.database, person=person.key)

    # -- photos come in

    def keep(self, person: Person, upload: Upload) -> str:
        """Keep a photo; the name of its copy. PhotoError when it is none."""
        return self.photos.keep(person.key, upload.name, uploads.decode(upload)).name

    def begin(self, person: Person, names: list[str], way: str, refused: Sequence[Mapping[str, str]] = ()) -> int:
        """Have kept photos drafted; the number of the job, which remembers what was refused.

        QueryError for an unknown way to put photos together.
        """
        if way not in WAYS:
            raise QueryError(f"photos are put together by {', '.join(WAYS)}, got {way[:40]!r}; choose one")
        unique = list(dict.fromkeys(names))
        payload = {"photos": unique, "way": way, "refused": list(refused)}
        return self._jobs.add(DRAFT, payload, person=person.key, total=len(unique))

    # -- drafts are looked over

    def draft(self, person: Person, key: int) -> Draft:
        """One of the person's drafts. NotThereError for any other number."""
        found = self.drafts(person).at([key])
        if key not in found:
            raise NotThereError(f"no draft of yours has number {key}; see the list of drafts")
        return of_stored(found[key])

    def place(self, person: Person, key: int) -> Place:
        """Where a draft stands among those that are open."""
        open_ = self.drafts(person).keys(REVIEW)
        before = [each for each in open_ if each < key]
        after = [each for each in open_ if each > key]
        number = len(before) + 1 if key in open_ else 0
        return Place(number, len(open_), before[-1] if before else None, after[0] if after else None)

    def correct(self, person: Person, key: int, values: Mapping[str, str]) -> Draft:
        """Set fields of a draft, and take back what is set to nothing; the draft as it is then.

        NotThereError, and QueryError for an unknown field or value; nothing is changed then. What an administrator says
        of category and details is learned, too, for whoever asks next.
        """
        product = self.draft(person, key).product
        if not values:
            return self.draft(person, key)
        after = correct.correct(self.drafts(person), product, values, self._taxonomy, self._catalogue.lessons()[1])
        learned = [name for name, value in values.items() if value and name in (CATEGORY, *DETAILS)]
        if learned and person.may("admin"):
            self._jobs.add(LEARN, {"product": product, "fields": learned}, person=person.key)
        return after

    def remove(self, person: Person, key: int) -> None:
        """Delete a draft with its photos. NotThereError when there is none."""
        draft = self.draft(person, key)
        self.photos.remove(person.key, [reading.file.path for reading in draft.photos])
        self.drafts(person).remove([draft.product])

    def photo(self, person: Person, key: int, place: int) -> Path:
        """A photo of a draft, the main photo at 0. NotThereError when there is none."""
        photos = self.draft(person, key).photos
        if place >= len(photos):
            raise NotThereError(f"draft {key} has {len(photos)} photos, got {place}; count from 0")
        return photos[place].file.path

    def forget(self, person: Person) -> None:
        """Delete the photos of a person who goes; the database forgets the drafts itself."""
        self.photos.forget(person.key)

    # -- listings go out

    def write(self, person: Person, to: str, *, language: str, address: str = "") -> Written:
        """All drafts in a format, checked by its rules. address: below which the photos will lie.

        QueryError for an unknown format.
        """
        folder = self.photos.folder(person.key).absolute()
        place = photos_at(address, folder) if address else (lambda photo: photo.name)
        drafts = tuple(kept(self.drafts(person)))
        return write(drafts, to, language=language, place=place, taxonomy=self._taxonomy)
