"""Between rows of the database and the values that travel: garments, vectors, what an index filters by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

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
