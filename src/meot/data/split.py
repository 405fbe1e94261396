"""Training, validation and test photos that have nothing in common but their classes.

Rows of one group and near-duplicates stay together. Classes are shared out the rarest first, each group to the split
that lacks it most (iterative stratification, Sechidis et al. 2011, on groups instead of photos); then groups move
while that brings the shares nearer to what was asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from meot.data.duplicates import SAFE_DISTANCE, join_all, near
from meot.data.stats import answers, check_question, questions_of
from meot.data.table import SPLITS, Row, Split, Table
from meot.errors import DataError

OVERSAMPLED = "oversampled:"
"""What the source of a row begins with when it was made from another row."""
_DRAWS, _SWEEPS = 4, 8


@dataclass(frozen=True, slots=True)
class _Unit:
    """Rows that stay together. counts: (C,) how often each class is in them; forced: the split they must be in."""

    rows: tuple[int, ...]
    counts: NDArray[np.int64]
    forced: Split | None


def split_table(
    table: Table,
    *,
    shares: Mapping[Split, float],
    seed: int = 0,
    question: str | None = None,
    keep: bool = False,
    distance: int | None = SAFE_DISTANCE,
) -> Table:
    """The table with a split on every row.

    shares: of the rows, 0..1; training gets what the others leave. question: the classes to spread evenly; all that
    the table has when None. keep: rows that have a split stay there, and what belongs with them joins them; without
    it the splits are drawn anew, but validation and test rows stay when ``shares`` asks for no such split. distance:
    bits of 64 up to which photos are near-duplicates; None does not look at the photos.

    Every class gets a group in each split where it has as many groups as there are splits; with fewer it is learned
    first, then validated on. DataError for shares that leave nothing to learn from, a question the table does not ask,
    a class of ``question`` that has a single group, and rows made by oversampling, whose origins must be split first.
    """
    wanted = _shares(shares)
    _refuse_oversampled(table.rows, keep)
    if not table.rows:
        raise DataError("the table has no row to split; import some photos first")
    units = _units(table, question, wanted, keep=keep, distance=distance)
    if question is not None:
        _refuse_single(table, question, units)
    given = _share_out(units, wanted, np.random.default_rng(seed))
    _refuse_empty(given, units, wanted)
    return table.having(tuple(replace(row, split=given[i]) for i, row in enumerate(table.rows)))


def _shares(shares: Mapping[Split, float]) -> dict[Split, float]:
    for name, share in shares.items():
        if name not in SPLITS or not 0 <= share < 1:
            raise DataError(f"share of {name} is {share}, expected a number from 0 to 1 for {', '.join(SPLITS)}")
    held = sum(share for name, share in shares.items() if name != "train")
    if held >= 1:
        raise DataError(f"validation and test take {held:.0%} of the photos and leave none to learn from; ask for less")
    wanted: dict[Split, float] = {"train": 1 - held}
    return wanted | {name: shares[name] for name in SPLITS[1:] if shares.get(name)}


def _refuse_oversampled(rows: Sequence[Row], keep: bool) -> None:
    made = next((r for r in rows if r.source.startswith(OVERSAMPLED) and not (keep and r.split)), None)
    if made is not None:
        raise DataError(f"{made.photo}: was made by oversampling; split first, then balance the training part")


def _classes(table: Table, question: str | None) -> list[tuple[str, str]]:
    asked = questions_of(table) if question is None else {check_question(table, question): ()}
    found = {(q, answer) for q in asked for row in table.rows for answer in answers(row, q)}
    return sorted(found)


def _units(
    table: Table, question: str | None, wanted: Mapping[Split, float], *, keep: bool, distance: int | None
) -> list[_Unit]:
    like = near(table, distance) if distance is not None else ()
    number = {name: i for i, name in enumerate(_classes(table, question))}
    made = []
    for members in join_all(len(table.rows), lambda i: table.rows[i].group, like):
        counts = np.zeros(len(number), np.int64)
        for i in members:
            for q in {q for q, _ in number}:
                for answer in answers(table.rows[i], q):
                    counts[number[q, answer]] += 1
        stays = Counter(s for i in members if (s := _stays(table.rows[i], wanted, keep)))
        made.append(_Unit(members, counts, stays.most_common(1)[0][0] if stays else None))
    return made


def _stays(row: Row, wanted: Mapping[Split, float], keep: bool) -> Split | None:
    return row.split if keep or (row.split is not None and row.split not in wanted) else None


def _refuse_single(table: Table, question: str, units: Sequence[_Unit]) -> None:
    for i, (_, answer) in enumerate(_classes(table, question)):
        having = [unit for unit in units if unit.counts[i]]
        if len(having) == 1:
            photos = len(having[0].rows)
            raise DataError(
                f"{question} {answer!r} has a single group ({photos} photo{'s' if photos > 1 else ''}), which cannot "
                "be both learned and measured; add photos of other items, remove it, or leave the question out"
            )


def _share_out(units: Sequence[_Unit], wanted: Mapping[Split, float], rng: Generator) -> dict[int, Split]:
    """Row -> split: the best of some random draws."""
    names: tuple[Split, ...] = tuple(wanted)
    shares = np.array([wanted[name] for name in names])
    apart = [unit for unit in units if unit.forced is not None and unit.forced not in names]
    others = [unit for unit in units if unit.forced is None or unit.forced in names]
    best = min((_draw(others, names, shares, rng) for _ in range(_DRAWS)), key=_Sharing.miss) if others else None
    given: dict[int, Split] = {i: unit.forced for unit in apart for i in unit.rows if unit.forced is not None}
    for unit, s in zip(others, best.where if best else (), strict=True):
        given |= dict.fromkeys(unit.rows, names[s])
    return given


def _draw(units: Sequence[_Unit], names: Sequence[Split], shares: NDArray[np.float64], rng: Generator) -> _Sharing:
    """Forced units first, then class by class, the rarest first, then what has no class; then settle."""
    sharing = _Sharing(units, shares, rng)
    for u, unit in enumerate(units):
        if unit.forced in names:
            sharing.put(u, names.index(unit.forced))
    free = [u for u in rng.permutation(len(units)).tolist() if units[u].forced is None]
    for c in _rarest_first(sharing.counts[free]):
        sharing.share_class(c, free)
    for _ in range(_SWEEPS):
        if not sharing.settle(free):
            break
    return sharing


def _rarest_first(counts: NDArray[np.float64]) -> list[int]:
    """Columns by how many units have the class; the last, which counts rows, comes last."""
    groups = (counts > 0).sum(0)
    return sorted(range(counts.shape[1]), key=lambda c: (c == counts.shape[1] - 1, groups[c]))


class _Sharing:
    """Units on their way into splits. counts: (U, C + 1), the last column is rows; lack: (S, C + 1) still wanted;
    having: (S, C + 1) units with the class."""

    def __init__(self, units: Sequence[_Unit], shares: NDArray[np.float64], rng: Generator) -> None:
        self.counts = np.array([[*unit.counts, len(unit.rows)] for unit in units], float)
        self.lack = shares[:, None] * self.counts.sum(0)
        self.having = np.zeros(self.lack.shape, np.int64)
        self.where = np.full(len(units), -1)
        self._rng = rng

    def put(self, u: int, s: int) -> None:
        """Unit ``u`` goes into split ``s``."""
        self.where[u] = s
        self.lack[s] -= self.counts[u]
        self.having[s] += self.counts[u] > 0

    def share_class(self, c: int, free: Sequence[int]) -> None:
        """Units with class ``c``: one for each split that has none, the others, large ones first, where they lack."""
        having = sorted((u for u in free if self.where[u] < 0 and self.counts[u, c]), key=lambda u: self.counts[u, -1])
        for s in range(len(self.having)):
            if having and not self.having[s, c]:
                self.put(having.pop() if s == 0 else having.pop(0), s)
        for u in sorted(having, key=lambda u: -self.counts[u, c]):
            self.put(u, self._neediest(c))

    def _neediest(self, c: int) -> int:
        """The split that lacks most of class ``c``; among equals the one that lacks most rows; then by chance."""
        chance = self._rng.random(len(self.lack))
        return int(np.lexsort((chance, self.lack[:, -1].round(9), self.lack[:, c].round(9)))[-1])

    def settle(self, free: Sequence[int]) -> bool:
        """Move each unit to where it makes :meth:`miss` smallest, no split losing its last of a class; any moved?"""
        moved, weight = False, np.maximum(self.counts.sum(0), 1) ** -2.0
        for u in free:
            brings, a = self.counts[u], int(self.where[u])
            without = self.lack.copy()
            without[a] += brings
            gain = (brings * (2 * without - brings) * weight).sum(1)
            b = int(np.argmax(gain))
            last = (self.having[a] == 1) & (brings > 0)
            if gain[b] > gain[a] + 1e-12 and not last.any():
                self.lack[a] += brings
                self.having[a] -= brings > 0
                self.put(u, b)
                moved = True
        return moved

    def miss(self) -> float:
        """How far the splits are from what was asked: squared share of each class that lacks or is too much, summed."""
        return float(np.square(self.lack / np.maximum(self.counts.sum(0), 1)).sum())


def _refuse_empty(given: Mapping[int, Split], units: Sequence[_Unit], wanted: Mapping[Split, float]) -> None:
    empty = [name for name in wanted if name not in given.values()]
    if empty:
        raise DataError(
            f"the {empty[0]} split would be empty: {len(given)} photos are {len(units)} group(s) that must stay "
            "together (same group, or nearly the same photo); add photos of other items"
        )
