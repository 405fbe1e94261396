"""Which photos show one product: by the folder they lie in, by their names, or by what is on them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meot.catalogue.sources.text import clean
from meot.errors import PhotoError
from meot.photos import SUFFIXES, find

MOST_PHOTOS = 12
"""Photos of one product that are read; a source takes no more either."""
WAYS = ("auto", "folder", "name", "likeness")
ALIKE = 0.75
"""Cosine from which two garments are taken for one, see docs/listing.md."""
_VIEWS = (
    "front|back|side|left|right|top|bottom|main|detail|details|close|closeup|zoom|model|flat|hanger|label|tag|full|"
    "alt|view|photo|image|img|pic|앞|뒤|옆|앞면|뒷면|옆면|정면|후면|측면|상세|디테일|대표|메인|전체|착용|모델|착샷|사진"
)
_TAIL = re.compile(rf"(?:^|[\s_\-.()\[\]]+)(?:(?:{_VIEWS})?[\s_\-]*\d{{0,3}}|{_VIEWS})[\s)\]]*$", re.IGNORECASE)
_CAMERA = re.compile(
    r"(?:(?:img|dsc[nf]?|pxl|mvimg|kakaotalk|photo|image|screenshot|사진)[\s_\-\d]*|p\d{6,})?", re.IGNORECASE
)
_FRONT = re.compile(r"(?:^|[\s_\-.])(?:main|front|앞|앞면|정면|대표|메인)(?=$|[\s_\-.\d])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Group:
    """The photos of one product, in the order of their names. left_out: how many more there are than are read."""

    name: str
    photos: tuple[Path, ...]
    left_out: int = 0


def group(given: Sequence[Path], way: str = "auto") -> tuple[list[Group], list[tuple[str, str]]]:
    """The groups of the photos at ``given`` (photos and folders), and (name, reason) of what cannot be one: folders
    without a photo, photos whose names are no text.

    "auto": a folder below a given one is a product, unless the names of its photos tell several; photos that lie in a
    given folder, or are given themselves, go by name. "likeness" makes every photo a group; see :func:`merge`.
    PhotoError when something given does not exist, or there is no photo at all.
    """
    found: dict[str, list[Path]] = {}
    empty: list[tuple[str, str]] = []
    for root in given:
        empty += _empty_folders(root)
        try:
            files = list(find(root))
            unnamed = [file for file in files if not _is_text(file)]
            empty += [(_tidy(file.name), f"{_tidy(str(file))}: its name is no text; rename it") for file in unnamed]
            files = [file for file in files if file not in unnamed]
        except PhotoError:
            if not root.is_dir():
                raise
            files = []
        for name, photos in _of_root(root, files, way):
            found.setdefault(name, []).extend(photos)
    if not found:
        names = ", ".join(str(root) for root in given)
        raise PhotoError(f"{names}: expected photos of products, got none; check the path")
    return [_limited(name, photos) for name, photos in found.items()], empty


def _empty_folders(root: Path) -> list[tuple[str, str]]:
    """Folders that hold neither photos nor folders."""
    if not root.is_dir():
        return []
    folders = [root, *sorted(path for path in root.rglob("*") if path.is_dir())]
    visible = [f for f in folders if not any(part.startswith(".") for part in f.relative_to(root).parts)]
    bare = [f for f in visible if not any(p.is_dir() or p.suffix.lower() in SUFFIXES for p in f.iterdir())]
    return [(_label(f, root), f"{f}: no photos in this folder; add some or take it away") for f in bare]


def _label(folder: Path, root: Path) -> str:
    inside = folder.relative_to(root).as_posix()
    return _tidy(folder.absolute().name if inside == "." else inside)


def _of_root(root: Path, files: Sequence[Path], way: str) -> list[tuple[str, list[Path]]]:
    if way == "likeness":
        return [(_own_name(file, root), [file]) for file in files]
    folders: dict[Path, list[Path]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(file)
    groups: list[tuple[str, list[Path]]] = []
    for folder, photos in folders.items():
        below = root.is_dir() and folder != root
        if way == "folder" or (way == "auto" and below and len(_names(photos)) <= 1):
            groups.append((_label(folder, root if root.is_dir() else folder), photos))
        else:
            groups += _by_name(photos, root)
    return groups


def _names(photos: Sequence[Path]) -> set[str]:
    return {name for photo in photos if (name := product_name(photo.stem))}


def _by_name(photos: Sequence[Path], root: Path) -> list[tuple[str, list[Path]]]:
    """Photos whose names tell a product together, every other by itself."""
    groups: dict[str, list[Path]] = {}
    for photo in photos:
        told = product_name(photo.stem)
        name = _own_name(photo.with_name(told), root, suffix=False) if told else _own_name(photo, root)
        groups.setdefault(name, []).append(photo)
    return list(groups.items())


def _own_name(photo: Path, root: Path, *, suffix: bool = True) -> str:
    inside = photo.relative_to(root) if root.is_dir() else Path(photo.name)
    return _tidy((inside.with_suffix("") if suffix else inside).as_posix())


def product_name(stem: str) -> str:
    """The product that a photo's name tells: "A12" of "A12_1", "A12-front" and "A12 (2)"; empty for a camera's name."""
    whole = name = unicodedata.normalize("NFC", stem).strip()
    while (shorter := _TAIL.sub("", name)) != name:
        name = shorter
    counted = name == whole and name.isdecimal()  # 0001 counts photos, the 10001 of 10001_1 is a product
    return "" if counted or not name or _CAMERA.fullmatch(name) else _tidy(name)


def folder_name(folder: str) -> str:
    """What a folder's product is called where photos lie in no folders, and only their names tell it.

    The folder's own name where photos can be numbered behind it; "coat1" for "coat_1", and "xphoto1" for "photo1".
    """
    plain = re.sub(r"[\W_]+", "", folder)
    tried = (folder, plain, f"x{plain}")
    return next((name for name in tried if product_name(f"{name}_1") == name), tried[-1])


def _tidy(name: str) -> str:
    return clean(unicodedata.normalize("NFC", name)) or "photo"


def _is_text(file: Path) -> bool:
    """Whether a file's name can be stored and shown; other systems leave bytes behind that no encoding fits."""
    try:
        str(file).encode()
    except UnicodeEncodeError:
        return False
    return True


def _limited(name: str, photos: Sequence[Path]) -> Group:
    ordered = sorted(dict.fromkeys(photos), key=_natural)
    return Group(name, tuple(ordered[:MOST_PHOTOS]), max(0, len(ordered) - MOST_PHOTOS))


def _natural(photo: Path) -> tuple[bool, list[tuple[int, str]]]:
    """Photos that are called the front first, then A2 before A10."""
    parts = re.findall(r"\d+|\D+", photo.stem)
    return not is_front(photo), [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def is_front(photo: Path) -> bool:
    """Whether a photo's name says that it is the main one, or shows the front."""
    return _FRONT.search(photo.stem) is not None


def merge(vectors: NDArray[np.float32], regions: Sequence[str], *, alike: float = ALIKE) -> list[list[int]]:
    """Places of photos that show one product, from (N, D) float32 unit vectors of what each shows and its region.

    Photos of one product are taken one after another, and two products may look the same; so a photo joins the group
    before it when it is at least ``alike`` to each member, or else begins one. One without a garment (region "") stays
    by itself.
    """
    groups: list[list[int]] = []
    for place, region in enumerate(regions):
        last = groups[-1] if groups else []
        if last and region and regions[last[0]] == region and float((vectors[last] @ vectors[place]).min()) >= alike:
            last.append(place)
        else:
            groups.append([place])
    return groups
