"""Photos that are nearly the same, and photos that are on both sides of a split.

The 64-bit perceptual hash (Zauner 2010: the signs of a small photo's lowest cosine frequencies) is written out here
because it is ten lines of numpy, while the library for it brings SciPy, PyWavelets and a copy of the photo. Garments
laid out alike have like outlines, so a hash alone takes two T-shirts for one; a pair must also have like colours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from tqdm import tqdm

from meot.data.table import Row, Table
from meot.errors import DataError

DISTANCE = 6
"""Differing bits of 64 up to which two photos are taken for the same where that is reported."""
SAFE_DISTANCE = 12
"""The same where photos are kept together in a split: a pair too many costs nothing there, one too few leaks."""
COLOUR = 14.0
"""Mean difference of the 8x8 colour miniatures, 0..255, up to which they may."""
_SIDE, _KEPT, _SMALL = 32, 8, 8
_BLOCK = 1024


class Prints(NamedTuple):
    """Photos as numbers. hashes: (N,) uint64; colours: (N, 192) uint8, an 8x8 RGB miniature each."""

    hashes: NDArray[np.uint64]
    colours: NDArray[np.uint8]


def _cosines() -> NDArray[np.float32]:
    """(8, 32) float32: the lowest rows of the type-II discrete cosine transform."""
    at = (np.arange(_SIDE) + 0.5) * np.pi / _SIDE
    return np.cos(np.arange(_KEPT)[:, None] * at).astype(np.float32)


def hash_of(grey: NDArray[np.uint8]) -> int:
    """64-bit perceptual hash of a (32, 32) uint8 photo; photos of one plain colour have hash 0.

    A bit says whether a frequency is above the median of the 63 beside the mean, whose own bit is always 0, so that a
    brighter copy has the same hash.
    """
    cosines = _cosines()
    frequencies = (cosines @ grey.astype(np.float32) @ cosines.T).ravel()
    frequencies[np.abs(frequencies) < 1.0] = 0
    bits = frequencies > np.median(frequencies[1:])
    bits[0] = False
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def _print_of(photo: Path) -> tuple[int, NDArray[np.uint8]]:
    try:
        with Image.open(photo) as image:
            image.draft("RGB", (4 * _SIDE, 4 * _SIDE))
            seen = ImageOps.exif_transpose(image).convert("RGB")
        grey = np.asarray(seen.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX), np.uint8)
        small = np.asarray(seen.resize((_SMALL, _SMALL), Image.Resampling.BOX), np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{photo}: expected a photo, cannot read it ({error}); mend it or take it out") from None
    return hash_of(grey), small.ravel()


def prints(photos: Sequence[Path], *, workers: int = 2) -> Prints:
    """The photos' prints, in their order. DataError for one that cannot be read."""
    with ThreadPoolExecutor(workers) as pool:
        found = list(tqdm(pool.map(_print_of, photos), total=len(photos), desc="photo prints", mininterval=1, delay=2))
    hashes = np.array([number for number, _ in found], np.uint64)
    return Prints(hashes, np.array([colours for _, colours in found], np.uint8).reshape(len(found), 3 * _SMALL**2))


def pairs(prints: Prints, *, distance: int = DISTANCE, colour: float = COLOUR) -> NDArray[np.int64]:
    """(P, 2) int64: photos i < j whose hashes differ in ``distance`` bits at most and whose miniatures by ``colour``.

    All are compared with all, a block at a time: 10,000 photos in under a second, 200,000 in some minutes.
    """
    found = [np.empty((0, 2), np.int64)]
    for start in range(0, len(prints.hashes), _BLOCK):
        block = prints.hashes[start : start + _BLOCK, None]
        differing = np.bitwise_count(block ^ prints.hashes[None, start:])
        i, j = np.nonzero(differing <= distance)
        ordered = i < j
        found.append(np.stack([i[ordered], j[ordered]], 1) + start)
    near = np.concatenate(found)
    apart = [_colour_gap(prints.colours, part) for part in np.array_split(near, len(near) // 100_000 + 1)]
    return near[np.concatenate(apart) <= colour]


def _colour_gap(colours: NDArray[np.uint8], near: NDArray[np.int64]) -> NDArray[np.float32]:
    left, right = colours[near[:, 0]].astype(np.int16), colours[near[:, 1]].astype(np.int16)
    return np.asarray(np.abs(left - right).mean(1), np.float32)


class Union:
    """Numbers 0 .. n-1 joined into sets (union-find with path halving)."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def find(self, i: int) -> int:
        """The number that stands for the set of ``i``: its smallest."""
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        """Make one set of two."""
        a, b = sorted((self.find(i), self.find(j)))
        self._parent[b] = a

    def sets(self) -> list[tuple[int, ...]]:
        """The sets, each ascending, by their smallest number."""
        found: dict[int, list[int]] = {}
        for i in range(len(self._parent)):
            found.setdefault(self.find(i), []).append(i)
        return [tuple(members) for members in found.values()]


def near(table: Table, distance: int = DISTANCE, colour: float = COLOUR) -> tuple[tuple[int, ...], ...]:
    """Groups of rows (their indices, ascending) whose photos are nearly the same; what is alone is left out.

    distance: bits of 64; colour: 0..255. Likeness is passed on: if a is like b and b like c, the three are one group.
    """
    joined = Union(len(table.rows))
    for i, j in pairs(prints([row.photo for row in table.rows]), distance=distance, colour=colour).tolist():
        joined.join(i, j)
    return tuple(group for group in joined.sets() if len(group) > 1)


@dataclass(frozen=True, slots=True)
class Leak:
    """Rows that belong together and are in more than one split. name: of the group, or the first photo's."""

    kind: Literal["group", "near-duplicate"]
    name: str
    rows: tuple[int, ...]
    splits: tuple[str, ...]


def leaks(table: Table, distance: int = DISTANCE, colour: float = COLOUR) -> tuple[Leak, ...]:
    """Groups, then near-duplicates, that are in more than one split; rows without a split do not count."""
    rows = table.rows
    named: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        if row.group:
            named.setdefault(row.group, []).append(i)
    found = [Leak("group", name, tuple(of), _splits(rows, of)) for name, of in named.items()]
    like = near(table, distance, colour)
    found += [Leak("near-duplicate", rows[of[0]].photo.name, of, _splits(rows, of)) for of in like]
    return tuple(leak for leak in found if len(leak.splits) > 1)


def _splits(rows: Sequence[Row], of: Iterable[int]) -> tuple[str, ...]:
    return tuple(sorted({split for i in of if (split := rows[i].split) is not None}))


def join_all(n: int, keys: Callable[[int], str], groups: Iterable[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """Sets of the numbers below ``n`` that have a key in common (an empty one is none) or are in a group together."""
    joined, first = Union(n), dict[str, int]()
    for i in range(n):
        if key := keys(i):
            joined.join(first.setdefault(key, i), i)
    for group in groups:
        for i in group[1:]:
            joined.join(group[0], i)
    yield from joined.sets()
