"""Names for photos that came in folders and are kept in one: they tell the same products as the folders did."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import commonpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from meot.answers.listing.group import folder_name, product_name

if TYPE_CHECKING:
    from meot.answers.listing.desk import Facts


def name_flat(paths: Sequence[str]) -> list[str]:
    """A name for each photo, of its path in a ZIP ("tops/A12/front.jpg"), unlike those of other products.

    A folder below the one that holds all is a product, unless the names in it tell several, as in
    :func:`meot.answers.listing.group.group`.
    """
    inside = _without_top([_plain(path) for path in paths])
    told: dict[PurePosixPath, set[str]] = {}
    for path in inside:
        told.setdefault(path.parent, set()).add(product_name(path.stem))
    counted: dict[PurePosixPath, int] = {}
    names = []
    for path in inside:
        counted[path.parent] = counted.get(path.parent, 0) + 1
        is_product = bool(path.parent.name) and len(told[path.parent] - {""}) <= 1
        names.append(_of_folder(path, counted[path.parent]) if is_product else path.name)
    return names


def with_folders(facts: Facts) -> Facts:
    """Facts, those of a folder's product under the name, too, that its photos have here: coat1 for those of coat_1.

    What is said of a product by its own name counts before that, and two folders of one name have none in common.
    """
    called: dict[str, list[str]] = {}
    for product in facts:
        called.setdefault(folder_name(product.rsplit("/", 1)[-1]).casefold(), []).append(product)
    more = {name: facts[folders[0]] for name, folders in called.items() if len(folders) == 1}
    return {**more, **facts}


def _plain(path: str) -> PurePosixPath:
    """A path without what would lead out of its folder."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return PurePosixPath(*parts)


def _without_top(paths: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """The paths below the folder that holds them all."""
    folders = [str(path.parent) for path in paths]
    top = commonpath(folders) if folders and all(folder != "." for folder in folders) else ""
    return [path.relative_to(top) if top else path for path in paths]


def _of_folder(path: PurePosixPath, number: int) -> str:
    """A photo's name with its folder's before it; counted where the two together would tell another product."""
    product = folder_name(path.parent.name)
    name = f"{product}_{path.name}"
    return name if product_name(PurePosixPath(name).stem) == product else f"{product}_{number}{path.suffix}"
