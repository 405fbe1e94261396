"""Teaching: how well a class is known after 1, 5 and 10 photos of it, and what it costs the classes there were.

Protocol: photos of the validation splits are read once. Then lessons are played, ``--seeds`` times each: n photos of a
class are its examples; its others, and 150 photos of other classes, are asked through the catalogue's own answers
(``labels.taught``).

``new``: a class that is unknown to the models, beside all that they know. On flat lays it is one of the 17 labels, its
categories struck from the scores (the nets have seen it, which flatters); product shots show types that no net here
was told of. ``others``: right answers to photos of all other classes before the lesson and after it.
``from nothing``: n photos of every class are taught and nothing else is known, as with a question of one's own.
"""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bench.table import arguments, show
from meot import photos, taxonomy, wiring
from meot.answers import teaching
from meot.answers.subject import Wish, understand
from meot.catalogue.store import Catalogue
from meot.data.sources import clothing, details
from meot.labels.lessons import CATEGORY, COMPONENT, STYLE, Example, Lesson, encoder_of
from meot.labels.likeness import Likeness
from meot.labels.taught import TaughtAnswers
from meot.settings import Settings
from meot.types import Garment, Label, Look, Photo, Reader

COUNTS = (1, 5, 10)
_FEWEST_ASKED = 3
_MOST_OTHERS = 150
KNOWN = {
    "Tshirts": ("t_shirt", "longsleeve", "polo"),
    "Shirts": ("shirt",),
    "Jeans": ("jeans",),
    "Trousers": ("trousers",),
    "Shorts": ("shorts",),
    "Dresses": ("dress",),
    "Skirts": ("skirt",),
    "Heels": ("heels", "sandals"),
    "Casual Shoes": ("sneakers", "flats"),
    "Sweaters": ("knit", "cardigan"),
    "Jackets": ("jacket", "coat"),
    "Handbags": ("bag",),
}
"""Types of the catalogue set -> categories that are right for them."""
UNKNOWN = (
    "Kurtas",
    "Wallets",
    "Backpacks",
    "Flip Flops",
    "Formal Shoes",
    "Track Pants",
    "Belts",
    "Watches",
    "Sunglasses",
)
"""Types of the catalogue set that are no category of ours, or none that the nets can tell."""
_OF_A_TYPE = 24


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A photo that was read, without its pixels, and what it is said to be. right: category ids, where known."""

    look: Look
    said: str
    right: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is taught of cases. answer: of a look. forget: the look without what the models know of a class."""

    name: str
    kind: str
    cases: Sequence[Case]
    answer: Callable[[Look], Label | None]
    forget: Callable[[Look, Iterable[str]], Look]
    question: str = ""


def read(reader: Reader, file: Path) -> Look:
    """The look of a photo, small enough to keep thousands."""
    look = reader.read(photos.load(file))
    photo = Photo(np.zeros((1, 1, 3), np.uint8), look.photo.sha256, look.original)
    return replace(look, photo=photo, regions=np.zeros((1, 1), np.uint8))


def without(label: Label | None, ids: Iterable[str]) -> Label | None:
    """A label after some ids are struck from its scores; None when nothing is left."""
    if label is None:
        return None
    scores = {id: score for id, score in label.scores.items() if id not in set(ids)}
    total = sum(scores.values())
    if total <= 0:
        return None
    best = max(scores, key=lambda id: scores[id])
    return Label(id=best, score=scores[best] / total, sure=False, scores={i: s / total for i, s in scores.items()})


def _first(look: Look) -> Garment | None:
    return look.garments[0] if look.garments else None


def _category(look: Look) -> Label | None:
    garment = _first(look)
    return None if garment is None else garment.category


def _without_categories(look: Look, ids: Iterable[str]) -> Look:
    garment = _first(look)
    label = without(None if garment is None else garment.category, ids)
    return look if garment is None or label is None else replace(look, garments=(replace(garment, category=label),))


def _component(question: str) -> Callable[[Look], Label | None]:
    return lambda look: look.garments[0].components.get(question) if look.garments else None


def _without_component(question: str) -> Callable[[Look, Iterable[str]], Look]:
    def forget(look: Look, ids: Iterable[str]) -> Look:
        garment = _first(look)
        if garment is None:
            return look
        rest = {name: label for name, label in garment.components.items() if name != question}
        label = without(garment.components.get(question), ids)
        rest |= {} if label is None else {question: label}
        return replace(look, garments=(replace(garment, components=rest),))

    return forget


def _without_style(look: Look, ids: Iterable[str]) -> Look:
    return replace(look, style=without(look.style, ids))


