"""What is in a table: photos a split, answers a question, boxes a class, and how uneven they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from meot.columns import aligned
from meot.data.table import SPLITS, Row, Table
from meot.errors import DataError, nearest

OBJECT_CLASS = "class"
"""The question whose answer is an object's own class."""
UNSPLIT = "unsplit"
BETA = 0.999
"""Of the effective number, where nobody says another."""


def answers(row: Row, question: str) -> list[str]:
    """What a row says to a question: the whole photo's answer, then one for each of its objects that has one."""
    found = [row.labels[question]] if question in row.labels else []
    for thing in row.objects:
        if question in thing.labels:
            found.append(thing.labels[question])
        elif question == OBJECT_CLASS:
            found.append(thing.label)
    return found


def questions_of(table: Table) -> dict[str, tuple[str, ...]]:
    """Every question with its possible answers, the objects' class among them where there are objects."""
    known = dict(table.questions)
    if table.classes and OBJECT_CLASS not in known:
        known[OBJECT_CLASS] = table.classes
    return known


def check_question(table: Table, question: str) -> str:
    """``question`` itself. DataError when the table does not ask it, with the nearest it does."""
    known = questions_of(table)
    if question not in known:
        raise DataError(f"no question {question!r} in the table; {nearest(question, known)}")
    return question


def count(rows: Iterable[Row], question: str) -> Counter[str]:
    """Answer -> how many rows and objects give it."""
    return Counter(answer for row in rows for answer in answers(row, question))


