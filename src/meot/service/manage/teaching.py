"""Lessons from photos that are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from meot import taxonomy
from meot.answers import subject, teaching
from meot.answers.subject import Subject, Wish
from meot.answers.teaching import Gathered
from meot.catalogue.taught import LessonError
from meot.errors import QueryError
from meot.service import batch, questions
from meot.service.gate import Gate
from meot.service.problems import NoPhotoError
from meot.service.shared_folder import lesson_folder

if TYPE_CHECKING:
    from fastapi import Request

    from meot.catalogue.store import Catalogue
    from meot.labels.lessons import Lesson
    from meot.labels.likeness import Likeness
    from meot.service.batch import Batch
    from meot.service.uploads import Upload
    from meot.types import Reader

_LANGUAGES = ("en", "ko")
_LONGEST = 64


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A lesson, what it was about, what its photos gave, and the form they came in. refused: (name, reason) of photos
    that gave nothing.
    """

    lesson: Lesson
    about: Subject
    gathered: Gathered
    sent: Batch
    refused: tuple[tuple[str, str], ...]


class Teaching:
    """Teaches a catalogue, one lesson behind the other. untaught: a reader that knows no lesson.

    It passes a gate of its own: a lesson has hundreds of photos, and no visitor's shall wait behind all of them.
    """

    def __init__(self, *, catalogue: Catalogue, untaught: Reader, load_likeness: Callable[[], Likeness]) -> None:
        self._catalogue, self._untaught = catalogue, untaught
        self._load_likeness, self._gate = load_likeness, Gate(places=1, queue=2)

    async def learn(self, request: Request, most_megabytes: int) -> Learned:
        """The lesson of a form: its photos, and what they show. Nothing is kept of the photos.

        QueryError when there is nothing to learn from, or it contradicts what was taught; BusyError; the PhotoError of
        the first photo or ZIP when none was taken.
        """
        with lesson_folder() as folder:
            names: dict[str, str] = {}

            async def take(upload: Upload) -> None:
                file = folder / f"{token_hex(4)}-{len(names)}"
                names[str(file)] = upload.name
                await run_in_threadpool(file.write_bytes, upload.data)

            sent = await batch.receive(request, most_megabytes, take)
            if not names:
                raise sent.fault or NoPhotoError("expected photos in the form's field photo, got none; choose some")
            wish = _read(sent.fields)
            async with self._gate.enter():
                return await run_in_threadpool(self._learn, wish, names, sent)

    def _learn(self, wish: Wish, names: Mapping[str, str], sent: Batch) -> Learned:
        about = subject.understand(wish, self._catalogue.lessons()[1], taxonomy.load())
        try:
            gathered = teaching.gather(about, [Path(file) for file in names], self._untaught)
            lesson = teaching.store(self._catalogue, about, gathered, self._load_likeness())
        except (QueryError, LessonError) as error:
            raise QueryError(_called(str(error), names)) from None
        refused = tuple((names[file], _called(reason, names)) for file, reason in gathered.failed)
        return Learned(lesson, about, gathered, sent, refused)


def _read(fields: Mapping[str, str]) -> Wish:
    """What a form wishes to teach. QueryError when it does not say."""
    said = {name: text.strip() for name, text in fields.items() if text.strip()}
    kind, name = said.get("kind", ""), said.get("name", "")
    if kind not in ("category", "style", "component") or not name or (kind == "component" and "question" not in said):
        raise QueryError(
            "expected the fields kind (category, style or component), name, and question of a component; give them"
        )
    named = {code: said[f"name_{code}"] for code in _LANGUAGES if f"name_{code}" in said}
    if any(len(text) > _LONGEST or not text.isprintable() for text in (*named.values(), name)):
        raise QueryError(f"a name must have at most {_LONGEST} plain signs; shorten it")
    return Wish(
        kind=kind,
        name=name,
        question=said.get("question", ""),
        region=said.get("region"),
        names=named or None,
        own_question=questions.read_switch(fields, "new_question"),
    )


def _called(text: str, names: Mapping[str, str]) -> str:
    """A sentence in which files are called as their sender calls them."""
    for file, name in reversed(list(names.items())):  # 12 before 1
        text = text.replace(file, name).replace(Path(file).name, name)
    return text
