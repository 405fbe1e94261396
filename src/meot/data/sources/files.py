"""Files of unknown origin -> values of the type asked for, or a DataError that names file and line or item."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from meot import photos
from meot.data.table import Split
from meot.errors import DataError

MOST_JSON_BYTES = 2 << 30
MOST_TEXT_BYTES = 256 << 20
_SPLIT_WORDS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
SPLIT_FOLDERS: dict[Split | None, str] = {"train": "train", "validation": "val", "test": "test", None: ""}
"""Split -> what data sets usually call its folder or file."""


def split_named(name: str) -> Split | None:
    """The split a file or folder name speaks of: "train", "instances_val2017", "valid"; None when of none."""
    words = re.findall(r"[a-z]+", name.lower())
    return next((_SPLIT_WORDS[word] for word in reversed(words) if word in _SPLIT_WORDS), None)


def text_of(file: Path, most: int = MOST_TEXT_BYTES) -> str:
    """A UTF-8 text file whole, its byte order mark left out. DataError when it is missing, too large, or no UTF-8."""
    try:
        if file.stat().st_size > most:
            raise DataError(f"{file}: larger than {most >> 20} MB; cut it into several files, one a split")
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: expected UTF-8 text, byte {error.start} is not; save the file as UTF-8") from None
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}); check the path") from None


def json_of(file: Path) -> dict[str, Any]:
    """The JSON object in a file; NaN and Infinity are numbers to it. DataError with the line where it breaks."""
    try:
        found = json.loads(text_of(file, MOST_JSON_BYTES))
    except json.JSONDecodeError as error:
        reason = f"broken JSON ({error.msg}); mend the line or fetch the file again"
        raise DataError(f"{file}:{error.lineno}: {reason}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        reason = str(error) or type(error).__name__
        raise DataError(f"{file}: JSON that cannot be read here ({reason}); cut it into several files") from None
    return table_of(found, str(file))


def yaml_of(file: Path) -> dict[str, Any]:
    """The YAML mapping in a file, every scalar as the text it is written as: "no" stays "no", "007" stays "007"."""
    import yaml  # type: ignore[import-untyped, unused-ignore]

    try:
        found = yaml.load(text_of(file, 16 << 20), Loader=yaml.BaseLoader)  # builds text, lists and mappings only
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataError(f"{file}:{line}: broken YAML ({error.problem}); mend the line") from None
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
        raise DataError(f"{file}: broken YAML ({str(error).splitlines()[0]}); mend the file") from None
    return table_of(found, str(file))


def csv_of(file: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Column names and (line, column -> text stripped of outer blanks) of a CSV file with a head line."""
    reader = csv.reader(io.StringIO(text_of(file), newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        rows.extend((reader.line_num, [cell.strip() for cell in row]) for row in reader)
    except csv.Error as error:
        raise DataError(f"{file}:{reader.line_num}: broken CSV ({error}); mend the line") from None
    if not rows:
        raise DataError(f"{file}: expected a CSV file with a head line, got an empty file")
    head = rows[0][1]
    if len(set(head)) != len(head) or not all(head):
        raise DataError(f"{file}:1: column names must be there and differ, got {', '.join(head)}")
    for line, cells in rows[1:]:
        if cells not in ([], [""]) and len(cells) != len(head):
            raise DataError(f"{file}:{line}: expected {len(head)} cells, got {len(cells)}; mend the line")
    return head, [(line, dict(zip(head, cells, strict=True))) for line, cells in rows[1:] if len(cells) == len(head)]


def table_of(value: Any, where: str) -> dict[str, Any]:
    """``value`` when it is a mapping; DataError otherwise, as with the other ``*_of``."""
    if not isinstance(value, dict):
        raise DataError(f"{where}: expected names with values, got {_short(value)}; mend the file")
    return value


def list_of(value: Any, where: str) -> list[Any]:
    """``value`` when it is a list."""
    if not isinstance(value, list):
        raise DataError(f"{where}: expected a list, got {_short(value)}; mend the file")
    return value


def name_of(value: Any, where: str) -> str:
    """``value`` when it is a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}: expected a name, got {_short(value)}; mend the file")
    return value


def number_of(value: Any, where: str) -> float:
    """``value`` as a float; NaN and infinities pass, the checker finds them."""
    try:
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            return float(value)
    except (ValueError, OverflowError):
        pass
    raise DataError(f"{where}: expected a number, got {_short(value)}; mend the file")


def whole_of(value: Any, where: str) -> int:
    """``value`` as a whole number."""
    number = number_of(value, where)
    if not math.isfinite(number) or number != int(number):
        raise DataError(f"{where}: expected a whole number, got {_short(value)}; mend the file")
    return int(number)


def numbers_of(value: Any, where: str, count: int | None = None) -> tuple[float, ...]:
    """``value`` as floats, ``count`` of them when that is given."""
    found = tuple(number_of(part, where) for part in list_of(value, where))
    if count is not None and len(found) != count:
        raise DataError(f"{where}: expected {count} numbers, got {len(found)}; mend the file")
    return found


def _short(value: Any) -> str:
    text = repr(value) if not isinstance(value, (dict, list)) else type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."


def photo_size(photo: Path) -> tuple[int, int] | None:
    """(height, width) px as stored, from the photo's first bytes; None when it is missing or no photo."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a picture of very many pixels is the checker's to report
            with Image.open(photo, formats=photos.FORMATS) as image:
                return image.height, image.width
    except Exception:  # Pillow raises whatever a damaged file makes it trip on
        return None


def inside(folder: Path, name: str, within: Path, where: str) -> Path:
    """``folder``/``name``, also where it is written with backslashes. DataError when that is not below ``within``.

    Only the names are looked at: a linked folder of photos is fine.
    """
    if "\0" in name or max(len(part.encode("utf-8", "surrogatepass")) for part in name.split("/")) > 255:
        raise DataError(f"{where}: {_short(name)} cannot be a file name (a zero byte, or too long); mend the file")
    found = folder / name
    if "\\" in name and not found.exists():
        found = folder / name.replace("\\", "/")
    found, root = Path(os.path.normpath(found)), Path(os.path.normpath(within))
    if Path(os.path.abspath(found)).is_relative_to(os.path.abspath(root)):
        return found
    raise DataError(f"{where}: {_short(name)} leads out of {within}; put the photos inside it or name their folder")


def pictures(folder: Path) -> list[Path]:
    """Photo files below a folder, by name, hidden ones left out; none is fine."""
    found = (p for p in folder.rglob("*") if p.suffix.lower() in photos.SUFFIXES and p.is_file())
    return sorted(p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts))


def folders_in(folder: Path) -> list[Path]:
    """Folders directly in a folder, by name, hidden ones left out."""
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def split_folders(place: Path) -> Iterator[tuple[Path, Split | None]]:
    """``place`` itself without a split, then its folders that are named for one."""
    yield place, None
    for folder in sorted(folders_in(place), key=lambda folder: folder.name.lower()):
        if folder.name.lower() in _SPLIT_WORDS:
            yield folder, _SPLIT_WORDS[folder.name.lower()]


def picture_beside(folder: Path, stem: str) -> Path:
    """The photo in ``folder`` with this name before its suffix; NAME.jpg when there is none."""
    for suffix in (".jpg", ".png", *sorted(photos.SUFFIXES)):
        for found in (folder / (stem + suffix), folder / (stem + suffix.upper())):
            if found.is_file():
                return found
    return folder / f"{stem}.jpg"


def extent(outlines: Iterable[tuple[float, ...]]) -> tuple[float, float, float, float] | None:
    """xyxy px around polygons (x, y, x, y, ...); None when there is not a single point."""
    kept = [outline for outline in outlines if len(outline) >= 2]
    if not kept:
        return None
    xs, ys = [x for o in kept for x in o[0::2]], [y for o in kept for y in o[1::2]]
    return min(xs), min(ys), max(xs), max(ys)
