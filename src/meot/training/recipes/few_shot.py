"""Recipe of the few-shot similarity: how near photos come to a wanted look, by the paper's way and by ours."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from meot import photos
from meot.data.table import load
from meot.errors import DataError, SettingsError, nearest
from meot.settings import Settings
from meot.training.few_shot import report
from meot.training.few_shot.cases import KINDS, Case, Rules, cases, with_labels
from meot.training.few_shot.garments import GarmentSimilarity, Parts, Way, parts_of, read_parts
from meot.training.few_shot.network import Small, softmax_by_epoch
from meot.training.few_shot.photos import check, classes_in
from meot.training.plan import Run
from meot.training.preparation.net import Tuning
from meot.types import Reader
from meot.wiring import build_reader

WAYS = ("network", *get_args(Way))


@dataclass(frozen=True, kw_only=True)
class FewShotRecipe(Run):
    """Learn a wanted look from at most ten photos a style, and measure photos or the paper's four cases against it."""

    data: Annotated[Path, "folder with a folder of 2 to 10 photos a style; or a table (.jsonl) to build cases from"]
    photos: Annotated[Path | None, "photo or folder to measure, with a folder of styles"] = None
    wanted: Annotated[str, "name of the folder with the wanted look"] = "wanted"
    ways: Annotated[tuple[str, ...], "network (as the paper), prototype, logistic (ours)"] = WAYS
    epochs: Annotated[tuple[int, ...], "epochs after which the network is asked"] = (10, 15, 20, 25, 30)
    net: Annotated[str, "the network: a torchvision or timm name"] = "mobilenet_v2"
    weights: Annotated[str, "its start: a file, download for the library's own, empty for random"] = "download"
    size: Annotated[int, "side of its square picture, px"] = 224
    rate: Annotated[float, "its learning rate; the last layer learns 4 times as fast"] = 5e-4
    batch: Annotated[int, "photos a step"] = 16
    cases: Annotated[int, "cases to build from a table"] = 20
    styles: Annotated[int, "other styles in a case"] = 3
    labels: Annotated[Path | None, "CSV with columns photo and style, where the table has no styles"] = None
    near: Annotated[float, "garments of one label are alike below this distance in CIE Lab"] = 20.0
    far: Annotated[float, "garments of two labels are different above this distance in CIE Lab"] = 30.0
    question: Annotated[str, "the table's question whose answer is a style"] = "style"


def train_few_shot(recipe: FewShotRecipe, folder: Path) -> Path:
    """Measure by every way of the recipe, print the figures and write ``folder``/few_shot.json.

    DataError for classes or photos that cannot be used (see :func:`meot.training.few_shot.photos.check`), photos
    without a garment, and a table that gives too few cases; SettingsError for an unknown way or no epochs.
    """
    for way in recipe.ways:
        if way not in WAYS:
            raise SettingsError(f"ways: no way is called {way!r}; {nearest(way, WAYS)}")
    if "network" in recipe.ways and (not recipe.epochs or min(recipe.epochs) < 1):
        raise SettingsError(f"epochs must be 1 or more each, got {recipe.epochs}; ask after 10, 15, 20, 25 and 30")
    folder.mkdir(parents=True, exist_ok=True)
    reader = build_reader(Settings(threads=recipe.threads))
    found = _cases(recipe, folder, reader) if recipe.data.suffix == ".jsonl" else _asked(recipe, folder, reader)
    file = folder / "few_shot.json"
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def _asked(recipe: FewShotRecipe, folder: Path, reader: Reader) -> dict[str, Any]:
    """Closeness of the asked photos to the wanted look in a folder of styles."""
    if recipe.photos is None:
        raise DataError(f"{recipe.data}: expected photos to measure against it; name a photo or folder in photos")
    classes, asked = classes_in(recipe.data), list(photos.find(recipe.photos))
    check(classes, recipe.wanted)
    known = {p: read_parts(reader, p) for p in tqdm([*sum(classes.values(), ()), *asked], desc="looks", mininterval=5)}
    found: dict[str, Any] = {"photos": [str(photo) for photo in asked]}
    if "network" in recipe.ways:
        found["network"] = _network(recipe, classes, asked, folder / "network", recipe.wanted)
    for way in get_args(Way):
        if way in recipe.ways:
            found[way] = _ours(way, classes, asked, known, recipe.wanted)
    tqdm.write(report.asked(found))
    return found


