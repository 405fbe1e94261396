"""Pictures of a table: photos with their boxes, outlines, masks and labels, as one sheet or one page."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from meot.data.images import read_ids, read_rgb
from meot.data.stats import OBJECT_CLASS, answers, questions_of
from meot.data.table import Object, Row, Split, Table
from meot.errors import DataError, nearest
from meot.fonts import font

TILE = 280
"""Side of a photo on a sheet, px."""
_LINES, _LINE = 3, 15
_COLOURS = (
    "#e4572e",
    "#17bebb",
    "#ffc914",
    "#76b041",
    "#9b5de5",
    "#f15bb5",
    "#00bbf9",
    "#fb8500",
    "#b5651d",
    "#8ac926",
)


def choose(
    table: Table, rng: Generator, *, amount: int, name: str | None = None, split: Split | None = None
) -> tuple[Row, ...]:
    """At most ``amount`` rows by chance, in the table's order. name: a class or an answer that they must have.

    DataError for a name the table does not know, with the nearest it does, and when no row fits.
    """
    asked = questions_of(table)
    if name is not None and not any(name in known for known in asked.values()):
        everything = sorted({answer for known in asked.values() for answer in known})
        raise DataError(f"no class or answer {name!r} in the table; {nearest(name, everything)}")
    fitting = [
        i
        for i, row in enumerate(table.rows)
        if split in (None, row.split) and (name is None or any(name in answers(row, question) for question in asked))
    ]
    if not fitting:
        where = f" in the {split} split" if split else ""
        raise DataError(f"no photo{where} has {name or 'anything to show'!r}; look at 'meot data stats'")
    picked = rng.permutation(fitting)[:amount]
    return tuple(table.rows[i] for i in sorted(picked))


def draw(row: Row, table: Table, side: int = TILE) -> Image.Image:
    """The photo, fitted into a square of ``side`` px, with its mask tinted, outlines and boxes drawn, objects named.

    DataError when the photo or its mask cannot be read, or the mask is of another size.
    """
    pixels = read_rgb(row.photo)
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS)
    if row.mask is not None:
        image = _tinted(image, row, (height, width))
    pen = ImageDraw.Draw(image)
    for thing in row.objects:
        _draw_object(pen, thing, scale, _colour(thing.label, table.classes))
    for thing in row.objects:
        _name_object(pen, thing, scale, size, _colour(thing.label, table.classes))
    return image


def _tinted(image: Image.Image, row: Row, size: tuple[int, int]) -> Image.Image:
    """Every mask value but 0 in a colour of its own."""
    ids = read_ids(row.mask, row.photo)
    if ids.shape != size:
        sizes = f"the mask is {ids.shape[1]}x{ids.shape[0]}, its photo {size[1]}x{size[0]}"
        raise DataError(f"{row.mask}: {sizes}; make them the same size")
    small = np.array(Image.fromarray(ids).resize(image.size, Image.Resampling.NEAREST))
    palette = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in _COLOURS], float)
    tint = palette[small % len(_COLOURS)]
    strength = np.where(small > 0, 0.4, 0.0)[..., None]
    return Image.fromarray(np.asarray(np.array(image) * (1 - strength) + tint * strength, np.uint8))


def _colour(label: str, classes: Sequence[str]) -> str:
    return _COLOURS[(classes.index(label) if label in classes else 0) % len(_COLOURS)]


def _draw_object(pen: ImageDraw.ImageDraw, thing: Object, scale: float, colour: str) -> None:
    for outline in thing.polygons:
        points = [value * scale for value in outline]
        if len(points) >= 6:
            pen.line([*points, *points[:2]], fill=colour, width=2)
    if thing.box is not None:
        x0, y0, x1, y1 = sorted_box(thing.box, scale)
        pen.rectangle((x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)), outline=colour, width=2)


def sorted_box(box: Sequence[float], scale: float) -> tuple[float, float, float, float]:
    """A box at another scale, its edges in order, so that a reversed one is drawn all the same."""
    x0, y0, x1, y1 = (edge * scale for edge in box)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _name_object(pen: ImageDraw.ImageDraw, thing: Object, scale: float, size: tuple[int, int], colour: str) -> None:
    """The object's words on a plate at its upper left corner."""
    if thing.box is not None:
        corner = sorted_box(thing.box, scale)[:2]
    elif thing.polygons:
        corner = min(thing.polygons[0][0::2]) * scale, min(thing.polygons[0][1::2]) * scale
    else:
        return
    words = " ".join([thing.label, *thing.labels.values()])
    left, top, right, bottom = pen.textbbox((0, 0), words, font=font(12))
    x = min(max(0.0, corner[0]), max(0.0, size[0] - (right - left) - 4))
    y = min(max(0.0, corner[1]), max(0.0, size[1] - (bottom - top) - 4))
    pen.rectangle((x, y, x + right - left + 4, y + bottom - top + 4), fill=colour)
    pen.text((x + 2 - left, y + 2 - top), words, fill="black", font=font(12))