def effective_number(counts: Sequence[int], beta: float = BETA) -> list[float]:
    """How many different examples so many amount to: (1 - beta^n) / (1 - beta) (Cui et al. 2019). beta: 0 <= beta < 1.

    With beta 0.999 it grows with n at first and never beyond 1000.
    """
    return [(1 - beta**n) / (1 - beta) for n in counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassTable:
    """The answers to one question. counts: answer -> split (or "unsplit") -> how many; zero where there is none."""

    question: str
    counts: Mapping[str, Mapping[str, int]]

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that have any, in their usual order."""
        return tuple(s for s in (*SPLITS, UNSPLIT) if any(of.get(s) for of in self.counts.values()))

    def total(self, answer: str) -> int:
        """How often an answer is given, over all splits."""
        return sum(self.counts[answer].values())

    def numbers(self, split: str | None = None) -> list[int]:
        """How often each answer is given, in a split or in all."""
        return [self.total(a) if split is None else self.counts[a].get(split, 0) for a in self.counts]

    def imbalance(self, split: str | None = None) -> float | None:
        """Largest count over smallest, of the answers that are given at all; None when none is."""
        given = [n for n in self.numbers(split) if n]
        return max(given) / min(given) if given else None

    def even_as(self, split: str | None = None) -> float:
        """The number of equally large classes that would be as even: exp of the counts' entropy."""
        given = np.array([n for n in self.numbers(split) if n], float)
        shares = given / given.sum() if len(given) else given
        return float(np.exp(-(shares * np.log(shares)).sum())) if len(given) else 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain numbers for programs."""
        whole = max(1, sum(self.numbers()))
        effective = dict(zip(self.counts, effective_number(self.numbers(self._first())), strict=True))
        return {
            "question": self.question,
            "answers": {
                answer: {
                    **{split: of.get(split, 0) for split in self.splits},
                    "total": self.total(answer),
                    "share": round(self.total(answer) / whole, 6),
                    "effective": round(effective[answer], 2),
                }
                for answer, of in self.counts.items()
            },
            "imbalance": {split: self.imbalance(split) for split in self.splits} | {"total": self.imbalance()},
            "even_as": round(self.even_as(), 3),
        }

    def _first(self) -> str | None:
        return "train" if "train" in self.splits else None

    def as_text(self) -> str:
        """A table for a terminal, the most frequent answer first."""
        whole = max(1, sum(self.numbers()))
        effective = dict(zip(self.counts, effective_number(self.numbers(self._first())), strict=True))
        lines = [[self.question, *self.splits, "total", "share", "effective"]]
        for answer in sorted(self.counts, key=self.total, reverse=True):
            each = [f"{self.counts[answer].get(split, 0)}" for split in self.splits]
            share = f"{self.total(answer) / whole:.1%}"
            lines.append([answer, *each, f"{self.total(answer)}", share, f"{effective[answer]:.0f}"])
        ratios = [self.imbalance(split) for split in self.splits] + [self.imbalance()]
        lines.append(["largest/smallest", *("-" if r is None else f"{r:.1f}" for r in ratios), "", ""])
        return f"{columns(lines)}\n  as even as {self.even_as():.1f} equal classes of {len(self.counts)}"


def columns(lines: Sequence[Sequence[str]]) -> str:
    """Text in columns: the first to the left, the others, figures, to the right."""
    return "\n".join(aligned(lines, figures=True))


def class_table(table: Table, question: str) -> ClassTable:
    """How often each answer is given in each split. DataError for a question the table does not ask."""
    names = questions_of(table)[check_question(table, question)]
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    for row in table.rows:
        for answer in answers(row, question):
            counts.setdefault(answer, Counter())[row.split or UNSPLIT] += 1
    return ClassTable(question=question, counts=counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """The boxes of one class. small, medium, large: area below 32², below 96², or more px (as COCO has them); width,
    height: medians, px; share: median share of the photo, None where no photo's size is known."""

    label: str
    count: int
    small: int
    medium: int
    large: int
    width: float
    height: float
    share: float | None


def box_sizes(table: Table) -> tuple[Boxes, ...]:
    """The sizes of the boxes, class by class; classes without a box are left out."""
    sizes: dict[str, list[tuple[float, float, float]]] = {}
    for row in table.rows:
        area = row.size[0] * row.size[1] if row.size else math.nan
        for thing in row.objects:
            if thing.box is not None:
                wide, tall = thing.box[2] - thing.box[0], thing.box[3] - thing.box[1]
                sizes.setdefault(thing.label, []).append((wide, tall, wide * tall / area))
    known = [c for c in table.classes if c in sizes] + [c for c in sizes if c not in table.classes]
    return tuple(_boxes(label, np.array(sizes[label])) for label in known)


def _boxes(label: str, sizes: np.ndarray[Any, np.dtype[np.float64]]) -> Boxes:
    area = sizes[:, 0] * sizes[:, 1]
    shares = sizes[~np.isnan(sizes[:, 2]), 2]
    return Boxes(
        label=label,
        count=len(sizes),
        small=int((area < 32**2).sum()),
        medium=int(((area >= 32**2) & (area < 96**2)).sum()),
        large=int((area >= 96**2).sum()),
        width=float(np.median(sizes[:, 0])),
        height=float(np.median(sizes[:, 1])),
        share=float(np.median(shares)) if len(shares) else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What is in a table. photos: split -> rows; groups: how many distinct ones, rows without a group not counted."""

    photos: Mapping[str, int]
    groups: int
    with_mask: int
    objects: int
    tables: tuple[ClassTable, ...]
    boxes: tuple[Boxes, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain numbers for programs."""
        return {
            "photos": {**self.photos, "total": sum(self.photos.values())},
            "groups": self.groups,
            "with_mask": self.with_mask,
            "objects": self.objects,
            "questions": [table.as_json() for table in self.tables],
            "boxes": [{name: getattr(b, name) for name in Boxes.__slots__} for b in self.boxes],
        }

    def as_text(self) -> str:
        """Tables for a terminal."""
        each = ", ".join(f"{split} {n}" for split, n in self.photos.items())
        parts = [
            f"{sum(self.photos.values())} photos ({each or 'none'}), {self.groups} groups, "
            f"{self.with_mask} with a mask, {self.objects} objects"
        ]
        parts += [table.as_text() for table in self.tables]
        if self.boxes:
            lines = [["boxes", "count", "small", "medium", "large", "width px", "height px", "of photo"]]
            lines += [_box_line(b) for b in self.boxes]
            parts.append(columns(lines))
        return "\n\n".join(parts)


def _box_line(boxes: Boxes) -> list[str]:
    share = "-" if boxes.share is None else f"{boxes.share:.1%}"
    sizes = [f"{n}" for n in (boxes.count, boxes.small, boxes.medium, boxes.large)]
    return [boxes.label, *sizes, f"{boxes.width:.0f}", f"{boxes.height:.0f}", share]


def stats(table: Table, question: str | None = None) -> Stats:
    """Counts of a table, for one question or for all it asks. DataError for a question it does not ask."""
    asked = list(questions_of(table)) if question is None else [check_question(table, question)]
    photos = Counter(row.split or UNSPLIT for row in table.rows)
    return Stats(
        photos={split: photos[split] for split in (*SPLITS, UNSPLIT) if photos[split]},
        groups=len({row.group for row in table.rows if row.group}),
        with_mask=sum(row.mask is not None for row in table.rows),
        objects=sum(len(row.objects) for row in table.rows),
        tables=tuple(class_table(table, q) for q in asked),
        boxes=box_sizes(table),
    )
