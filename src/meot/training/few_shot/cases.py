"""The four photos of Jang et al., built many times over from a table of street photos with label masks.

What is alike is decided by people's labels and by colour, never by the vectors to be measured: two garments are alike
when their masks bear the same label and their median colours lie less than ``near`` apart in CIE Lab, and
different when they bear another label and lie more than ``far`` apart.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from meot.data.images import read_ids, read_rgb
from meot.data.table import Row, Table
from meot.errors import DataError
from meot.training.few_shot.photos import MOST

KINDS = ("top_similar", "bottom_similar", "all_similar", "all_different")
PAPER = {"top_similar": 0.55, "bottom_similar": 0.94, "all_similar": 0.98, "all_different": 0.47}
TOPS = (
    *("blazer", "blouse", "cardigan", "cape", "coat", "hoodie", "jacket", "jumper", "shirt", "sweater", "sweatshirt"),
    *("t-shirt", "top", "vest"),
)
BOTTOMS = ("jeans", "leggings", "pants", "shorts", "skirt")
"""Label names of Clothing Co-Parsing's masks."""


@dataclass(frozen=True, slots=True)
class Case:
    """A wanted look and other styles to learn from, and one photo of each of :data:`KINDS` to ask about."""

    classes: Mapping[str, tuple[Path, ...]]
    asked: Mapping[str, Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """near, far: distances in CIE Lab (CIE76). styles: other classes in a case. question: whose answer is a style."""

    near: float = 20.0
    far: float = 30.0
    styles: int = 3
    fewest: int = 4
    question: str = "style"


def with_labels(table: Table, file: Path, question: str) -> Table:
    """The table with an answer to ``question`` from a CSV of columns photo (file name without its ending) and question.

    Empty and "unsure" answers are left out. DataError when a column is missing or no photo of the table is named.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            records = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read as CSV ({error}); name a file with a line a photo") from None
    if not records or not {"photo", question} <= set(records[0]):
        got = ", ".join(str(column) for column in records[0]) if records else "no line"
        raise DataError(f"{file}:1: expected columns photo and {question}, got {got}; rename the columns")
    said = {record["photo"]: record[question] for record in records if record[question] not in ("", "unsure", None)}
    rows = tuple(
        replace(row, labels={**row.labels, question: said[row.photo.stem]}) if row.photo.stem in said else row
        for row in table.rows
    )
    if not any(row.photo.stem in said for row in rows):
        raise DataError(f"{file}: names none of the table's photos; expected names such as {rows[0].photo.stem}")
    return table.having(rows)


class _Photos(NamedTuple):
    """rows; labels (N, 2) of top and bottom; colours (N, 2, 3) Lab; prints (N, 64) bool, alike for repeated photos."""

    rows: list[Row]
    labels: NDArray[np.str_]
    colours: NDArray[np.float64]
    prints: NDArray[np.bool_]


def cases(table: Table, count: int, rules: Rules, rng: Generator) -> list[Case]:
    """``count`` cases around different wanted photos. DataError when the table has fewer of them.

    A case: a photo is drawn; up to ten photos alike in top and bottom, itself among them, are the wanted class; the
    other classes are photos of other styles that are alike in neither; the asked photos are drawn from the rest.
    Repeated photos (difference hashes fewer than 8 bits apart) never stand on both sides.
    """
    seen = _described(table)
    apart = np.linalg.norm(seen.colours[:, None] - seen.colours[None], axis=-1)
    same = seen.labels[:, None] == seen.labels[None]
    alike, unlike = same & (apart < rules.near), ~same & (apart > rules.far)
    repeated = (seen.prints[:, None] != seen.prints[None]).sum(-1) < 8
    found: list[Case] = []
    for anchor in rng.permutation(len(seen.rows)):
        case = _case(int(anchor), seen, alike, unlike, repeated, rules, rng)
        if case is not None:
            found.append(case)
        if len(found) == count:
            return found
    raise DataError(
        f"the table gives {len(found)} cases, expected {count}; add photos with label masks and a {rules.question!r} "
        "label, or ask for fewer cases"
    )


def _described(table: Table) -> _Photos:
    names = set(table.mask_names.values())
    if not names & set(TOPS) or not names & set(BOTTOMS):
        raise DataError("expected a table whose masks name garments (shirt, jeans, ...); import Clothing Co-Parsing")
    rows, labels, colours, prints = [], [], [], []
    for row in tqdm([row for row in table.rows if row.mask is not None], desc="looks", mininterval=5):
        image, ids = read_rgb(row.photo), read_ids(row.mask, row.photo)
        if ids.shape != image.shape[:2]:
            raise DataError(
                f"{row.mask}: the mask is {ids.shape[1]}x{ids.shape[0]}, its photo {image.shape[1]}x{image.shape[0]}; "
                "make them the same size"
            )
        parts = [_largest(ids, table.mask_names, names) for names in (TOPS, BOTTOMS)]
        if 0 in parts:
            continue
        lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        rows.append(row)
        labels.append([table.mask_names[value] for value in parts])
        colours.append([np.median(lab[ids == value], 0) for value in parts])
        small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (9, 8), interpolation=cv2.INTER_AREA)
        prints.append((small[:, 1:] > small[:, :-1]).ravel())
    return _Photos(rows, np.array(labels), np.array(colours, np.float64), np.array(prints))


def _largest(ids: NDArray[np.uint8], names: Mapping[int, str], wanted: Sequence[str]) -> int:
    """The value of the largest garment of ``wanted`` names that covers 1 % of the photo; 0 when there is none."""
    counts = np.bincount(ids.ravel(), minlength=256)
    values = [value for value, name in names.items() if name in wanted and counts[value] > 0.01 * ids.size]
    return max(values, key=lambda value: int(counts[value]), default=0)


def _case(
    anchor: int,
    seen: _Photos,
    alike: NDArray[np.bool_],
    unlike: NDArray[np.bool_],
    repeated: NDArray[np.bool_],
    rules: Rules,
    rng: Generator,
) -> Case | None:
    style = seen.rows[anchor].labels.get(rules.question)
    fellows = _distinct(rng.permutation(np.flatnonzero(alike[anchor].all(1))), repeated)
    fellows = [i for i in fellows if i != anchor and not repeated[i, anchor]]
    if style is None or len(fellows) < rules.fewest:
        return None
    wanted, kept = [anchor, *fellows[1:MOST]], fellows[0]
    free = ~repeated[[*wanted, kept]].any(0)
    a, u = alike[anchor], unlike[anchor]
    pools = {"top_similar": a[:, 0] & u[:, 1], "bottom_similar": u[:, 0] & a[:, 1], "all_different": u.all(1)}
    asked = {"all_similar": kept}
    for kind, pool in pools.items():
        choices = np.flatnonzero(pool & free)
        if not len(choices):
            return None
        asked[kind] = int(rng.choice(choices))
        free &= ~repeated[asked[kind]]
    others = _others(seen, style, np.flatnonzero(free & ~a.any(1)), repeated, rules, rng)
    if others is None:
        return None
    classes = {"wanted": wanted, **others}
    return Case(
        {name: tuple(seen.rows[i].photo for i in chosen) for name, chosen in classes.items()},
        {kind: seen.rows[asked[kind]].photo for kind in KINDS},
    )


def _others(
    seen: _Photos, style: str, free: NDArray[np.intp], repeated: NDArray[np.bool_], rules: Rules, rng: Generator
) -> dict[str, list[int]] | None:
    """Up to ten photos of each of ``rules.styles`` styles drawn by chance among those with enough photos."""
    told = [seen.rows[i].labels.get(rules.question, "") for i in range(len(seen.rows))]
    pools = {
        name: _distinct(rng.permutation([i for i in free if told[i] == name]), repeated)[:MOST]
        for name in sorted(set(told) - {"", style})
    }
    enough = [name for name, pool in pools.items() if len(pool) >= rules.fewest]
    if len(enough) < rules.styles:
        return None
    return {str(name): pools[str(name)] for name in rng.permutation(enough)[: rules.styles]}


def _distinct(chosen: NDArray[np.intp], repeated: NDArray[np.bool_]) -> list[int]:
    kept: list[int] = []
    for i in chosen:
        if not repeated[int(i), kept].any():
            kept.append(int(i))
    return kept