def _cases(recipe: FewShotRecipe, folder: Path, reader: Reader) -> dict[str, Any]:
    """The paper's four photos, many times over."""
    rules = Rules(near=recipe.near, far=recipe.far, styles=recipe.styles, question=recipe.question)
    table = load(recipe.data)
    if recipe.labels is not None:
        table = with_labels(table, recipe.labels, recipe.question)
    built = cases(table, recipe.cases, rules, np.random.default_rng(recipe.seed))
    known: dict[Path, Parts] = {}
    records = []
    for number, case in enumerate(tqdm(built, desc="cases")):
        records.append(_one_case(recipe, case, folder / f"case-{number}", reader, known))
    found = {"rules": asdict(rules), "kinds": KINDS, "cases": records}
    found["rows"] = report.rows(records, recipe.ways)
    tqdm.write(report.four(found))
    return found


def _one_case(
    recipe: FewShotRecipe, case: Case, folder: Path, reader: Reader, known: dict[Path, Parts]
) -> dict[str, Any]:
    asked = [case.asked[kind] for kind in KINDS]
    record: dict[str, Any] = {
        "classes": {name: [photo.name for photo in chosen] for name, chosen in case.classes.items()},
        "asked": {kind: photo.name for kind, photo in case.asked.items()},
    }
    ours = [way for way in get_args(Way) if way in recipe.ways]
    for photo in [*sum(case.classes.values(), ()), *asked] if ours else []:
        if photo not in known:
            known[photo] = parts_of(reader.read(photos.load(photo)))
    if "network" in recipe.ways:
        record["network"] = _network(recipe, case.classes, asked, folder, "wanted")
    for way in ours:
        record[way] = _ours(way, case.classes, asked, known, "wanted")
    return record


def _network(
    recipe: FewShotRecipe, classes: Mapping[str, Sequence[Path]], asked: Sequence[Path], folder: Path, wanted: str
) -> dict[str, Any]:
    started = time.perf_counter()
    tuning = Tuning(
        epochs=max(recipe.epochs),
        rate=recipe.rate,
        batch=recipe.batch,
        schedule="constant",
        smoothing=0.0,
        precision=recipe.precision,
        threads=recipe.threads,
        seed=recipe.seed,
    )
    small = Small(net=recipe.net, weights=recipe.weights, size=recipe.size)
    found = softmax_by_epoch(classes, asked, small, tuning, folder, wanted=wanted)
    by_epoch: dict[str, NDArray[np.float64]] = {str(epoch): found[epoch - 1] for epoch in recipe.epochs}
    return {
        "epochs": {epoch: [round(float(p), 4) for p in row] for epoch, row in by_epoch.items()},
        "seconds": round(time.perf_counter() - started, 2),
    }


def _ours(
    way: Way,
    classes: Mapping[str, Sequence[Path]],
    asked: Sequence[Path],
    known: Mapping[Path, Parts],
    wanted: str,
) -> dict[str, Any]:
    started = time.perf_counter()
    own = [known[photo] for photo in classes[wanted]]
    others = [known[photo] for name, chosen in classes.items() if name != wanted for photo in chosen]
    model = GarmentSimilarity.fit(own, others, way=way)
    seconds = time.perf_counter() - started
    found = [model.closeness(known[photo]) for photo in asked]
    return {
        "total": [round(each.total, 4) for each in found],
        "parts": [{part: round(p, 4) for part, p in each.parts.items()} for each in found],
        "missing": [list(each.missing) for each in found],
        "seconds": round(seconds, 4),
    }
