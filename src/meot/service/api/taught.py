"""What people taught, by name: the API's answers bear ids, and every id is named somewhere."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from meot import taxonomy
from meot.labels.lessons import CATEGORY, Lesson
from meot.types import kind_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from meot.catalogue.store import Catalogue
    from meot.types import Label


class TaughtNames:
    """The classes that were taught to a catalogue; read anew when that changes. Safe to use from several threads."""

    def __init__(self, *, catalogue: Catalogue) -> None:
        self._catalogue, self._lock = catalogue, Lock()
        self._shipped = frozenset(each.id for each in taxonomy.load().categories)
        self._revision, self._classes = "", list[dict[str, Any]]()

    def classes(self) -> Sequence[Mapping[str, Any]]:
        """Every class once: its kind, its question (null but of a component), its id, names and region."""
        revision = self._catalogue.taught_revision()
        with self._lock:
            if revision != self._revision:
                self._revision, lessons = self._catalogue.lessons()
                self._classes = list({_key(each): _class(each) for each in lessons if each.names}.values())
            return self._classes

    def category(self, category: Label) -> dict[str, Any]:
        """A category as documents tell it, with its names, those of a taught one too."""
        if category.names or category.id in self._shipped:
            return kind_json(category)
        return kind_json(replace(category, names=self.names(CATEGORY, "", category.id)))

    def names(self, kind: str, question: str, id: str) -> dict[str, str]:
        """Language to name of a class that was taught; nothing for any other. question: of a component, else ""."""
        for each in self.classes():
            if (each["kind"], each["question"] or "", each["id"]) == (kind, question, id):
                return dict(each["names"])
        return {}


def _key(lesson: Lesson) -> tuple[str, str, str]:
    return lesson.kind, lesson.question, lesson.name


def _class(lesson: Lesson) -> dict[str, Any]:
    return {
        "kind": lesson.kind,
        "question": lesson.question or None,
        "id": lesson.name,
        "names": dict(lesson.names),
        "region": lesson.region or None,
    }