def lesson_of(asked: Question, name: str, examples: Sequence[Case], region: str = "") -> Lesson:
    """What the command line would store of these photos."""
    given = []
    for case in examples:
        garment = _first(case.look)
        features = case.look.features if asked.kind == STYLE else garment.features if garment else None
        assert features is not None
        kept = np.asarray(features, "<f2").astype(np.float32)  # as the catalogue keeps them
        place = garment.region if garment and asked.kind != STYLE else ""
        given.append(
            Example(sha256=case.look.photo.sha256, region=place, encoder=encoder_of(case.look.models), features=kept)
        )
    region = given[0].region if asked.kind == CATEGORY else ""
    return Lesson(kind=asked.kind, question=asked.question, name=name, region=region, examples=tuple(given))


def play(asked: Question, name: str, count: int, seed: int, likeness: Likeness) -> Iterator[dict[str, float]]:
    """One lesson of a new class: a row for each photo asked."""
    own = [case for case in asked.cases if case.said == name]
    if len(own) < count + _FEWEST_ASKED:
        return
    order = np.random.default_rng(seed).permutation(len(own))
    hidden = {id for case in own for id in case.right} or {name}
    taught = _answers([lesson_of(asked, "taught", [own[i] for i in order[:count]])], likeness)
    rest = [own[i] for i in order[count:]]
    others = [case for case in asked.cases if case.said != name]
    drawn = np.random.default_rng(seed).permutation(len(others))[:_MOST_OTHERS]
    for case in [*rest, *(others[i] for i in drawn)]:
        look = asked.forget(case.look, hidden)
        before, after = asked.answer(look), asked.answer(taught.apply(look))
        right = set(case.right) or {case.said}
        hit = after is not None and after.id == "taught"
        yield {
            "new": float(case.said == name),
            "taught": float(hit),
            "before": float(before is not None and before.id in right),
            "after": float(after is not None and after.id in right),
            "sure": float(hit and after is not None and after.sure),
        }


def _answers(lessons: Sequence[Lesson], likeness: Likeness) -> TaughtAnswers:
    return TaughtAnswers(lessons=lessons, revision="bench", likeness=likeness, taxonomy=taxonomy.load())


def new_classes(asked: Question, likeness: Likeness, seeds: int, names: Iterable[str]) -> list[dict[str, object]]:
    """Rows of a question, one a number of photos."""
    table: list[dict[str, object]] = []
    for count in COUNTS:
        lessons = [list(play(asked, n, count, seed, likeness)) for n in names for seed in range(seeds)]
        rows = [row for lesson in lessons for row in lesson]
        if not rows:
            continue
        own, others = [r for r in rows if r["new"]], [r for r in rows if not r["new"]]
        sure = [r for r in rows if r["sure"]]
        table.append(
            {
                "new class": asked.name,
                "photos": count,
                "lessons": sum(bool(lesson) for lesson in lessons),
                "asked": len(own),
                "known": float(np.mean([r["taught"] for r in own])),
                "others": len(others),
                "before": float(np.mean([r["before"] for r in others])),
                "after": float(np.mean([r["after"] for r in others])),
                "sure": len(sure),
                "right where sure": float(np.mean([r["new"] for r in sure])) if sure else float("nan"),
            }
        )
    return table


def from_nothing(asked: Question, likeness: Likeness, seeds: int) -> list[dict[str, object]]:
    """Rows of a question that only lessons answer, all classes with photos enough taught."""
    table: list[dict[str, object]] = []
    for count in COUNTS:
        names = [n for n in sorted({c.said for c in asked.cases}) if _count(asked, n) >= count + _FEWEST_ASKED]
        if len(names) < 2:
            continue
        hits, chance, answered = [], 0.0, 0
        for seed in range(seeds):
            lessons, rest = _split(asked, names, count, seed)
            taught = _answers(lessons, likeness)
            everything = {
                i for c in rest if (said := asked.answer(c.look)) is not None for i in (*said.scores, said.id)
            }
            for case in rest:
                label = asked.answer(taught.apply(asked.forget(case.look, everything)))
                answered += label is not None
                hits.append(float(label is not None and label.id == case.said))
            chance = max(sum(c.said == n for c in rest) for n in names) / len(rest)
        table.append(
            {
                "from nothing": asked.name,
                "photos": count,
                "classes": len(names),
                "asked": len(hits),
                "answered": answered / len(hits),
                "right": float(np.mean(hits)),
                "always the commonest": chance,
            }
        )
    return table


def _count(asked: Question, name: str) -> int:
    return sum(case.said == name for case in asked.cases)


def _split(asked: Question, names: Sequence[str], count: int, seed: int) -> tuple[list[Lesson], list[Case]]:
    rng = np.random.default_rng(seed)
    lessons, rest = [], []
    for name in names:
        own = [case for case in asked.cases if case.said == name]
        order = rng.permutation(len(own))
        lessons.append(lesson_of(asked, name, [own[i] for i in order[:count]]))
        rest += [own[i] for i in order[count:]]
    return lessons, rest


