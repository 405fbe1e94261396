"""Photos without clothes, and what is lost of those with: no garment, only guesses, or a sure garment.

Protocol: the photos that scope_photos.csv names, by kind, in a folder of unpacked packages (docs/scope.md says which),
and the validation splits of the data folder. Every photo is read once; "before" is what the product would say without
the scope model, "after" what it says with it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from bench.table import arguments, show
from meot import photos, taxonomy
from meot.data.sources import ccp, clothing
from meot.errors import MeotError, ModelError
from meot.garments.parse import Parse, Parser
from meot.garments.scope import Judge, Scope, Trust
from meot.models import store
from meot.models.session import OnnxSession
from meot.reading import LookReader
from meot.types import Garment, Look, Photo, Reader
from meot.vectors.garment import GarmentEncoder

LIST = Path(__file__).with_name("scope_photos.csv")
OUTCOMES = ("none", "guess", "sure")


class Watcher:
    """Lets everything pass as sure, and remembers what the judge it stands before would have said."""

    def __init__(self, judge: Judge) -> None:
        self._judge, self.said = judge, "sure"

    @property
    def name(self) -> str:
        """Name and content of the model that judges."""
        return self._judge.name

    def judge(self, parse: Parse, garments: Sequence[Garment], *, worn: bool) -> Trust:
        """Sure; what was said is in ``said``."""
        self.said = self._judge.judge(parse, garments, worn=worn)
        return "sure"


def outcome(look: Look, trust: str) -> str:
    """One of :data:`OUTCOMES` for a look that is believed as far as ``trust`` says."""
    if not look.garments or trust == "none":
        return "none"
    return "sure" if trust == "sure" and any(g.category.sure for g in look.garments) else "guess"


def both(reader: Reader, watcher: Watcher, photo: Photo) -> tuple[str, str]:
    """Outcome before and after."""
    watcher.said = "sure"
    look = reader.read(photo)
    return outcome(look, "sure"), outcome(look, watcher.said)


def row(name: str, found: list[tuple[str, str]]) -> dict[str, object]:
    """Shares of the outcomes of one kind."""
    cells: dict[str, object] = {"photos of": name, "n": len(found)}
    for place, when in enumerate(("before", "after")):
        said = [pair[place] for pair in found]
        cells |= {f"{when}: {x}": said.count(x) / max(1, len(said)) for x in OUTCOMES}
    return cells


def listed(folder: Path) -> dict[str, list[Path]]:
    """Kind -> the photos of the list that are in ``folder``."""
    kinds: dict[str, list[Path]] = {}
    with LIST.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            if (folder / line["photo"]).is_file():
                kinds.setdefault(line["kind"], []).append(folder / line["photo"])
    return kinds


def unpack_resources(folder: Path, into: Path) -> int:
    """Write the JPEG and WebP pictures inside Qt resource files (.rcc) in ``folder`` as STEM_NNN.jpg; their number."""
    into.mkdir(parents=True, exist_ok=True)
    count = 0
    for file in sorted(folder.rglob("*.rcc")):
        data, number = file.read_bytes(), 0
        for start in (m.start() for m in re.finditer(rb"\xff\xd8\xff|RIFF....WEBP", data, re.S)):
            try:
                picture = Image.open(BytesIO(data[start : start + 3_000_000])).convert("RGB")
            except (OSError, SyntaxError, ValueError):
                continue  # the bytes only look like the start of a picture
            if min(picture.size) >= 180:
                picture.save(into / f"{file.stem}_{number:03d}.jpg", quality=92)
                number, count = number + 1, count + 1
    return count


def measure(reader: Reader, watcher: Watcher, kinds: dict[str, list[Path]]) -> list[dict[str, object]]:
    """A row a kind, and one for all of them; photos that cannot be read are left out."""
    rows, everything = [], []
    for kind, files in kinds.items():
        found = []
        for file in tqdm(files, desc=kind, mininterval=10):
            try:
                found.append(both(reader, watcher, photos.load(file)))
            except MeotError:
                continue
        rows.append(row(kind, found))
        everything += found
    return [*rows, row("all of them", everything)] if len(kinds) > 1 else rows


def build(models: Path | None) -> tuple[Reader, Watcher]:
    """A reader of garments and the watcher before its judge. ModelError when there is no scope model."""
    parser, parser_card = store.find("parser", models)
    garment, garment_card = store.find("garment", models)
    found = store.heads("scope", models, encoder=garment_card.label)
    if found is None:
        raise ModelError(f"no scope model for {garment_card.label}; train one with 'meot train scope'")
    watcher = Watcher(Scope(session=OnnxSession(model=found[0], threads=1), card=found[1]))
    reader = LookReader(
        parser=Parser(session=OnnxSession(model=parser), card=parser_card),
        encoder=GarmentEncoder(session=OnnxSession(model=garment), card=garment_card),
        taxonomy=taxonomy.load(),
        scope=watcher,
    )
    return reader, watcher


def main() -> None:
    """Print both tables."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--photos", type=Path, required=True, help="folder of unpacked packages, see docs/scope.md")
    parser.add_argument("--unpack", action="store_true", help="first take the pictures out of its .rcc files")
    options = parser.parse_args()
    if options.unpack:
        print(unpack_resources(options.photos, options.photos / "gcompris_carved"))
    reader, watcher = build(options.models)
    kinds = {kind: files[: options.limit] for kind, files in listed(options.photos).items()}
    show("Photos without clothes", measure(reader, watcher, kinds), as_json=options.json)
    flat = [r.photo for r in clothing.read(options.data / "clothing", "validation")][: options.limit]
    street = [r.photo for r in ccp.read(options.data / "ccp", "validation", masked_only=False)][: options.limit]
    for name, files in (("flat lays", flat), ("street photos", street)):
        show(name.capitalize(), measure(reader, watcher, {name: files}), as_json=options.json)


if __name__ == "__main__":
    main()
