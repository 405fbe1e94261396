"""Rows of a table -> pictures of single garments with the answers to questions, ready for a classifier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from meot.data import augment
from meot.data.images import box_around, read_mask, read_rgb
from meot.data.paint import paint
from meot.data.sampling import UNKNOWN
from meot.data.stats import OBJECT_CLASS
from meot.data.table import Row, Table
from meot.errors import DataError, nearest
from meot.models.pixels import crop_box, view_box
from meot.models.raster import resize_ids

BoxPx = tuple[float, float, float, float]


class Sample(NamedTuple):
    """A garment in a photo. box: xyxy px, None for the whole photo. answers: number of the answer a question, -1
    where it is not known. group: what must not be told apart from it."""

    photo: Path
    box: BoxPx | None
    mask: Path | None
    answers: tuple[int, ...]
    group: str


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions with their answers, in the order of the net's outputs.

    merged: "question.answer" of the table -> the answer it counts as.
    """

    answers: Mapping[str, tuple[str, ...]]
    merged: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The questions."""
        return tuple(self.answers)


def questions_of(table: Table, asked: Sequence[str], merge: Sequence[str] = ()) -> Questions:
    """The questions ``asked``, all of the table's when empty.

    merge: "collar.button_down=regular" counts one answer of a question as another. DataError for a name the table does
    not know, with the nearest it does.
    """
    known = dict(table.questions)
    if table.classes and any(row.objects for row in table.rows) and (OBJECT_CLASS in asked or not known):
        known[OBJECT_CLASS] = table.classes
    chosen = tuple(asked) or tuple(known)
    if not chosen:
        raise DataError("the table asks no question: no row or object has labels; import it with labels")
    merged = dict(_merge(text, known) for text in merge)
    for question in chosen:
        if question not in known:
            raise DataError(f"no question {question!r} in the table; {nearest(question, known)}")
    kept = {q: tuple(a for a in known[q] if f"{q}.{a}" not in merged) for q in chosen}
    for question, answers in kept.items():
        if len(answers) < 2:
            raise DataError(f"question {question!r} has {len(answers)} answer(s), expected at least 2; add photos")
    return Questions(kept, merged)


def _merge(text: str, known: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    left, _, right = text.partition("=")
    question, _, answer = left.partition(".")
    if question not in known or answer not in known[question] or right not in known[question]:
        raise DataError(f"merge {text!r} should be QUESTION.ANSWER=OTHER with names of the table")
    return left, right


def samples_of(rows: Iterable[Row], questions: Questions) -> list[Sample]:
    """Every row or object with at least one known answer; an object brings its box, a row its mask."""
    found = []
    for row in rows:
        whole = _answers(dict(row.labels), questions)
        things = [(thing, _answers({OBJECT_CLASS: thing.label, **thing.labels}, questions)) for thing in row.objects]
        group = row.group or str(row.photo)
        told = [(thing, answers) for thing, answers in things if any(a != UNKNOWN for a in answers)]
        found += [Sample(row.photo, thing.box, None, answers, group) for thing, answers in told]
        if any(a != UNKNOWN for a in whole):
            box = row.objects[0].box if len(row.objects) == 1 and not told else None
            found.append(Sample(row.photo, box, row.mask, whole, group))
    return found


def _answers(labels: dict[str, str], questions: Questions) -> tuple[int, ...]:
    numbers = []
    for question, answers in questions.answers.items():
        said = labels.get(question, "")
        said = questions.merged.get(f"{question}.{said}", said)
        numbers.append(answers.index(said) if said in answers else UNKNOWN)
    return tuple(numbers)


class Crop(NamedTuple):
    """A garment in memory.

    image: (H, W, 3) uint8, the garment with its surroundings; box: of the garment in it, xyxy px. worn: whether people
    wear it. cloth: (H, W) bool, its pixels, where known. paint: the pattern to draw onto it in every picture, see
    :mod:`meot.data.paint`; empty for none.
    """

    image: NDArray[np.uint8]
    box: BoxPx
    worn: bool = False
    cloth: NDArray[np.bool_] | None = None
    paint: str = ""


class Sight(Protocol):
    """What the product sees in a training photo."""

    def find(self, pixels: NDArray[np.uint8]) -> BoxPx | None:
        """xyxy px box of the garment in (H, W, 3) uint8 pixels, None when it finds none."""

    def worn(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether people wear the clothes in the photo."""

    def cloth(self, pixels: NDArray[np.uint8], box: BoxPx) -> NDArray[np.bool_]:
        """(H, W) bool: the pixels of the garment in ``box``."""


