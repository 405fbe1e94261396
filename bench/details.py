"""Details, style and DeepFashion2's classes as the product reads them, street photos and flat lays apart and together.

Protocol. Photos of one split that ``labels`` speak of, each decoded and read once; answers "unsure" by people are left
out, collar's button_down counts as regular. Given region: the box that people looked at (street) or that of the
garment mask (flat lay) is handed to the components models. Whole read: the product reads the photo, and the garment
that overlaps that box most answers, if its IoU is at least 0.3; no such garment or no answer is wrong. (Some trousers
were looked at as the photo's lower part in full width: there the main person's lower garment answers.) Accuracy and
macro F1: of all questions asked. ECE: of the answers given, 15 bins of equal width; adaptive: bins of equal numbers;
by chance: what true scores would show on so many answers. Sure: share of all questions answered surely; halves: its
threshold chosen on half of the senders and looked at on the other. Commonest: what always giving the commonest answer
would reach. Brackets: 95 % bootstrap interval over senders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from bench import truths
from bench.answers import Answers, Said
from bench.detail_rows import (
    WANTED_STYLE,
    class_rows,
    component_rows,
    style_recalls,
    style_rows,
    style_trust,
    trousers_rows,
)
from bench.quality import overlap
from bench.table import arguments, show
from bench.truths import Thing, Told
from meot import photos, taxonomy, wiring
from meot.data.images import box_around, read_mask
from meot.data.table import SPLITS
from meot.labels.category import deepfashion2
from meot.labels.component import Components
from meot.models import store
from meot.models.session import OnnxSession
from meot.settings import Settings
from meot.types import Box, Garment, Label, Look, Photo, Reader
from meot.vectors.garment import GarmentEncoder

LEAST_OVERLAP = 0.3


def ask(reader: Reader, parts: Sequence[Components], told: Iterable[Told]) -> Answers:
    """Read every photo once and put what the product says beside what people said."""
    found = Answers()
    for each in told:
        photo = photos.load(each.photo)
        look = reader.read(photo)
        if each.styles:
            _ask_style(found, each, look)
        for thing in each.things:
            box = place(thing, each, photo)
            garment = lower(look) if _loose(thing, box, photo) else answering(look, box)
            if truths.JEANS in thing.labels:
                _ask_jeans(found, each, thing, garment)
                continue
            given = from_region(parts, photo, box, worn=look.worn)
            for question, truth in thing.labels.items():
                said = None if garment is None else garment.components.get(question)
                found.region.setdefault(question, []).append(_said(each, (truth,), given.get(question)))
                found.read.setdefault(question, []).append(_said(each, (truth,), said))
            _ask_class(found, each, thing, garment)
    return found


def _said(told: Told, truth: tuple[str, ...], answer: Label | None) -> Said:
    return Said(photo=str(told.photo), group=told.group, street=told.street, truth=truth, answer=answer)


def place(thing: Thing, told: Told, photo: Photo) -> Box:
    """The garment's box in ``photo``, which may be smaller than its file."""
    height, width = photo.original or (photo.height, photo.width)
    box = thing.box
    if box is None and thing.mask is not None:
        box = box_around(read_mask(thing.mask, told.photo, (height, width)))
    x0, y0, x1, y1 = box or (0.0, 0.0, float(width), float(height))
    across, down = photo.width / width, photo.height / height
    return Box(x0 * across, y0 * down, x1 * across, y1 * down)


def answering(look: Look, box: Box) -> Garment | None:
    """The garment that overlaps ``box`` most; None when none does by an IoU of 0.3."""
    best = max(look.garments, key=lambda g: overlap(g.box, box), default=None)
    return best if best is not None and overlap(best.box, box) >= LEAST_OVERLAP else None


def _loose(thing: Thing, box: Box, photo: Photo) -> bool:
    """Whether people looked at all of the photo's lower part, which no garment's box can overlap enough."""
    return thing.box is not None and box.x0 <= 0 and box.x1 >= photo.width and box.y1 >= photo.height


def lower(look: Look) -> Garment | None:
    """The main person's trousers: all that people looked at in such parts."""
    return next((g for g in look.garments if g.region == "lower" and g.person == 0), None)


