"""Predictions on disk: JSON Lines, a head with the names, then a line a photo, so that any program can write them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from meot.data.aside import aside
from meot.errors import DataError, nearest
from meot.evaluation.predictions import Box, Boxes, Classified, Detected, Predictions, boxes_of

SCHEMA = "meot.predictions/1"
_MEND = "write it as docs/evaluation.md says"


def save(predictions: Predictions, file: Path) -> Path:
    """Write ``file`` (.jsonl), which a killed run leaves as it was. OSError where it cannot be written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    records = _classified(predictions) if isinstance(predictions, Classified) else _detected(predictions)
    with aside(file) as part, part.open("w", encoding="utf-8") as lines:
        for record in records:
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    return file


def _classified(these: Classified) -> Iterator[dict[str, Any]]:
    head = {"schema": SCHEMA, "task": "classify", "question": these.question, "classes": these.classes}
    yield head | {"model": these.model, "split": these.split, "sure": these.sure}
    for i, photo in enumerate(these.photos):
        more = {"box": these.boxes[i], "group": these.groups[i]}
        row = {"photo": photo, "truth": these.classes[these.truth[i]], "scores": these.scores[i].tolist()}
        yield row | {key: value for key, value in more.items() if value}


def _detected(these: Detected) -> Iterator[dict[str, Any]]:
    head = {"schema": SCHEMA, "task": "detect", "question": "objects", "classes": these.classes}
    yield head | {"model": these.model, "split": these.split}
    for i, photo in enumerate(these.photos):
        more = {"size": these.sizes[i], "group": these.groups[i]}
        truth = [
            {"label": name, "box": box} | ({"crowd": True} if crowd else {})
            for name, box, _, crowd in _plain(these.truth[i], these.classes)
        ]
        found = [
            {"label": name, "box": box, "score": score} for name, box, score, _ in _plain(these.found[i], these.classes)
        ]
        yield {"photo": photo, "truth": truth, "found": found} | {k: v for k, v in more.items() if v}


def _plain(boxes: Boxes, classes: tuple[str, ...]) -> Iterator[tuple[str, list[float], float, bool]]:
    for label, box, score, crowd in zip(boxes.labels, boxes.xyxy, boxes.scores, boxes.crowd, strict=True):
        yield classes[label], box.tolist(), float(score), bool(crowd)


