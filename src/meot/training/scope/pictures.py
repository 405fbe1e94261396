"""Pictures that the scope model learns from: photos of clothes and what is made of them, and pictures without any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from meot import taxonomy
from meot.data import negatives, studio
from meot.data.images import read_ids, read_rgb
from meot.data.sources import ccp, clothing
from meot.data.table import Row, Split

if TYPE_CHECKING:
    from meot.training.recipes.scope import ScopeRecipe

Image = NDArray[np.uint8]


class Example(NamedTuple):
    """A picture: (H, W, 3) uint8, and whether it shows clothes."""

    pixels: Image
    clothes: bool


def examples(recipe: ScopeRecipe, rng: Generator) -> Iterator[Example]:
    """Pictures with clothes, then pictures without, all of the train splits."""
    yield from clothes(recipe, rng)
    for kind in negatives.DRAWN:
        for _ in range(recipe.drawn * (2 if kind in ("thing", "animal") else 1)):
            yield Example(negatives.draw(kind, rng), False)
    lut = ccp.region_lut(taxonomy.load(), ccp.labels(recipe.data / "ccp"))
    streets = _some(ccp.read(recipe.data / "ccp", "train", masked_only=True), recipe.drawn, rng)
    floors = _some(clothing.read(recipe.data / "clothing", "train"), recipe.drawn, rng)
    for row in streets + floors:
        image, ids = read_rgb(row.photo), read_ids(row.mask, row.photo)
        inside = (lut[ids] if row.source == "ccp" else ids) > 0
        empty = negatives.backdrop(image, inside, rng, side=max(64, min(image.shape[:2]) // 5))
        if empty is not None:
            yield Example(empty, False)


def as_taken(recipe: ScopeRecipe, split: Split, rng: Generator) -> Iterator[Example]:
    """Photos of both sets as they are."""
    flat, street = _rows(recipe, split, rng)
    for row in flat + street:
        yield Example(read_rgb(row.photo), True)


def clothes(recipe: ScopeRecipe, rng: Generator) -> Iterator[Example]:
    """Training photos as they are, before studio walls, and as outlines of drawn cloth."""
    flat, street = _rows(recipe, "train", rng)
    for row in flat + street:
        yield Example(read_rgb(row.photo), True)
    for row in flat[: 2 * recipe.drawn]:
        yield Example(studio.shop_photo(read_rgb(row.photo), read_ids(row.mask, row.photo) > 0, rng), True)
    for row in flat[-recipe.drawn :]:
        yield Example(studio.drawn_cloth(read_ids(row.mask, row.photo) > 0, rng), True)
    terms = taxonomy.load()
    lut = ccp.region_lut(terms, ccp.labels(recipe.data / "ccp"))
    alone = [terms.region(name).value for name in ("feet", "bag", "head")]
    for row in street[: 2 * recipe.drawn]:
        image, regions = read_rgb(row.photo), lut[read_ids(row.mask, row.photo)]
        if not regions.any():
            continue
        yield Example(studio.shop_photo(image, studio.part_of_person(regions > 0, rng), rng), True)
        large = [value for value in alone if (regions == value).mean() > 0.008]
        if large:
            yield Example(studio.shop_photo(image, regions == rng.choice(large), rng), True)


def _some(rows: list[Row], count: int, rng: Generator) -> list[Row]:
    """At most ``count`` of the rows, in random order."""
    return [rows[i] for i in rng.permutation(len(rows))[:count]]


def _rows(recipe: ScopeRecipe, split: Split, rng: Generator) -> tuple[list[Row], list[Row]]:
    """Flat lays and street photos of a split."""
    flat = _some(clothing.read(recipe.data / "clothing", split), recipe.photos, rng)
    return flat, _some(ccp.read(recipe.data / "ccp", split, masked_only=split == "train"), recipe.photos // 3, rng)