def from_region(parts: Sequence[Components], photo: Photo, box: Box, *, worn: bool) -> dict[str, Label]:
    """Question -> what the components models say of the garment in ``box``, whatever garment it is."""
    found = {}
    for part in parts:
        for question, p in part.scores(photo, [box], worn=worn).items():
            if part.card.asked.get(question) == ():  # another model answers it
                continue
            best = int(p[0].argmax())
            usual = part.card.settings.get(f"{question}.sure", 0.5)
            least = part.card.settings.get(f"{question}.worn_sure", usual) if worn else usual
            sure = bool(p[0][best] >= least)
            found[question] = Label(id=part.card.questions[question][best], score=float(p[0][best]), sure=sure)
    return found


def _ask_style(found: Answers, told: Told, look: Look) -> None:
    if told.styles[0] == "unsure":
        found.puzzled.append(_said(told, told.styles, look.style))
        return
    found.style.append(_said(told, told.styles, look.style))
    of = {style.id: style.group for style in taxonomy.load().styles}
    groups = tuple(dict.fromkeys(of[style] for style in told.styles))
    found.style_group.append(_said(told, groups, look.style_group))


def _ask_jeans(found: Answers, told: Told, thing: Thing, garment: Garment | None) -> None:
    truth = (thing.labels[truths.JEANS],)
    found.trousers.append(_said(told, truth, None if garment is None else garment.category))
    found.denim.append(_said(told, truth, None if garment is None else garment.components.get("denim_colour")))


def _ask_class(found: Answers, told: Told, thing: Thing, garment: Garment | None) -> None:
    truth = truths.deepfashion2(thing)
    if truth is None:
        return
    sleeve = None if garment is None else garment.components.get("sleeve")
    for said, number in (
        (found.classes, None if garment is None else garment.deepfashion2),
        (found.guessed, None if garment is None else _guess(garment.category.id, sleeve)),
    ):
        answer = None if number is None else Label(id=str(number), score=1.0, sure=False)
        said.append(_said(told, (str(truth),), answer))


def _guess(category: str, sleeve: Label | None) -> int | None:
    return deepfashion2(category, None if sleeve is None else sleeve.id, taxonomy.load())


def main() -> None:
    """Print every table."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--labels", type=Path, default=Path("../shared/labels"), help="folder with shirts.csv, ...")
    parser.add_argument("--split", choices=SPLITS, default="validation", help="the photos to ask about")
    options = parser.parse_args()
    parts = components(options.models)
    merged = {said: other for part in parts for said, other in part.card.merged.items()} | truths.MERGED
    told = truths.read(options.labels, options.data, options.split, merged)
    told = [one for street in (False, True) for one in [t for t in told if t.street == street][: options.limit]]
    reader = wiring.build_reader(Settings(models=options.models))
    found = ask(reader, parts, tqdm(told, desc="photos"))
    models: list[dict[str, object]] = [{"part": part, "model": name} for part, name in reader.models.items()]
    show(f"Models, {options.split} split", models, as_json=options.json)
    print_all(found, merged, as_json=options.json)


def components(folder: Path | None) -> list[Components]:
    """The components models as the product loads them, to be asked about any box."""
    garment, card = store.find("garment", folder)
    features = GarmentEncoder(session=OnnxSession(model=garment), card=card).features
    return [
        Components(session=OnnxSession(model=file), card=own, features=features)
        for file, own in store.components(folder, encoder=card.label)
    ]


def print_all(found: Answers, merged: Mapping[str, str], *, as_json: bool) -> None:
    """Print every table of what was said."""
    if not as_json:
        print("\nCounted as one: " + ", ".join(f"{said} as {other}" for said, other in sorted(merged.items())))
    for name, said in (("given region", found.region), ("whole read", found.read)):
        right, worth = component_rows(said)
        show(f"Details, {name}", right, as_json=as_json)
        show(f"Details, {name}: what the scores are worth", worth, as_json=as_json)
    show("Jeans among trousers, whole read", trousers_rows(found.trousers, found.denim), as_json=as_json)
    show("Style of street photos", style_rows(found.style, WANTED_STYLE), as_json=as_json)
    show("Group of styles of street photos", style_rows(found.style_group, {}), as_json=as_json)
    show("Style of street photos, by style", style_recalls(found.style), as_json=as_json)
    worth = style_trust(found.style, found.style_group, found.puzzled)
    show("Style of street photos: what the scores are worth", worth, as_json=as_json)
    show("DeepFashion2's classes of flat lays", class_rows(found.classes, found.guessed), as_json=as_json)


if __name__ == "__main__":
    main()