def words(row: Row, table: Table) -> list[str]:
    """What is said below a photo: its labels or tags, the split and source, its name."""
    said = [f"{question} {answer}" for question, answer in row.labels.items()] or list(row.tags)
    if not said and row.mask is not None and table.mask_names:
        present = np.unique(read_ids(row.mask, row.photo)).tolist()
        said = [table.mask_names[v] for v in present if v in table.mask_names and v]
    where = " · ".join(part for part in (row.split or "no split", row.source, row.group) if part)
    return [", ".join(said) or f"{len(row.objects)} objects", where, row.photo.name]


def sheet(
    rows: Sequence[Row], table: Table, *, columns: int = 6, show: Callable[[], None] = lambda: None
) -> Image.Image:
    """The rows as one picture, ``columns`` side by side. show: called after each, for a progress bar."""
    wide = min(columns, max(1, len(rows)))
    tall = -(-len(rows) // wide)
    cell = (TILE + 8, TILE + _LINES * _LINE + 12)
    whole = Image.new("RGB", (wide * cell[0] + 8, tall * cell[1] + 8), "white")
    pen = ImageDraw.Draw(whole)
    for i, row in enumerate(rows):
        x, y = 8 + i % wide * cell[0], 8 + i // wide * cell[1]
        seen = draw(row, table)
        whole.paste(seen, (x + (TILE - seen.width) // 2, y + (TILE - seen.height) // 2))
        for number, line in enumerate(words(row, table)):
            pen.text((x, y + TILE + 2 + number * _LINE), _shortened(pen, line), fill="black", font=font(12))
        show()
    return whole


def _shortened(pen: ImageDraw.ImageDraw, line: str) -> str:
    """As much of a line as fits below a photo."""
    if pen.textlength(line, font=font(12)) <= TILE:
        return line
    while line and pen.textlength(line + "…", font=font(12)) > TILE:
        line = line[:-1]
    return line + "…"


def page(rows: Iterable[Row], table: Table, *, show: Callable[[], None] = lambda: None) -> str:
    """The rows as one self-contained HTML page, with a list to filter by class or answer."""
    tiles, names = [], set()
    for row in rows:
        said = {answer for question in (*table.questions, OBJECT_CLASS) for answer in answers(row, question)}
        names |= said
        data = io.BytesIO()
        draw(row, table, 2 * TILE).save(data, "JPEG", quality=88)
        lines = "<br>".join(html.escape(line) for line in words(row, table))
        tiles.append(
            f'<figure data-names="{html.escape("|".join(["", *sorted(said), ""]))}">'
            f'<img alt="{html.escape(row.photo.name)}" src="data:image/jpeg;base64,'
            f'{base64.b64encode(data.getvalue()).decode()}"><figcaption>{lines}</figcaption></figure>'
        )
        show()
    choices = "".join(f"<option>{html.escape(name)}</option>" for name in sorted(names))
    return _PAGE.replace("CHOICES", choices).replace("COUNT", str(len(tiles))).replace("TILES", "\n".join(tiles))


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Photos of a table</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figure[hidden] { display: none; } img { width: 100%; height: auto; }
figcaption { overflow-wrap: anywhere; }
</style>
<p><label>Show <select id="name"><option value="">everything</option>CHOICES</select></label>
<output id="shown">COUNT</output> photos</p>
<main>
TILES
</main>
<script>
const choice = document.getElementById("name"), all = [...document.querySelectorAll("figure")];
choice.addEventListener("change", () => {
  for (const f of all) f.hidden = choice.value !== "" && !f.dataset.names.includes("|" + choice.value + "|");
  document.getElementById("shown").textContent = all.filter(f => !f.hidden).length;
});
</script></html>
"""
