"""Between rows of the database and the values that travel: garments, vectors, what an index filters by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import RowMapping

from meot.errors import CatalogueError
from meot.taxonomy import Taxonomy
from meot.types import Box, Garment, Label, Product, Shade

_STORED = np.dtype("<f4")
_PRODUCT = tuple(field.name for field in fields(Product))


def models_key(models: Mapping[str, str]) -> str:
    """One text for a set of models, the same whatever their order."""
    return json.dumps(dict(sorted(models.items())), ensure_ascii=False)


def without_taught(models: Mapping[str, str]) -> dict[str, str]:
    """The models without the revision of what was taught."""
    return {part: name for part, name in models.items() if part != "taught"}


@dataclass(frozen=True, slots=True, eq=False)
class Attributes:
    """What an index filters by. garments: (G,) int64, the keys of all garments, ascending.

    The other arrays have one row for each product that shows a garment, (R,): garment and product int64 keys; price
    float64, NaN when unknown; region and category int16, positions in the taxonomy, -1 when it does not know them;
    colours int64, bit i for the taxonomy's colour i.
    """

    garments: NDArray[np.int64]
    garment: NDArray[np.int64]
    product: NDArray[np.int64]
    price: NDArray[np.float64]
    region: NDArray[np.int16]
    category: NDArray[np.int16]
    colours: NDArray[np.int64]


class Vectors(NamedTuple):
    """keys: (N,) int64 ascending. vectors: (N, D) float32, unit length. generation: the state they were taken from."""

    keys: NDArray[np.int64]
    vectors: NDArray[np.float32]
    attributes: Attributes
    generation: int


@dataclass(frozen=True, slots=True, eq=False)
class StoredGarment:
    """A garment with its key and its photo's key in the catalogue."""

    key: int
    photo: int
    garment: Garment


def garment_row(garment: Garment, *, photo: int, place: int) -> dict[str, Any]:
    """The row of a garment; ``place`` counts from the most prominent, 0."""
    components = {}
    for name, said in garment.components.items():
        components[name] = {"id": said.id, "score": said.score, "sure": said.sure}
        components[name] |= {"names": dict(said.names)} if said.names else {}
    return {
        "photo": photo,
        "place": place,
        "region": garment.region,
        "category": garment.category.id,
        "category_score": float(garment.category.score),
        "sure": bool(garment.category.sure),
        "runner_up": garment.category.runner_up,
        "score": float(garment.score),
        **{name: float(edge) for name, edge in zip(("x0", "y0", "x1", "y1"), garment.box, strict=True)},
        "area": float(garment.area),
        "person": garment.person,
        "deepfashion2": garment.deepfashion2,
        "colours": json.dumps([{"id": c.id, "hex": c.hex, "share": round(float(c.share), 4)} for c in garment.colours]),
        "components": json.dumps(components),
        "vector": np.asarray(garment.vector, _STORED).tobytes(),
    }


def as_garment(row: RowMapping) -> StoredGarment:
    """The garment of a row of ``garments``."""
    category = Label(id=row["category"], score=row["category_score"], sure=row["sure"], runner_up=row["runner_up"])
    garment = Garment(
        region=row["region"],
        category=category,
        box=Box(row["x0"], row["y0"], row["x1"], row["y1"]),
        score=row["score"],
        area=row["area"],
        person=row["person"],
        deepfashion2=row["deepfashion2"],
        colours=tuple(Shade(**shade) for shade in json.loads(row["colours"])),
        components={name: Label(**label) for name, label in json.loads(row["components"]).items()},
        vector=as_vectors([row["vector"]])[0],
    )
    return StoredGarment(row["key"], row["photo"], garment)


def as_product(row: RowMapping) -> Product:
    """The product of a row of ``products``."""
    return Product(**{name: row[name] for name in _PRODUCT})


def as_vectors(blobs: list[bytes]) -> NDArray[np.float32]:
    """(N, D) float32 of N stored vectors; (0, 0) of none. CatalogueError when they are not of one length."""
    if not blobs:
        return np.zeros((0, 0), np.float32)
    sizes = sorted({len(blob) // _STORED.itemsize for blob in blobs})
    if len(sizes) > 1:
        raise CatalogueError(
            f"expected vectors of one encoder, got lengths {', '.join(map(str, sizes))}; ask for those of one set of "
            "models, or run `meot catalogue add` again to have all photos read alike"
        )
    return np.frombuffer(b"".join(blobs), _STORED).reshape(len(blobs), -1).astype(np.float32)


def colour_ids(colours: str) -> tuple[str, ...]:
    """The ids in a stored list of shades, largest share first."""
    return tuple(shade["id"] for shade in json.loads(colours))


def as_attributes(
    garments: Iterable[tuple[int, str, str, str]], links: Iterable[tuple[int, int, float | None]], taxonomy: Taxonomy
) -> Attributes:
    """From (key, region, category, colours) of all garments, keys ascending, and (garment, product, price) links."""
    regions = {r.id: i for i, r in enumerate(taxonomy.regions)}
    categories = {c.id: i for i, c in enumerate(taxonomy.categories)}
    bits = {c.id: 1 << i for i, c in enumerate(taxonomy.colours)}
    known = [
        (key, regions.get(region, -1), categories.get(category, -1), sum(bits.get(c, 0) for c in colour_ids(colours)))
        for key, region, category, colours in garments
    ]
    table = np.array(known, np.int64).reshape(-1, 4)
    linked = np.array([(g, p, np.nan if price is None else price) for g, p, price in links], np.float64).reshape(-1, 3)
    of_garment = linked[:, 0].astype(np.int64)  # keys stay exact in float64 up to 2**53
    at = np.searchsorted(table[:, 0], of_garment)
    return Attributes(
        garments=table[:, 0],
        garment=of_garment,
        product=linked[:, 1].astype(np.int64),
        price=linked[:, 2],
        region=table[at, 1].astype(np.int16),
        category=table[at, 2].astype(np.int16),
        colours=table[at, 3],
    )


def name_garments(garments: Iterable[tuple[str, str, str]], taxonomy: Taxonomy) -> str:
    """The words by which what was read is found: names of regions, categories and colours in every language.

    garments: (region, category, colours) of stored garments. Each name is said once.
    """
    said: dict[str, None] = {}
    regions, categories = {r.id: r for r in taxonomy.regions}, {c.id: c for c in taxonomy.categories}
    colours = {c.id: c for c in taxonomy.colours}
    for region, category, shades in garments:
        for id in colour_ids(shades):
            if id in colours:
                said.update(dict.fromkeys((*colours[id].names.values(), *colours[id].also)))
        # a class that a person taught is not in the taxonomy: it is found by its id
        known = categories[category].names.values() if category in categories else [category.replace("_", " ")]
        said.update(dict.fromkeys(known))
        if region in regions:
            said.update(dict.fromkeys(regions[region].names.values()))
    return " · ".join(said)