def load(file: Path) -> Predictions:
    """The predictions in ``file``. DataError with the line when they are broken, or when there is no photo in them."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")  # splitlines would also split at U+2028 within a name
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read as predictions ({error}); {_MEND}") from None
    if not any(lines):
        raise DataError(f"{file}: expected predictions, got an empty file; {_MEND}")
    head = json_line(file, 1, lines[0])
    _check_head(file, head)
    rows = [(i, json_line(file, i, line)) for i, line in enumerate(lines[1:], 2) if line.strip()]
    if not rows:
        raise DataError(f"{file}: expected a line a photo, got none; is the split {head.get('split')!r} empty?")
    made = _load_classified(file, head, rows) if head["task"] == "classify" else _load_detected(file, head, rows)
    _check_twice(file, made, [line for line, _ in rows])
    return made


def json_line(file: Path, line: int, text: str) -> dict[str, Any]:
    """The JSON object on a line. DataError when it is something else."""
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair can be read but never written
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file}:{line}: broken JSON ({error}); mend the line or write the file again") from None
    if not isinstance(found, dict):
        raise DataError(f"{file}:{line}: expected a JSON object, got {type(found).__name__}; mend the line")
    return found


def _check_head(file: Path, head: dict[str, Any]) -> None:
    if head.get("schema") != SCHEMA:
        raise DataError(f"{file}:1: expected schema {SCHEMA}, got {head.get('schema')!r}; {_MEND}")
    if head.get("task") not in ("classify", "detect"):
        raise DataError(f"{file}:1: expected task 'classify' or 'detect', got {head.get('task')!r}; {_MEND}")
    classes = head.get("classes")
    if not isinstance(classes, list) or not classes or not all(isinstance(name, str) for name in classes):
        raise DataError(f"{file}:1: expected classes as a list of names, got {classes!r}; {_MEND}")
    if twice := [name for name in classes if classes.count(name) > 1]:
        raise DataError(f"{file}:1: class {twice[0]!r} is named twice; name each class once")
    sure = head.get("sure")
    if sure is not None and not (isinstance(sure, (int, float)) and 0 <= sure <= 1):
        raise DataError(f"{file}:1: expected sure between 0 and 1, got {sure!r}; {_MEND}")


def _load_classified(file: Path, head: dict[str, Any], rows: list[tuple[int, dict[str, Any]]]) -> Classified:
    names, numbers = tuple(head["classes"]), {name: i for i, name in enumerate(head["classes"])}
    return Classified(
        model=str(head.get("model") or file.stem),
        split=str(head.get("split") or ""),
        question=str(head.get("question") or ""),
        classes=names,
        photos=tuple(_photo(file, line, row) for line, row in rows),
        boxes=tuple(None if row.get("box") is None else _box(file, line, row["box"]) for line, row in rows),
        groups=tuple(str(row.get("group") or "") for _, row in rows),
        truth=np.array([_number(file, line, row.get("truth"), numbers) for line, row in rows], np.int64),
        scores=np.array([_scores(file, line, row, len(names)) for line, row in rows], np.float64),
        sure=head.get("sure"),
    )


def _load_detected(file: Path, head: dict[str, Any], rows: list[tuple[int, dict[str, Any]]]) -> Detected:
    numbers = {name: i for i, name in enumerate(head["classes"])}
    return Detected(
        model=str(head.get("model") or file.stem),
        split=str(head.get("split") or ""),
        classes=tuple(head["classes"]),
        photos=tuple(_photo(file, line, row) for line, row in rows),
        groups=tuple(str(row.get("group") or "") for _, row in rows),
        sizes=tuple(_size(file, line, row) for line, row in rows),
        truth=tuple(_boxes(file, line, row, "truth", numbers) for line, row in rows),
        found=tuple(_boxes(file, line, row, "found", numbers) for line, row in rows),
    )


def _photo(file: Path, line: int, row: dict[str, Any]) -> str:
    if not isinstance(row.get("photo"), str) or not row["photo"]:
        raise DataError(f"{file}:{line}: expected photo as a path, got {row.get('photo')!r}; {_MEND}")
    return str(row["photo"])


def _number(file: Path, line: int, name: object, numbers: dict[str, int]) -> int:
    if not isinstance(name, str) or name not in numbers:
        raise DataError(f"{file}:{line}: unknown class {name!r}; {nearest(str(name), list(numbers))}")
    return numbers[name]


def _real(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _scores(file: Path, line: int, row: dict[str, Any], count: int) -> list[float]:
    scores = row.get("scores")
    if not isinstance(scores, list) or len(scores) != count:
        got = len(scores) if isinstance(scores, list) else scores
        raise DataError(f"{file}:{line}: expected {count} scores, one a class, got {got!r}; {_MEND}")
    if wrong := [score for score in scores if not _real(score) or not 0 <= score <= 1]:
        raise DataError(f"{file}:{line}: expected scores between 0 and 1, got {wrong[0]!r}; give probabilities")
    return scores


def _box(file: Path, line: int, box: object, *, area: bool = True) -> Box:
    if not isinstance(box, list) or len(box) != 4 or not all(_real(value) for value in box):
        raise DataError(f"{file}:{line}: expected a box as [x0, y0, x1, y1] in px, got {box!r}; {_MEND}")
    x0, y0, x1, y1 = (float(value) for value in box)
    if x1 < x0 or y1 < y0 or (area and (x1 == x0 or y1 == y0)):
        raise DataError(f"{file}:{line}: the box {box} is reversed or has no area; expected x0 < x1 and y0 < y1")
    return x0, y0, x1, y1


def _size(file: Path, line: int, row: dict[str, Any]) -> tuple[int, int] | None:
    size = row.get("size")
    if size is None:
        return None
    if not isinstance(size, list) or len(size) != 2 or not all(_real(value) and value > 0 for value in size):
        raise DataError(f"{file}:{line}: expected size as [height, width] in px, got {size!r}; {_MEND}")
    return int(size[0]), int(size[1])


def _boxes(file: Path, line: int, row: dict[str, Any], side: str, numbers: dict[str, int]) -> Boxes:
    things = row.get(side)
    if not isinstance(things, list) or not all(isinstance(thing, dict) for thing in things):
        raise DataError(f"{file}:{line}: expected {side} as a list of boxes with their labels, got {things!r}; {_MEND}")
    scores = [thing.get("score", 1.0 if side == "truth" else None) for thing in things]
    if wrong := [score for score in scores if not _real(score) or not 0 <= score <= 1]:
        raise DataError(f"{file}:{line}: expected a score between 0 and 1 a box found, got {wrong[0]!r}; {_MEND}")
    return boxes_of(
        [_box(file, line, thing.get("box"), area=side == "truth") for thing in things],
        [_number(file, line, thing.get("label"), numbers) for thing in things],
        scores,
        [bool(thing.get("crowd", False)) for thing in things],
    )


def _check_twice(file: Path, made: Predictions, lines: list[int]) -> None:
    seen: dict[object, int] = {}
    for line, key in zip(lines, made.keys, strict=True):
        if key in seen:
            raise DataError(f"{file}:{line}: {key[0]} was on line {seen[key]} already; keep one line a photo and box")
        seen[key] = line


def load_history(file: Path) -> tuple[dict[str, float], ...]:
    """The epochs of a training run's history.jsonl: one JSON object of numbers a line. DataError with the line."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")  # splitlines would also split at U+2028 within a name
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read as a history ({error}); name a training folder's file") from None
    found = [json_line(file, i, line) for i, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise DataError(f"{file}: expected a line an epoch, got none; has the run finished an epoch?")
    for i, record in enumerate(found, 1):
        if not _real(record.get("epoch")):
            raise DataError(
                f"{file}:{i}: expected an epoch's number, got {record.get('epoch')!r}; name a history.jsonl"
            )
    return tuple({k: float(v) for k, v in record.items() if isinstance(v, (int, float))} for record in found)
