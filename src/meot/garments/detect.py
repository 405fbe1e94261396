"""Region map -> garments: which pixels make one garment, its box, whose it is."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.garments.parse import Parse
from meot.models.raster import connected, grow, resize, shrink
from meot.taxonomy import Taxonomy
from meot.types import Box

_SPECK = 0.0008
"""Share of the photo below which pixels of a region are noise."""
_PART = 0.1
"""A piece of a garment is kept when it is at least this share of its largest piece (a sleeve, the other shoe)."""
_PART_OF_ONE_PIECE = 0.3
"""The same for bags and headwear, which come in one piece: a second one is more likely a mistake."""
_OTHER_PERSON = 0.12
"""A second figure counts as a person when it is at least this share of the largest."""


class Found(NamedTuple):
    """A garment's pixels.

    region: id. mask: (h, w) bool at the parser's size. box: in the same pixels. score: 0..1. person: 0 the main one.
    """

    region: str
    mask: NDArray[np.bool_]
    box: Box
    score: float
    person: int


def box_of(mask: NDArray[np.bool_]) -> Box:
    """The smallest box around the True pixels of (h, w) ``mask``, which must have some."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return Box(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


def pieces(mask: NDArray[np.bool_], part: float) -> NDArray[np.bool_]:
    """(h, w) ``mask`` without the pieces that are smaller than ``part`` (0..1) of its largest piece."""
    if not mask.any():
        return mask
    x0, y0, x1, y1 = (int(edge) for edge in box_of(mask))
    found = connected(mask[y0:y1, x0:x1])  # most garments fill a small part of the photo
    if len(found.areas) <= 1:
        return mask
    kept, large = np.concatenate([[False], found.areas >= part * found.areas.max()]), np.zeros(mask.shape, np.bool_)
    large[y0:y1, x0:x1] = kept[found.names]
    return large


def people(regions: NDArray[np.uint8], taxonomy: Taxonomy) -> NDArray[np.int32]:
    """(h, w) int32: 0 background, 1 the main person's pixels, 2.. other people from large to small.

    A person is a figure of connected foreground with skin or hair; touching figures with two heads are cut between
    the heads. Loose things (a bag on the ground) go to the nearest person.
    """
    hair = regions == taxonomy.region("hair").value
    body = hair | (regions == taxonomy.region("skin").value)
    figures, areas, boxes, _ = connected(shrink(grow(regions > 0, 2), 2))
    if len(areas) == 0:
        return np.zeros(regions.shape, np.int32)
    bodies = np.bincount(figures[body], minlength=len(areas) + 1)[1:]
    order = np.argsort(-areas)
    kept = [i for i in order if areas[i] >= _OTHER_PERSON * areas[order[0]] and bodies[i] >= 0.01 * areas[i]]
    kept = kept or [int(order[0])]
    owner = np.zeros(len(areas) + 1, np.int32)
    for i in order:
        if i in kept:
            owner[i + 1] = kept.index(i) + 1
        elif areas[i] >= _SPECK * regions.size:
            gaps = [_gap(boxes[i], boxes[k]) for k in kept]
            nearest = int(np.argmin(gaps))
            owner[i + 1] = nearest + 1 if gaps[nearest] < 0.1 * max(regions.shape) else 0
    return _cut_between_heads(owner[figures] * (regions > 0), hair)


def _gap(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Pixels between two xyxy boxes."""
    across = max(0, int(max(a[0], b[0]) - min(a[2], b[2])))
    down = max(0, int(max(a[1], b[1]) - min(a[3], b[3])))
    return float(np.hypot(across, down))


def _cut_between_heads(owners: NDArray[np.int32], hair: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Cut a figure with two heads side by side into columns, one a head."""
    cut = owners.copy()
    following = int(owners.max()) + 1
    for person in range(1, int(owners.max()) + 1):
        mine = owners == person
        _, areas, _, centres = connected(hair & mine)
        if len(areas) < 2:
            continue
        heads = sorted(
            float(centres[i, 0])
            for i in np.flatnonzero(areas >= max(0.35 * areas.max(), 0.012 * np.count_nonzero(mine)))
        )
        width = box_of(mine).x1 - box_of(mine).x0
        if len(heads) < 2 or min(np.diff(heads)) < 0.3 * width:
            continue
        for edge_left, edge_right in pairwise(heads):
            beyond = mine & (np.arange(owners.shape[1]) > (edge_left + edge_right) / 2)[None, :]
            cut[beyond] = following
            following += 1
    return cut


def worn_garments(parse: Parse, taxonomy: Taxonomy) -> list[Found]:
    """The garments of everybody in the photo, the main person's first, each region once a person."""
    owners = people(parse.regions, taxonomy)
    values = max(region.value for region in taxonomy.regions) + 1
    whose = owners * values + parse.regions  # a number for each region of each person
    sizes = np.bincount(whose.ravel(), minlength=values * (int(owners.max()) + 1)).reshape(-1, values)
    found = []
    for rank, person in enumerate(_by_size(sizes.sum(1))):
        for region in taxonomy.regions:
            if not region.garment or sizes[person, region.value] < _SPECK * owners.size:
                continue
            mask = pieces(
                whose == person * values + region.value, _PART_OF_ONE_PIECE if region.id in ("bag", "head") else _PART
            )
            box, share = box_of(mask), np.count_nonzero(mask) / mask.size
            score = _certainty(parse.probabilities[region.value], mask, box) * _trust(share, rank)
            found.append(Found(region.id, mask, box, score, rank))
    return found


def _by_size(sizes: NDArray[np.int64]) -> list[int]:
    """The people, 1.., from the one with the most pixels on; 0 is nobody."""
    return [int(p) for p in np.argsort(-sizes, kind="stable") if p != 0 and sizes[p] > 0]


def _certainty(probability: NDArray[np.float32], mask: NDArray[np.bool_], box: Box) -> float:
    """Mean probability (h/4, w/4) over the mask (h, w), all in ``box``: high when the model hardly doubted a pixel."""
    down, across = mask.shape[0] // probability.shape[0], mask.shape[1] // probability.shape[1]
    rows = slice(max(0, int(box.y0) // down - 3), int(box.y1) // down + 4)  # no pixel of a garment weighs further off
    columns = slice(max(0, int(box.x0) // across - 3), int(box.x1) // across + 4)
    near = probability[rows, columns]
    own = mask[rows.start * down : rows.stop * down, columns.start * across : columns.stop * across]
    weight = resize(own.astype(np.float32), *near.shape)
    return float((near * weight).sum() / max(float(weight.sum()), 1e-6))


def _trust(share: float, person: int) -> float:
    """How far to trust a garment of that share of the photo (0..1): less when tiny, less on people behind."""
    return float(min(1.0, share / 0.02) ** 0.15 * (1.0 if person == 0 else 0.6))


def single_garment(parse: Parse) -> tuple[NDArray[np.bool_], Box, float]:
    """Mask (h, w), box in pixels of the map, and score 0..1 of the one garment of a flat lay: the foreground's main
    pieces, or all of the photo where less than a hundredth is foreground.
    """
    there = 1 - parse.probabilities[0]
    mask = np.asarray(parse.regions > 0, np.bool_)
    if np.count_nonzero(mask) < 0.01 * mask.size:
        height, width = mask.shape
        return np.ones(mask.shape, np.bool_), Box(0, 0, float(width), float(height)), float(there.max() ** 2)
    mask = pieces(mask, 0.1)
    box = box_of(mask)
    return mask, box, _certainty(there, mask, box)
