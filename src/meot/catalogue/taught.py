"""What a person taught, in the catalogue's tables; each function takes a connection in a transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Connection, RowMapping, delete, insert, select

from meot.catalogue.tables import examples, lessons, meta, photos
from meot.errors import CatalogueError
from meot.labels.lessons import Example, Lesson

_STORED = np.dtype("<f2")
_REVISION = "taught"
_AT_ONCE = 500


class LessonError(CatalogueError):
    """A lesson cannot be learned beside those that there are, or there is none to take back."""


def revision(connection: Connection) -> str:
    """A text that is another one after every lesson and every undoing, the same for the same lessons; "" for none."""
    return connection.scalar(select(meta.c.value).where(meta.c.name == _REVISION)) or ""


def read(connection: Connection) -> tuple[Lesson, ...]:
    """The lessons from the first to the last."""
    shown: dict[int, list[Example]] = {}
    for row in connection.execute(select(examples).order_by(examples.c.key)).mappings():
        shown.setdefault(row["lesson"], []).append(_as_example(row))
    return tuple(
        Lesson(
            kind=row["kind"],
            question=row["question"],
            name=row["name"],
            names=json.loads(row["names"]),
            region=row["region"],
            examples=tuple(shown.get(row["number"], ())),
            number=row["number"],
            taught_at=row["taught_at"],
        )
        for row in connection.execute(select(lessons).order_by(lessons.c.number)).mappings()
    )


def put(connection: Connection, lesson: Lesson) -> Lesson:
    """Store a lesson, its number and time given here.

    Examples that were taught just so before are left out. LessonError, and nothing is stored, when none is left or
    when an earlier lesson says otherwise of the same garment or outfit.
    """
    new = _new(lesson, read(connection))
    taught_at = datetime.now(UTC).isoformat(timespec="seconds")
    values = {name: getattr(lesson, name) for name in ("kind", "question", "name", "region")}
    names = json.dumps(dict(lesson.names), ensure_ascii=False)
    key = connection.execute(insert(lessons).values(**values, names=names, taught_at=taught_at)).inserted_primary_key
    assert key is not None  # every table here has one
    number = int(key[0])
    connection.execute(insert(examples), [{"lesson": number, **_row(example)} for example in new])
    stored = Lesson(**values, names=lesson.names, examples=new, number=number, taught_at=taught_at)
    _revise(connection)
    return stored


def undo(connection: Connection) -> Lesson:
    """Forget the last lesson and return it. LessonError when there is none."""
    known = read(connection)
    if not known:
        raise LessonError("nothing is taught here, so there is nothing to undo; see `meot teach list`")
    connection.execute(delete(examples).where(examples.c.lesson == known[-1].number))
    connection.execute(delete(lessons).where(lessons.c.number == known[-1].number))
    _revise(connection)
    return known[-1]


def photos_of(connection: Connection, hashes: Sequence[str]) -> dict[str, tuple[int, str]]:
    """sha256 -> (key, path) of the catalogue's photos among those of ``hashes``."""
    found: dict[str, tuple[int, str]] = {}
    for start in range(0, len(hashes), _AT_ONCE):
        wanted = photos.c.sha256.in_(hashes[start : start + _AT_ONCE])
        for sha256, key, path in connection.execute(select(photos.c.sha256, photos.c.key, photos.c.path).where(wanted)):
            found[sha256] = (int(key), path)
    return found


def _new(lesson: Lesson, known: Sequence[Lesson]) -> tuple[Example, ...]:
    """The examples of ``lesson`` that are not known yet, each photo's garment once. LessonError as :func:`put`."""
    new = {(example.sha256, example.region): example for example in lesson.examples}
    for earlier in known:
        if (earlier.kind, earlier.question) != (lesson.kind, lesson.question):
            continue
        for example in earlier.examples:
            key = (example.sha256, example.region)
            if key not in new or new[key].encoder != example.encoder:
                continue
            if earlier.name != lesson.name:
                raise LessonError(
                    f"{new[key].photo or example.sha256[:12]} was taught as {earlier.name} (lesson {earlier.number}) "
                    f"and cannot be {lesson.name} too; leave it out, or take back the last lessons with "
                    "`meot teach undo`"
                )
            del new[key]
    if not new:
        raise LessonError(f"all of these photos were taught as {lesson.name} before; nothing changed, give new ones")
    return tuple(new.values())


def _revise(connection: Connection) -> None:
    """Bring the revision up to the lessons that there are."""
    known = connection.execute(
        select(
            lessons.c.number, lessons.c.kind, lessons.c.question, lessons.c.name, lessons.c.names, lessons.c.region
        ).order_by(lessons.c.number)
    ).all()
    shown = connection.execute(select(examples.c.lesson, examples.c.sha256).order_by(examples.c.key)).all()
    connection.execute(delete(meta).where(meta.c.name == _REVISION))
    if known:
        said = json.dumps([[list(row) for row in known], [list(row) for row in shown]])
        value = f"{len(known)}@{hashlib.sha256(said.encode()).hexdigest()[:12]}"
        connection.execute(insert(meta).values(name=_REVISION, value=value))


def _row(example: Example) -> dict[str, object]:
    return {
        "sha256": example.sha256,
        "region": example.region,
        "encoder": example.encoder,
        "features": np.asarray(example.features, _STORED).tobytes(),
    }


def _as_example(row: RowMapping) -> Example:
    return Example(
        sha256=row["sha256"],
        region=row["region"],
        encoder=row["encoder"],
        features=np.frombuffer(row["features"], _STORED).astype(np.float32),
    )
