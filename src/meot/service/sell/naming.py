"""Names for photos that came in folders and are kept in one: they tell the same products as the folders did."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import count
from os.path import commonpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from meot.answers.listing.group import folder_name, product_name
from meot.service.sell.photos import plain_stem

if TYPE_CHECKING:
    from meot.answers.listing.desk import Facts

_LONGEST = 48
"""Characters of a name; with letters and a number behind it, it still is one that a copy may have."""


def name_flat(paths: Sequence[str]) -> list[str]:
    """A name for each photo, of its path in a ZIP ("tops/A12/front.jpg"), unlike those of other products.

    A folder below the one that holds all is a product, unless the names in it tell several, as in
    :func:`meot.answers.listing.group.group`. Its own name is what the product is called ("A12"), with the folders
    around it where several are called so ("tops_A12", "bottoms_A12").
    """
    inside = _without_top([_plain(path) for path in paths])
    products = _products(inside)
    called = _called(list(dict.fromkeys(product for product in products if product is not None)))
    counted: dict[PurePosixPath, int] = {}
    names = []
    for path, product in zip(inside, products, strict=True):
        if product is None or (product != path.parent and called[product] == product.name):
            names.append(path.name)
            continue
        counted[product] = counted.get(product, 0) + 1
        own = path.stem if product == path.parent else path.stem.removeprefix(product.name).lstrip(" _-")
        names.append(_behind(called[product], own, counted[product]) + path.suffix)
    return names


def with_folders(facts: Facts) -> Facts:
    """Facts, those of a folder's product under the names, too, that its photos may have here: coat1 for coat_1's, A12
    and tops_A12 for those of tops/A12.

    What is said of a product by its own name counts before that, and two folders of one name have none in common.
    """
    called: dict[str, list[str]] = {}
    for product in facts:
        parts = _plain(product).parts or (product,)
        for name in {_join(parts[start:]).casefold() for start in range(max(0, len(parts) - _LONGEST), len(parts))}:
            called.setdefault(name, []).append(product)
    more = {name: facts[folders[0]] for name, folders in called.items() if len(folders) == 1}
    return {**more, **facts}


def _products(paths: Sequence[PurePosixPath]) -> list[PurePosixPath | None]:
    """The product that each photo shows, as a path: its folder, or what its own name tells; None where that is none."""
    told: dict[PurePosixPath, set[str]] = {}
    for path in paths:
        told.setdefault(path.parent, set()).add(product_name(path.stem))
    products: list[PurePosixPath | None] = []
    for path in paths:
        name = product_name(path.stem)
        is_product = bool(path.parent.name) and len(told[path.parent] - {""}) <= 1
        products.append(path.parent if is_product else path.parent / name if name else None)
    return products


def _called(products: Sequence[PurePosixPath]) -> dict[PurePosixPath, str]:
    """What each product is called, each another name."""
    shared = Counter(_join(product.parts[-1:]) for product in products)
    called: dict[PurePosixPath, str] = {}
    taken: set[str] = set()
    for product in products:
        own = _join(product.parts[-1:])
        name = own if shared[own] == 1 or len(product.parts) == 1 else _join(product.parts)
        tried = (name + _letters(number) for number in count())  # coat_1 and coat-1
        called[product] = next(each for each in tried if each not in taken)
        taken.add(called[product])
    return called


def _letters(number: int) -> str:
    """Nothing for 0, then x, y, z, xx, xy ...: digits would be taken for a photo's number."""
    return _letters((number - 1) // 3) + "xyz"[(number - 1) % 3] if number else ""


def _join(parts: Sequence[str]) -> str:
    """A path as a product's name, as a copy may be called; where it is long its end counts: photos are numbered behind
    it.
    """
    name = "_".join(parts)
    if len(parts) > 1 or len(name) > _LONGEST:
        name = name[-_LONGEST:].strip(" ._-")
    return folder_name(plain_stem(f"{name}.jpg"))


def _plain(path: str) -> PurePosixPath:
    """A path without what would lead out of its folder."""
    path = unicodedata.normalize("NFC", path)  # a Mac packs the parts of letters
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return PurePosixPath(*parts)


def _without_top(paths: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """The paths below the folder that holds them all."""
    folders = [str(path.parent) for path in paths]
    top = commonpath(folders) if folders and all(folder != "." for folder in folders) else ""
    return [path.relative_to(top) if top else path for path in paths]


def _behind(product: str, own: str, number: int) -> str:
    """A photo's own name with its product's before it; counted where the two together would tell another product."""
    name = f"{product}_{own}" if own else product
    return name if product_name(plain_stem(f"{name}.jpg")) == product else f"{product}_{number}"
