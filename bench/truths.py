"""What people said of the photos: details and styles labelled by eye, and where the garment is that they spoke of."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from meot.data.sources import clothing, details, sheet
from meot.data.table import Row, Split
from meot.errors import DataError

MERGED = {"collar.button_down": "regular"}
"""Answers that count as another everywhere: the buttons on the points of a collar are gone at the models' sizes."""
OF_SLEEVE = {"short": {"upper": 1, "outer": 3, "whole": 10}, "long": {"upper": 2, "outer": 4, "whole": 11}}
BARE = {"upper": (5, 6), "whole": (12, 13)}
"""Where a garment is worn -> vest, sling: its class without sleeves."""
PLACES = dict.fromkeys(("T-Shirt", "Longsleeve", "Top", "Shirt", "Blouse", "Polo", "Hoodie", "Undershirt"), "upper")
PLACES |= {"Outwear": "outer", "Blazer": "outer", "Dress": "whole"}
WITHOUT_SLEEVE = {"Shorts": 7, "Pants": 8, "Skirt": 9}
JEANS = "is_jeans"
STRAPS = "off_shoulder_or_strap"


@dataclass(frozen=True, slots=True)
class Thing:
    """A garment that people spoke of. box: xyxy px of the photo, None when ``mask`` has to tell. labels: question ->
    answer, in the taxonomy's words, and "is_jeans" of trousers. label: the clothing set's name, "" on street photos.
    """

    box: tuple[float, float, float, float] | None
    mask: Path | None
    labels: Mapping[str, str]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A photo with what people said of it. group: photos of one sender are right or wrong together. styles: the first
    one and perhaps a second, empty when nobody was asked, ("unsure",) when the person did not know.
    """

    photo: Path
    street: bool
    group: str
    things: tuple[Thing, ...] = ()
    styles: tuple[str, ...] = ()


def read(labels: Path, data: Path, split: Split, merged: Mapping[str, str]) -> list[Told]:
    """Every photo of ``split`` that the files in ``labels`` speak of. merged: answers that count as another.

    DataError when a file or a data set is missing.
    """
    flat = {row.photo: row for row in clothing.read(data / "clothing", split)}
    found: dict[Path, Told] = {}
    for row in details.read(labels, data=data).of(split):
        found[row.photo] = _told(row, flat.get(row.photo), merged)
    for row in _trousers(labels / "jeans.csv", data, split):
        more = _told(row, flat.get(row.photo), merged)
        known = found.get(row.photo, replace(more, things=()))
        found[row.photo] = replace(known, things=known.things + more.things)
    for photo, styles in _styles(labels / "styles.csv", data / "ccp", split).items():
        known = found.get(photo, Told(photo, True, str(photo)))
        found[photo] = replace(known, styles=styles)
    return list(found.values())


def _told(row: Row, flat: Row | None, merged: Mapping[str, str]) -> Told:
    group, label = (str(row.photo), "") if flat is None else (flat.group, flat.labels["category"])
    return Told(row.photo, row.source == "ccp", group, _things(row, label, merged))


def _things(row: Row, label: str, merged: Mapping[str, str]) -> tuple[Thing, ...]:
    def counted(answers: Mapping[str, str]) -> dict[str, str]:
        return {question: merged.get(f"{question}.{said}", said) for question, said in answers.items()}

    whole = (Thing(None, row.mask, counted(row.labels), label),) if row.labels else ()
    return whole + tuple(Thing(o.box, None, counted(o.labels), label) for o in row.objects if o.labels)


def _trousers(file: Path, data: Path, split: Split) -> Iterator[Row]:
    """Photos of trousers with nothing but whether they are jeans; about others than jeans nothing else was asked."""
    photos = (f"clothing={data}/clothing/images/{{image}}.jpg", f"ccp={data}/ccp/photos/{{image}}.jpg")

    def only(labels: Mapping[str, str]) -> dict[str, str]:
        return {JEANS: labels[JEANS]} if JEANS in labels else {}

    for row in sheet.read(file, photos=photos).of(split):
        mask = data / "clothing" / "masks" / f"{row.photo.stem}.png" if row.source == "clothing" else None
        objects = tuple(replace(thing, labels=only(thing.labels)) for thing in row.objects)
        yield replace(row, labels=only(row.labels), objects=objects, mask=mask)


def _styles(file: Path, photos: Path, split: Split) -> dict[Path, tuple[str, ...]]:
    if not file.is_file():
        raise DataError(f"{file} not found; expected styles.csv (photo, style, second_style, split) beside the details")
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            photos / "photos" / f"{row['photo']}.jpg": tuple(s for s in (row["style"], row["second_style"]) if s)
            for row in csv.DictReader(lines)
            if row["split"] == split
        }


def deepfashion2(thing: Thing) -> int | None:
    """DeepFashion2's class (1..13) as the clothing label, the sleeve and the neckline tell; None where they do not.

    Without sleeves only a labelled neckline tells a vest from a sling, and outerwear is neither.
    """
    if thing.label in WITHOUT_SLEEVE:
        return WITHOUT_SLEEVE[thing.label]
    place = PLACES.get(thing.label)
    sleeve, neckline = thing.labels.get("sleeve"), thing.labels.get("neckline")
    if place is None or sleeve is None:
        return None
    if sleeve in OF_SLEEVE:
        return OF_SLEEVE[sleeve][place]
    if neckline is None or place == "outer":
        return None
    return BARE[place][neckline == STRAPS]
