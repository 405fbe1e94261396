"""Garments cut out of photos, and random views of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from meot import photos, taxonomy, wiring
from meot.data import table as tables
from meot.data.images import read_mask, read_rgb
from meot.data.table import Object, Row, Split, Table
from meot.errors import DataError
from meot.models.pixels import MEAN, STD, crop_box
from meot.settings import Settings
from meot.types import Reader

Image = NDArray[np.uint8]
Indices = NDArray[np.int64]
VIEW = "view"
"""The label that says on which side a photo is: "worn" asks, "product" answers."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Garments in memory.

    cut: (N, T, T, 4) uint8, RGB and the mask (0..255), garment filling the square. items: (N,) int64. sides: (N,)
    int64, 1 for worn photos, else 0. splits: (N,) str. names: the table's items, by number.
    """

    cut: Image
    items: Indices
    sides: Indices
    splits: NDArray[np.str_]
    names: tuple[str, ...]

    def __len__(self) -> int:
        """How many photos."""
        return len(self.items)

    def of(self, split: Split) -> Indices:
        """Places of the photos of a split."""
        return np.flatnonzero(self.splits == split)


def load(table: Table, file: Path, *, side: int, masked: bool) -> Pictures:
    """Cut the garment out of every photo of a table whose rows have a group. ``side`` is that of the square, px.

    The garment is the row's first object with a box, or the whole photo; its mask the row's, or all of it (``masked``
    False: always all of it). DataError when a row has no group.
    """
    lost = next((row for row in table.rows if not row.group), None)
    if lost is not None:
        raise DataError(f"{file}: {lost.photo.name} has no group; give photos of one item the same 'group'")
    names = tuple(dict.fromkeys(row.group for row in table.rows))
    number = {name: i for i, name in enumerate(names)}
    cut = np.empty((len(table.rows), side, side, 4), np.uint8)
    for i, row in enumerate(tqdm(table.rows, desc="garments", mininterval=5)):
        cut[i] = _cut(row, side, masked)
    return Pictures(
        cut,
        np.array([number[row.group] for row in table.rows], np.int64),
        np.array([row.labels.get(VIEW) == "worn" for row in table.rows], np.int64),
        np.array([row.split or "train" for row in table.rows]),
        names,
    )


def _cut(row: Row, side: int, masked: bool) -> Image:
    image = read_rgb(row.photo)
    height, width = image.shape[:2]
    mask = np.full((height, width), 255, np.uint8)
    if masked and row.mask is not None:
        ids = read_mask(row.mask, row.photo, (height, width))
        mask = np.where(ids > 0, np.uint8(255), np.uint8(0)) if ids.any() else mask
    box = next((thing.box for thing in row.objects if thing.box is not None), (0.0, 0.0, float(width), float(height)))
    x0, y0, x1, y1 = crop_box(box, height, width, margin=0.08)
    both = np.dstack([image, mask])[y0:y1, x0:x1]
    return np.asarray(cv2.resize(both, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)


def read_garments(table: Table, folder: Path, regions: tuple[str, ...]) -> Table:
    """The table with a box and a mask for every photo, read by the bundled models; kept in ``folder``/garments.jsonl.

    regions: the garment is the largest of these, for photos that are not product shots. Rows that have a box or a mask
    of their own keep it. Photos in which nothing is found stay whole. One pass, about 60 ms a photo; a second call
    reads the kept file.
    """
    if all(_placed(row) for row in table.rows):
        return table
    kept = folder / "garments.jsonl"
    if kept.is_file():
        found = tables.load(kept)
        same = [r.photo.resolve() for r in found.rows] == [r.photo.resolve() for r in table.rows]
        if same:
            return table.having(
                tuple(replace(r, objects=f.objects, mask=f.mask) for r, f in zip(table.rows, found.rows, strict=True))
            )
    (folder / "masks").mkdir(parents=True, exist_ok=True)
    reader = wiring.build_reader(Settings())
    rows = []
    for i, row in enumerate(tqdm(table.rows, desc="reading", mininterval=5)):
        rows.append(row if _placed(row) else _read(row, folder / "masks" / f"{i:06d}.png", reader, regions))
    found = table.having(tuple(rows))
    tables.save(found, kept)
    return found


def _placed(row: Row) -> bool:
    return row.mask is not None or any(thing.box is not None for thing in row.objects)


def _read(row: Row, file: Path, reader: Reader, regions: tuple[str, ...]) -> Row:
    look = reader.read(photos.load(row.photo))
    view = row.labels.get(VIEW)
    product = view == "product" or (view != "worn" and not look.worn)
    fitting = [g for g in look.garments if product or not regions or g.region in regions]
    values = [taxonomy.load().region(name).value for name in regions]
    ids = look.regions_full()  # the photo may have been scaled down at the door, its mask must not be
    mask = ids > 0 if product or not regions else np.isin(ids, values)
    if not fitting or not mask.any():
        return row
    cv2.imwrite(str(file), mask.astype(np.uint8))
    best = max(fitting, key=lambda g: g.area)
    x0, y0, x1, y1 = (float(edge) for edge in look.to_original(best.box))
    return replace(row, mask=file, objects=(Object(label=best.region, box=(x0, y0, x1, y1)), *row.objects))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How far a random view strays.

    zoom, shift, stretch: shares; rotate: degrees; colour: largest change of brightness, as a share; swap: chance that
    the colour channels of all photos of an item change places, which makes another item of it; erase: chance that a
    rectangle is left out.
    """

    zoom: float = 0.12
    shift: float = 0.05
    stretch: float = 0.1
    rotate: float = 8.0
    colour: float = 0.15
    swap: float = 0.25
    erase: float = 0.3