def load_crops(
    samples: Sequence[Sample], size: int, sight: Sight | None = None, *, worn: bool = False, cloth: bool = False
) -> list[Crop]:
    """The garments in memory, scaled so that a garment's longer side is at most twice ``size``.

    A sample without a box takes the one around its mask, then what ``sight`` finds, then the whole photo. worn, cloth:
    ask ``sight`` for these as well.
    """
    found = []
    for sample in tqdm(samples, desc="photos", disable=None):
        image = read_rgb(sample.photo)
        height, width = image.shape[:2]
        box = sample.box or box_of_mask(sample, (height, width))
        if box is None and sight is not None:
            box = sight.find(image)
        box = box or (0.0, 0.0, float(width), float(height))
        own = sight.cloth(image, box) if cloth and sight is not None else None
        crop = cut_out(image, box, size, name=str(sample.photo), cloth=own)
        found.append(crop._replace(worn=sight.worn(image)) if worn and sight is not None else crop)
    return found


def box_of_mask(sample: Sample, size: tuple[int, int]) -> BoxPx | None:
    """xyxy px box around the sample's mask; ``size``: (height, width) of its photo. None without a mask."""
    return None if sample.mask is None else box_around(read_mask(sample.mask, sample.photo, size))


def cut_out(
    image: NDArray[np.uint8], box: BoxPx, size: int, *, name: str, cloth: NDArray[np.bool_] | None = None
) -> Crop:
    """The garment in ``box`` (xyxy, px of ``image``) with its surroundings, scaled as :func:`load_crops` says.

    cloth: (H, W) bool pixels of the garment. DataError for a box without area, with ``name`` of the photo.
    """
    height, width = image.shape[:2]
    if box[2] - box[0] < 1 or box[3] - box[1] < 1 or box[0] >= width or box[1] >= height:
        raise DataError(f"{name}: box {box} has no area in a photo of {width}x{height}; run 'meot data check'")
    x0, y0, x1, y1 = crop_box(box, height, width, margin=0.25)
    scale = min(1.0, 2.0 * size / max(box[2] - box[0], box[3] - box[1]))
    piece = image[y0:y1, x0:x1]
    if scale < 1:
        piece = np.asarray(cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    inner = ((box[0] - x0) * scale, (box[1] - y0) * scale, (box[2] - x0) * scale, (box[3] - y0) * scale)
    if cloth is not None:
        cloth = resize_ids(cloth[y0:y1, x0:x1].astype(np.uint8), *piece.shape[:2]) > 0
    return Crop(np.ascontiguousarray(piece), inner, cloth=cloth)


def still(crop: Crop, views: Sequence[str], size: int) -> NDArray[np.uint8]:
    """(V, size, size, 3) uint8: the views as the runtime cuts them."""
    height, width = crop.image.shape[:2]
    return np.stack([_cut(crop.image, crop_box(view_box(crop.box, v), height, width), size) for v in views])


def _cut(image: NDArray[np.uint8], box: tuple[int, int, int, int], size: int) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = box
    piece = image[y0:y1, x0:x1]
    smooth = cv2.INTER_AREA if min(piece.shape[:2]) > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(piece, (size, size), interpolation=smooth), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How much a training picture is changed. zoom: range of the factor; rotate: degrees; shift: share of the side;
    colour: 0..1; erase: chance that a part is covered; fill: what stands beyond the photo's edge."""

    zoom: tuple[float, float] = (0.85, 1.3)
    rotate: float = 15.0
    shift: float = 0.05
    stretch: float = 0.2
    colour: float = 0.6
    erase: float = 0.15
    fill: str = "nearest"


BORDERS = {"nearest": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT_101, "black": cv2.BORDER_CONSTANT}


def varied(crop: Crop, views: Sequence[str], size: int, look: Look, rng: Generator) -> NDArray[np.uint8]:
    """(V, size, size, 3) uint8: a random look at the garment, the same light and side for all its views."""
    image = crop.image if not crop.paint or crop.cloth is None else paint(crop.image, crop.cloth, crop.paint, rng)
    height, width = image.shape[:2]
    side, light = int(rng.integers(2**31)), int(rng.integers(2**31))
    found = []
    for view in views:
        x0, y0, x1, y1 = crop_box(view_box(crop.box, view), height, width, margin=float(rng.uniform(0.0, 0.12)))
        square = np.diag([size / (x1 - x0), size / (y1 - y0), 1.0]) @ np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1.0]])
        moved = augment.view_matrix(
            (0.0, 0.0, float(size), float(size)),
            (size, size),
            rng,
            zoom=look.zoom,
            shift=look.shift,
            rotate=look.rotate,
            stretch=look.stretch,
        )
        if (np.linalg.det(moved[:, :2]) < 0) != bool(side % 2):  # one side for all views
            moved = moved @ np.array([[-1.0, 0, size], [0, 1, 0], [0, 0, 1]])
        seen = cv2.warpAffine(
            image, moved @ square, (size, size), flags=cv2.INTER_LINEAR, borderMode=BORDERS[look.fill]
        )
        seen = augment.recolour(np.asarray(seen, np.uint8), np.random.default_rng(light), strength=look.colour)
        if rng.random() < look.erase:
            tall, wide = rng.integers(size // 8, size // 3, 2)
            y, x = rng.integers(0, size - tall), rng.integers(0, size - wide)
            seen[y : y + tall, x : x + wide] = rng.integers(0, 256, 3)
        found.append(seen)
    return np.stack(found)