def flat_lays(reader: Reader, options_data: Path, labels: Path, limit: int | None) -> list[Question]:
    """Category and components of the clothing set's validation photos."""
    terms = taxonomy.load()
    told = {r.photo: r.labels for r in details.read(labels, data=options_data).rows if r.source == "clothing"}
    category: list[Case] = []
    patterns: list[Case] = []
    for row in tqdm(clothing.read(options_data / "clothing", "validation")[:limit], desc="flat lays", mininterval=5):
        look = read(reader, row.photo)
        if look.garments and not look.worn:
            said = row.labels["category"]
            right = tuple(terms.categories[i].id for i in terms.categories_of("clothing", said))
            category.append(Case(look, said, right))
            if "pattern" in told.get(row.photo, {}):
                patterns.append(Case(look, told[row.photo]["pattern"]))
    return [
        Question(
            name="category, flat lays", kind=CATEGORY, cases=category, answer=_category, forget=_without_categories
        ),
        Question(
            name="pattern, flat lays",
            kind=COMPONENT,
            question="pattern",
            cases=patterns,
            answer=_component("pattern"),
            forget=_without_component("pattern"),
        ),
    ]


def product_shots(reader: Reader, folder: Path, limit: int | None) -> list[Question]:
    """Types of the catalogue set, known ones and unknown ones."""
    of_type: dict[str, list[Path]] = {}
    with (folder / "products.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            of_type.setdefault(row["article_type"], []).append(folder / "images" / f"{row['id']}.jpg")
    chosen = [(t, f) for t in (*KNOWN, *UNKNOWN) for f in of_type.get(t, [])[:_OF_A_TYPE]][: limit and limit * 4]
    cases = []
    for name, file in tqdm(chosen, desc="product shots", mininterval=5):
        look = read(reader, file)
        if look.garments:
            cases.append(Case(look, name, KNOWN.get(name, ())))
    return shots_apart(cases)


def shots_apart(cases: Sequence[Case]) -> list[Question]:
    """Product shots that nobody wears, and those on people."""
    kinds = {"category, product shots unworn": False, "category, product shots worn": True}
    return [
        Question(
            name=name,
            kind=CATEGORY,
            cases=[case for case in cases if case.look.worn is worn],
            answer=_category,
            forget=lambda look, _: look,
        )
        for name, worn in kinds.items()
    ]


def street_photos(reader: Reader, data: Path, labels: Path, limit: int | None) -> Question:
    """Styles of CCP's validation photos."""
    with (labels / "styles.csv").open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["split"] == "validation" and r["style"] not in ("", "unsure")]
    cases = []
    for row in tqdm(rows[:limit], desc="street photos", mininterval=5):
        look = read(reader, data / "ccp" / "photos" / f"{row['photo']}.jpg")
        if look.features is not None:
            cases.append(Case(look, row["style"]))
    return Question(
        name="style, street photos", kind=STYLE, cases=cases, answer=lambda look: look.style, forget=_without_style
    )


def seconds(reader: Reader, likeness: Likeness, files: Sequence[Path]) -> list[dict[str, object]]:
    """What a lesson takes, from the files to the next answer."""
    about = understand(Wish(kind=CATEGORY, name="bench class"), (), taxonomy.load())
    with tempfile.TemporaryDirectory() as folder, Catalogue.open(Path(folder) / "shop.db", create=True) as catalogue:
        started = time.perf_counter()
        teaching.store(catalogue, about, teaching.gather(about, files, reader), likeness)
        took = time.perf_counter() - started
    return [{"what": f"a lesson of {len(files)} photos, s", "value": took}]


def main() -> None:
    """Print every table."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--labels", type=Path, default=Path("../shared/labels"), help="folder with styles.csv, ...")
    parser.add_argument("--seeds", type=int, default=2, help="how often each lesson is played")
    options = parser.parse_args()
    settings = Settings(models=options.models)
    reader, likeness = wiring.build_reader(settings), wiring.load_likeness(settings)
    category, pattern = flat_lays(reader, options.data, options.labels, options.limit)
    style = street_photos(reader, options.data, options.labels, options.limit)
    shots = product_shots(reader, options.data / "catalogue", options.limit)
    asked: Mapping[str, tuple[Question, Iterable[str]]] = {
        q.name: (q, sorted({c.said for c in q.cases}))
        for q in (category, pattern, style)
        if any(q.answer(c.look) is not None for c in q.cases)
    } | {q.name: (q, UNKNOWN) for q in shots}
    new = [row for q, names in asked.values() for row in new_classes(q, likeness, options.seeds, names)]
    show("A new class beside those that are known", new, as_json=options.json)
    nothing = [row for q in (category, pattern, style) for row in from_nothing(q, likeness, options.seeds)]
    show("A question that only lessons answer", nothing, as_json=options.json)
    files = [row.photo for row in clothing.read(options.data / "clothing", "validation")[:10]]
    show("Time", seconds(reader, likeness, files), as_json=options.json)


if __name__ == "__main__":
    main()
