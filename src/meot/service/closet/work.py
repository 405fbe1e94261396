"""The jobs of closets: photos come in, and copies are read again when the models are other ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from meot.answers.closet import keep
from meot.catalogue.closet import Closet, FullError
from meot.catalogue.complaints import OwnerGoneError
from meot.catalogue.jobs import JobGoneError
from meot.catalogue.owned import mine
from meot.catalogue.people import People, Person
from meot.errors import PhotoError
from meot.service.closet.inbox import Inbox
from meot.service.jobs.worker import Ended
from meot.service.problems import kind_of

if TYPE_CHECKING:
    from meot.catalogue.database import Database
    from meot.catalogue.jobs import Job
    from meot.service.jobs.worker import Tell, Work
    from meot.settings import Settings
    from meot.types import Reader
    from meot.wiring import Shop

ADD, AGAIN = "closet add", "closet read again"
NO_CLOTHES, GONE, FULL = "no_clothes", "gone", "full"
"""Why a photo stays out (``closet.no_clothes`` ...)."""


class ClosetWork:
    """Does both kinds of jobs, with the reader of the shop in whose database the closets lie. most: photos a person."""

    def __init__(self, *, database: Database, reader: Reader, most: int | None = None) -> None:
        self._database, self._reader, self._most = database, reader, most
        self._people = People(database=database)

    def add(self, job: Job, tell: Tell) -> Mapping[str, Any]:
        """Read the photos that a job names and put them into its person's closet, of people the main one's clothes.

        An attempt after a death goes on where the one before was: what is in the closet left the inbox.
        """
        person, closet = self._whose(job)
        inbox = Inbox(root=closet.database.place.beside("closet"), person=person.key)
        wanted: list[Mapping[str, str]] = job.payload["photos"]
        failed, refused = [], []
        for done, each in enumerate(wanted, start=1):
            try:
                reason = self._put(closet, inbox, each["sha256"])
                failed += [{"name": each["name"], "key": reason}] if reason else []
            except PhotoError as error:
                refused.append({"name": each["name"], "key": kind_of(error).key})
            tell(done, len(wanted))
        there = {photo.sha256: photo.garments for photo in closet.photos()}
        added = [there[each["sha256"]] for each in wanted if each["sha256"] in there]
        result = {"added": len(added), "garments": sum(added), "failed": failed, "refused": refused}

        def let_go() -> None:
            for each in wanted:
                inbox.drop(each["sha256"])

        return Ended(result, let_go)

    def read_again(self, job: Job, tell: Tell) -> Mapping[str, Any]:
        """Read those photos of a closet again that other models read."""
        _, closet = self._whose(job)
        with _while_there():
            failed = keep.refresh(closet, self._reader, tell)
        return {"failed": len(failed)}

    def _put(self, closet: Closet, inbox: Inbox, sha256: str) -> str:
        """Read a photo and keep it; why it stays out, "" when it is in. PhotoError when it is damaged."""
        if closet.has(sha256):
            inbox.drop(sha256)
            return ""
        photo = inbox.take(sha256)
        if photo is None:
            return GONE
        look = self._reader.read(photo)
        if not mine(look):
            return NO_CLOTHES
        try:
            with _while_there():
                closet.add(look, most=self._most)
        except FullError:  # such as of an upload that was cancelled and is tried again
            return FULL
        inbox.drop(sha256)
        return ""

    def _whose(self, job: Job) -> tuple[Person, Closet]:
        """The person of a job and their closet. JobGoneError when the person is gone."""
        for person in self._people.all():
            if person.key == job.person:
                return person, Closet(database=self._database, person=person.name, owner=person.key)
        raise JobGoneError(f"the person of job {job.key} is gone; leave it")


@contextmanager
def _while_there() -> Iterator[None]:
    """JobGoneError when the person of a closet that is written goes, or went while a photo was read."""
    try:
        yield
    except OwnerGoneError as error:
        raise JobGoneError(str(error)) from None


def build_closet_work(shop: Shop, settings: Settings) -> dict[str, Work]:
    """Both kinds of jobs, for an open shop."""
    work = ClosetWork(database=shop.catalogue.database, reader=shop.reader, most=settings.most_closet_photos)
    return {ADD: work.add, AGAIN: work.read_again}
