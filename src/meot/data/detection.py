"""Photos with boxes for detectors: rows of a table, checked, framed into a canvas, varied at random. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from meot import taxonomy
from meot.data import augment
from meot.data.cropping import corners
from meot.data.images import read_ids, read_rgb
from meot.data.table import Object, Row, Table
from meot.errors import DataError

Outlines = tuple[NDArray[np.float64], ...]
"""Polygons of one thing, each (k, 2) float64, x and y in px."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A photo and the things in it, in the same pixels.

    image: (H, W, 3) uint8 RGB. boxes: (n, 4) float64 xyxy px, right and bottom edge outside. labels: (n,) int64,
    numbers of the table's classes. outlines: one a thing, empty when only its box is known. crowd: (n,) bool.
    """

    image: NDArray[np.uint8]
    boxes: NDArray[np.float64]
    labels: NDArray[np.int64]
    outlines: tuple[Outlines, ...]
    crowd: NDArray[np.bool_]

    def at(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> Scene:
        """The same photo with only the things at ``places``, (m,) numbers or (n,) bool."""
        numbers = np.arange(len(self.labels))[places]
        kept = tuple(self.outlines[i] for i in numbers)
        return replace(
            self, boxes=self.boxes[numbers], labels=self.labels[numbers], outlines=kept, crowd=self.crowd[numbers]
        )


def box_of(thing: Object, row: Row, place: int) -> tuple[float, float, float, float]:
    """A thing's xyxy box in px, around its polygons when it has no box of its own.

    DataError when it has neither, when a side is not a number, and when it has no area or is turned around.
    """
    box = thing.box
    if box is None and thing.polygons:
        points = np.concatenate([np.asarray(outline, np.float64).reshape(-1, 2) for outline in thing.polygons])
        (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
        box = x0, y0, x1, y1
    name = f"{row.photo}: object {place + 1} ({thing.label!r})"
    if box is None:
        raise DataError(f"{name} has no box; expected x0, y0, x1, y1 in px, run 'meot data check' and give it one")
    if not np.isfinite(box).all():
        raise DataError(f"{name} has the box {box}; expected four numbers, run 'meot data check' and mend it")
    if box[2] <= box[0] or box[3] <= box[1]:
        raise DataError(f"{name} has the box {box}, reversed or without area; expected x0 < x1 and y0 < y1; mend it")
    return box


def check_boxes(rows: Sequence[Row], classes: Sequence[str]) -> None:
    """DataError for the first thing in ``rows`` of one of ``classes`` that has no usable box, see :func:`box_of`."""
    for row in rows:
        for place, thing in enumerate(row.objects):
            if thing.label in classes:
                box_of(thing, row, place)


def read_scene(row: Row, classes: Sequence[str]) -> Scene:
    """A row's photo and its things whose label is in ``classes``, boxes cut at the photo's edges.

    DataError when the photo cannot be read, a box is not usable (:func:`box_of`) or lies outside the photo.
    """
    image = read_rgb(row.photo)
    height, width = image.shape[:2]
    chosen = [(i, thing) for i, thing in enumerate(row.objects) if thing.label in classes]
    boxes = np.array([box_of(thing, row, i) for i, thing in chosen], np.float64).reshape(-1, 4)
    inside = np.clip(boxes, 0, (width, height, width, height))
    lost = np.flatnonzero((inside[:, 2] <= inside[:, 0]) | (inside[:, 3] <= inside[:, 1]))
    if len(lost):
        place, thing = chosen[int(lost[0])]
        raise DataError(
            f"{row.photo}: object {place + 1} ({thing.label!r}) has a box outside the photo of {width}x{height} px; "
            "mend it, or run 'meot data check' to see all of them"
        )
    outlines = tuple(
        tuple(np.asarray(outline, np.float64).reshape(-1, 2) for outline in thing.polygons) for _, thing in chosen
    )
    labels = np.array([classes.index(thing.label) for _, thing in chosen], np.int64)
    return Scene(image, inside, labels, outlines, np.array([thing.crowd for _, thing in chosen], bool))


def fit(scene: Scene, canvas: tuple[int, int]) -> tuple[Scene, float]:
    """The photo as large as it fits into ``canvas`` (height, width), in its top left corner, the rest black.

    Returns the scene and the factor by which it was enlarged.
    """
    height, width = scene.image.shape[:2]
    scale = min(canvas[0] / height, canvas[1] / width)
    size = (min(canvas[1], max(1, round(width * scale))), min(canvas[0], max(1, round(height * scale))))
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    image = np.zeros((*canvas, 3), np.uint8)
    image[: size[1], : size[0]] = cv2.resize(scene.image, size, interpolation=smooth)
    outlines = tuple(tuple(outline * scale for outline in thing) for thing in scene.outlines)
    return replace(scene, image=image, boxes=scene.boxes * scale, outlines=outlines), scale


def vary(scene: Scene, rng: Generator, *, zoom: float, rotate: float, colour: float, visible: float = 0.3) -> Scene:
    """A random view of the same size: mirrored, zoomed, moved, turned, recoloured, its things moved with it.

    zoom: largest factor in and out, 1 for none; rotate: degrees; colour: 0..1. A thing of whose box less than
    ``visible`` remains in sight is left out. Boxes of things with outlines stay tight when the photo is turned.
    """
    height, width = scene.image.shape[:2]
    whole = (0.0, 0.0, float(width), float(height))
    matrix = augment.view_matrix(
        whole, (height, width), rng, zoom=(1 / zoom, zoom), shift=0.05, rotate=rotate, stretch=0.1
    )
    image = cv2.warpAffine(scene.image, matrix, (width, height), flags=cv2.INTER_LINEAR)
    outlines = tuple(tuple(_moved(outline, matrix) for outline in thing) for thing in scene.outlines)
    boxed = map(corners, scene.boxes)
    points = [np.concatenate(o) if o else _moved(c, matrix) for o, c in zip(outlines, boxed, strict=True)]
    boxes = np.array([[*p.min(0), *p.max(0)] for p in points], np.float64).reshape(-1, 4)
    inside = np.clip(boxes, 0, (width, height, width, height))
    kept = _area(inside) >= np.maximum(visible * _area(boxes), 4.0)
    seen = augment.recolour(np.asarray(image, np.uint8), rng, strength=colour)
    return replace(scene, image=seen, boxes=inside, outlines=outlines).at(kept)


def masks_of(scene: Scene) -> NDArray[np.uint8]:
    """(n, H, W) uint8, 1 where a thing is: its outlines filled, its box when it has none. Edges are never smoothed."""
    masks = np.zeros((len(scene.labels), *scene.image.shape[:2]), np.uint8)
    for mask, outlines, box in zip(masks, scene.outlines, scene.boxes, strict=True):
        points = [np.round(outline).astype(np.int32) for outline in outlines or (corners(box),)]
        cv2.fillPoly(mask, points, 1)
    return masks


def _moved(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float64)


def _area(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), np.float64)


def things_of_masks(table: Table, *, by: Literal["labels", "regions"], least: float = 0.001) -> Table:
    """The table with one thing a photo for each garment in its mask: box around it, outlines of its pieces.

    by: "labels" as the mask names them, "regions" as the taxonomy's garment regions. least: share of the photo that
    a garment covers; specks of less are left out. Rows without a mask are left out. The box of a pair of shoes is
    around both. DataError for a mask that cannot be read, and when nothing in the table names its masks' values.
    """
    if not table.mask_names:
        raise DataError("the table does not name its masks' values; expected mask_names in its head; import again")
    names = _garments(table, by)
    rows = [row for row in table.rows if row.mask is not None]
    made = [
        replace(row, objects=_things(read_ids(row.mask, row.photo), names, least))
        for row in tqdm(rows, desc="masks", mininterval=5)
    ]
    classes = tuple(dict.fromkeys(names.values()))
    return replace(table, rows=tuple(made), classes=classes)


def _garments(table: Table, by: Literal["labels", "regions"]) -> dict[int, str]:
    """Mask value -> class of every value that is a garment."""
    terms, names = taxonomy.load(), {}
    for value, name in sorted(table.mask_names.items()):
        try:
            region = terms.region_of("ccp", name)
        except KeyError:
            raise DataError(
                f"mask value {value} is called {name!r}, which the taxonomy does not know; give the table boxes"
            ) from None
        if region.garment:
            names[value] = name if by == "labels" else region.id
    return names


def _things(ids: NDArray[np.uint8], names: dict[int, str], least: float) -> tuple[Object, ...]:
    things = []
    for name in dict.fromkeys(names.values()):
        mask = np.isin(ids, [value for value, own in names.items() if own == name])
        pieces, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        kept = [piece for piece in pieces if cv2.contourArea(piece) >= max(least * mask.size / 4, 3)]
        if mask.sum() < least * mask.size or not kept:
            continue
        points = np.concatenate(kept)[:, 0].astype(float)
        (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
        outlines = tuple(tuple(piece.astype(float).ravel().tolist()) for piece in kept)
        things.append(Object(label=name, box=(x0, y0, x1 + 1, y1 + 1), polygons=outlines))
    return tuple(things)