def still(cut: Image, size: int) -> Image:
    """(N, T, T, 4) -> (N, size, size, 4) uint8 plain views."""
    return np.stack([cv2.resize(one, (size, size), interpolation=cv2.INTER_AREA) for one in cut])


def varied(cut: Image, items: Indices, size: int, look: Look, rng: Generator) -> Image:
    """(N, T, T, 4) -> (N, size, size, 4) uint8 random views; mirroring and swapped colours go with the item."""
    ways = {int(i): (rng.random() < 0.5, _order(look, rng)) for i in dict.fromkeys(items.tolist())}
    return np.stack([_vary(one, size, *ways[int(i)], look, rng) for one, i in zip(cut, items, strict=True)])


def _order(look: Look, rng: Generator) -> Indices:
    return rng.permutation(3) if rng.random() < look.swap else np.arange(3)


def _vary(one: Image, size: int, mirror: bool, order: Indices, look: Look, rng: Generator) -> Image:
    old = one.shape[0]
    scale = size / old * float(np.exp(rng.uniform(-look.zoom, look.zoom)))
    stretch = float(np.exp(rng.uniform(-look.stretch, look.stretch)))
    angle = np.deg2rad(rng.uniform(-look.rotate, look.rotate))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn = turn @ np.diag([scale * stretch * (-1 if mirror else 1), scale / stretch])
    centre = size / 2 + rng.uniform(-look.shift, look.shift, 2) * size - turn @ np.array([old / 2, old / 2])
    seen = cv2.warpAffine(one, np.hstack([turn, centre[:, None]]), (size, size), flags=cv2.INTER_LINEAR)
    seen[..., :3] = _recolour(np.asarray(seen[..., order], np.uint8), look.colour, rng)
    if rng.random() < look.erase:
        tall, wide = (rng.uniform(0.1, 0.35, 2) * size).astype(int)
        top, left = rng.integers(0, size - tall), rng.integers(0, size - wide)
        seen[top : top + tall, left : left + wide] = 0
    return np.asarray(seen, np.uint8)


def _recolour(rgb: Image, strength: float, rng: Generator) -> Image:
    """Mild: the colour tells items apart."""
    tint = rng.uniform(1 - 0.27 * strength, 1 + 0.27 * strength, 3)
    seen = rgb.astype(np.float32) * (rng.uniform(1 - strength, 1 + strength) * tint).astype(np.float32)
    mean = seen.mean()
    seen = (seen - mean) * rng.uniform(1 - 0.8 * strength, 1 + 0.8 * strength) + mean
    return np.asarray(np.clip(seen, 0, 255), np.uint8)


def normalised(views: Image) -> NDArray[np.float32]:
    """(N, S, S, 4) uint8 -> (N, S, S, 4) float32: normalised RGB, zero outside the mask, and the mask 0..1."""
    mask = views[..., 3:].astype(np.float32) / 255
    return np.concatenate([(views[..., :3].astype(np.float32) / 255 - MEAN) / STD * mask, mask], 3)
