"""Garments that people spoke of, with what was read from them: kind by label, colour by mask, pattern by eye."""

from __future__ import annotations

import csv
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from meot import photos, taxonomy
from meot.errors import MeotError
from meot.labels.colour import to_lab
from meot.types import Box, Garment, Reader

NEAR, FAR = 20.0, 30.0
"""Median colours nearer than the first in CIELAB are alike, farther than the second different."""
_LEAST = 0.01
"""Share of a photo that a garment's mask must cover."""


class Seen(NamedTuple):
    """What was read from a photo, without its pixels. size: (height, width) of the upright photo."""

    worn: bool
    size: tuple[int, int]
    garments: tuple[Garment, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A garment as it was read, and the truth of it. group: photos that must stay on one side.

    kinds: the taxonomy's categories that its label may mean. lab: (3,) float32 median CIELAB. pattern: "" if unknown.
    """

    photo: Path
    group: str
    train: bool
    garment: Garment
    kinds: frozenset[str]
    lab: NDArray[np.float32]
    pattern: str


def read(reader: Reader, files: Sequence[Path], cache: Path | None) -> dict[str, Seen]:
    """What is read from the photos; ``cache`` keeps it for the next run (a pickle of ours, never one of others)."""
    known: dict[str, Seen] = {}
    if cache is not None and cache.is_file():
        known = {path: Seen(*seen) for path, seen in pickle.loads(cache.read_bytes()).items()}
    new = [file for file in files if str(file) not in known]
    for file in tqdm(new, desc="read", mininterval=5):
        try:
            look = reader.read(photos.load(file))
        except MeotError:
            continue
        lean = tuple(replace(garment, features=None) for garment in look.garments)
        known[str(file)] = Seen(look.worn, look.original, lean)
    if cache is not None and new:
        cache.write_bytes(pickle.dumps({path: tuple(seen) for path, seen in known.items()}))
    return known


def rows(file: Path) -> list[dict[str, str]]:
    """The lines of a table."""
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def street_files(data: Path) -> list[Path]:
    """Clothing Co-Parsing's photos with masks."""
    return [data / "ccp/photos" / f"{r['photo']}.jpg" for r in rows(data / "ccp/photos.csv") if r["has_mask"] == "1"]


def flat_files(data: Path, labels: Path) -> list[Path]:
    """The clothing set's validation photos, and those of its train split whose pattern somebody told."""
    told = {image for (source, image) in _patterns(labels) if source == "clothing"}
    wanted = [
        r["image"] for r in rows(data / "clothing/labels.csv") if r["split"] == "validation" or r["image"] in told
    ]
    return [data / "clothing/images" / f"{image}.jpg" for image in wanted]


def street(data: Path, labels: Path, seen: Mapping[str, Seen]) -> list[Known]:
    """The garments of street photos whose mask bears a label of the same region; one a region and photo."""
    names = _mask_names(data / "ccp/labels.txt")
    kinds = _kinds("ccp")
    patterns = _patterns(labels)
    found = []
    for row in rows(data / "ccp/photos.csv"):
        file = data / "ccp/photos" / f"{row['photo']}.jpg"
        if row["has_mask"] != "1" or str(file) not in seen:
            continue
        ids = np.asarray(Image.open(data / "ccp/masks" / f"{row['photo']}.png"))
        pixels = photos.load(file).pixels
        for garment in (g for g in seen[str(file)].garments if g.person == 0):
            label = _label_of(garment, ids, names, kinds)
            if label is None:
                continue
            pattern = _pattern_in(patterns.get(("ccp", row["photo"]), []), garment.box, ids.shape)
            lab = _median(pixels, ids == label)
            train = row["split"] == "train"
            found.append(Known(file, row["photo"], train, garment, kinds[names[label]], lab, pattern))
    return found


def flat(data: Path, labels: Path, seen: Mapping[str, Seen]) -> list[Known]:
    """The garments of flat lays."""
    kinds, patterns = _kinds("clothing"), _patterns(labels)
    found = []
    for row in rows(data / "clothing/labels.csv"):
        file = data / "clothing/images" / f"{row['image']}.jpg"
        mask = data / "clothing/masks" / f"{row['image']}.png"
        read_there = seen.get(str(file))
        if read_there is None or read_there.worn or not read_there.garments or row["label"] not in kinds:
            continue
        inside = np.asarray(Image.open(mask).convert("L")) > 0
        pixels = np.asarray(Image.fromarray(photos.load(file).pixels).resize((inside.shape[1], inside.shape[0])))
        if inside.mean() < _LEAST:
            continue
        told = [pattern for _, pattern in patterns.get(("clothing", row["image"]), [])]
        garment, train = read_there.garments[0], row["split"] == "train"
        lab, pattern = _median(pixels, inside), told[0] if told else ""
        found.append(Known(file, row["sender_id"], train, garment, kinds[row["label"]], lab, pattern))
    return found


def truth(wanted: Known, owned: Known) -> tuple[bool | None, bool | None, bool | None]:
    """Whether kind, colour and pattern are the same; None where it cannot be told."""
    apart = float(np.linalg.norm(wanted.lab - owned.lab))
    colour = True if apart < NEAR else False if apart > FAR else None
    known = wanted.pattern and owned.pattern
    return bool(wanted.kinds & owned.kinds), colour, wanted.pattern == owned.pattern if known else None


def _kinds(source: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for category in taxonomy.load().categories:
        for label in getattr(category, source):
            found.setdefault(label, set()).add(category.id)
    return {label: frozenset(ids) for label, ids in found.items()}


def _mask_names(file: Path) -> dict[int, str]:
    lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {int(words[0]): " ".join(words[1:]) for words in lines}


def _patterns(labels: Path) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(source, image) -> [(region of the photo, pattern)], unsure answers left out."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for name in ("shirts", "patterns"):
        for row in rows(labels / f"{name}.csv"):
            if row["pattern"] not in ("", "unsure"):
                place = (row.get("region") or "", row["pattern"])
                found.setdefault((row["source"], row["image"]), []).append(place)
    return found


def _label_of(
    garment: Garment, ids: NDArray[np.uint8], names: Mapping[int, str], kinds: Mapping[str, frozenset[str]]
) -> int | None:
    """The mask value that covers most of the garment's box among those of its region; None when none does."""
    regions = {category.id: category.region for category in taxonomy.load().categories}
    x0, y0, x1, y1 = (round(edge) for edge in garment.box)
    counts = np.bincount(ids[max(y0, 0) : y1, max(x0, 0) : x1].ravel(), minlength=256)
    fitting = [
        value
        for value, name in names.items()
        if any(regions[id] == garment.region for id in kinds.get(name, ())) and counts[value] > _LEAST * ids.size
    ]
    return max(fitting, key=lambda value: int(counts[value]), default=None)


def _pattern_in(told: Sequence[tuple[str, str]], box: Box, shape: tuple[int, ...]) -> str:
    """The pattern of the labelled crop that is this garment: each covers half of the other."""
    for region, pattern in told:
        edges = [float(edge) for edge in region.split(",")] if region else [0.0, 0.0, 1.0, 1.0]
        crop = Box(edges[0] * shape[1], edges[1] * shape[0], edges[2] * shape[1], edges[3] * shape[0])
        shared = Box(*map(max, crop[:2], box[:2]), *map(min, crop[2:], box[2:]))
        inside = shared.area if shared.x1 > shared.x0 and shared.y1 > shared.y0 else 0.0
        if inside > 0.5 * max(crop.area, box.area):
            return pattern
    return ""


def _median(pixels: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.asarray(np.median(to_lab(pixels[mask]), 0), np.float32)
