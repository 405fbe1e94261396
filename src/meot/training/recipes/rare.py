"""Recipe that shows what each answer to rare classes gains and costs: one class starved, every way tried on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray

from meot.data.images import read_ids, read_rgb
from meot.data.mix import Scene, copy_paste
from meot.data.opening import open_table
from meot.data.oversample import Oversampling, oversample
from meot.data.table import Row, Table
from meot.errors import DataError
from meot.training.classify.balance import balanced
from meot.training.classify.batches import Features
from meot.training.classify.feature_cache import cached
from meot.training.classify.samples import Crop, Sample, cut_out, load_crops, questions_of, samples_of
from meot.training.classify.stages import Job, Prepared, classifier, features_of, train_top
from meot.training.nets.classifier import Classifier
from meot.training.recipes.classifier import ClassifierRecipe, prepare

WAYS: dict[str, dict[str, object]] = {
    "plain": {},
    "oversampled": {},
    "copy_paste": {},
    "class_balanced": {"balance": "class_balanced"},
    "repeat_factor": {"balance": "repeat_factor"},
    "weighted": {"class_weights": "effective"},
    "focal": {"loss": "focal"},
    "mixup": {"mixup": 0.5},
}
"""Way -> what it changes in the classifier's recipe; the two that make new pictures change nothing there."""


@dataclass(frozen=True, kw_only=True)
class RareRecipe:
    """The same frozen features for every way, so that only the way differs; each with several seeds."""

    data: Annotated[Path, "table (.jsonl) or data set folder"]
    question: Annotated[str, "question whose classes are looked at"] = "category"
    starve: Annotated[str, "class that loses most of its training photos"] = ""
    keep: Annotated[int, "photos that it keeps"] = 20
    at_least: Annotated[int, "floor of the oversampling: crops and rotations until the class has so many"] = 200
    ways: Annotated[tuple[str, ...], "ways to try"] = tuple(WAYS)
    seeds: Annotated[tuple[int, ...], "seeds; each draws other photos to keep"] = (0, 1, 2)
    net: Annotated[str, "meot (bundled), or a torchvision or timm name"] = "meot"
    weights: Annotated[str, "start: a file, download for the library's own, empty for random (meot: bundled)"] = ""
    size: Annotated[int, "side of the square picture, px"] = 160
    head_epochs: Annotated[int, "epochs of each training"] = 40
    threads: Annotated[int, "processor threads"] = 1
    limit: Annotated[int | None, "use only so many photos a split, to try things out"] = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a way did for one seed. recall: of the starved class; others: mean recall of the other classes."""

    way: str
    seed: int
    recall: float
    precision: float
    others: float
    macro_f1: float
    of_class: dict[str, float]


def train_rare(recipe: RareRecipe, folder: Path) -> Path:
    """Train every way with every seed, print the table, and write it to ``folder``/rare.json; returns that file."""
    table = open_table(recipe.data)
    known = table.questions.get(recipe.question, ())
    if recipe.starve not in known:
        raise DataError(
            f"starve must be one of {', '.join(known) or 'the answers of a question'}, got {recipe.starve!r}"
        )
    base = ClassifierRecipe(
        heads=False,
        data=recipe.data,
        questions=(recipe.question,),
        net=recipe.net,
        weights=recipe.weights,
        size=recipe.size,
        looks=1,
        head_epochs=recipe.head_epochs,
        threads=recipe.threads,
        limit=recipe.limit,
    )
    bench = _Bench(recipe, base, table, folder)
    outcomes = [bench.run(way, seed) for seed in recipe.seeds for way in recipe.ways]
    print(text(outcomes, recipe.starve))
    file = folder / "rare.json"
    file.write_text(json.dumps([_plain(o) for o in outcomes], indent=1, ensure_ascii=False), encoding="utf-8")
    return file


def _plain(outcome: Outcome) -> dict[str, object]:
    return {name: getattr(outcome, name) for name in Outcome.__slots__}


class _Bench:
    """Features of all photos, computed once; a way picks from them and adds its own."""

    def __init__(self, recipe: RareRecipe, base: ClassifierRecipe, table: Table, folder: Path) -> None:
        self._recipe, self._base, self._table, self._folder = recipe, base, table, folder
        questions = questions_of(table, base.questions)
        samples = {split: samples_of(table.of(split), questions) for split in ("train", "validation")}
        self._data = prepare(base, samples, questions)
        self._net = classifier(base, questions)
        job = Job(base, self._data, folder)
        self._learn = features_of(self._net, job, "train")
        self._held = features_of(self._net, job, "validation")
        self._rare = questions.answers[recipe.question].index(recipe.starve)

    def run(self, way: str, seed: int) -> Outcome:
        kept = self._kept(seed)
        data = self._picked(kept)
        learn = self._learn[kept]
        if way in ("oversampled", "copy_paste"):
            data, learn = self._grown(data, learn, way, seed)
        recipe = _of_way(replace(self._base, seed=seed), way)
        odds, weights = balanced(recipe, data.answers("train"), data.questions)
        net = classifier(recipe, data.questions)
        train_top(net, Job(recipe, data, self._folder / f"{way}-{seed}", odds, weights), learn, self._held)
        return self._measured(net, way, seed)

    def _kept(self, seed: int) -> NDArray[np.int64]:
        """Places of the training garments that stay: all but most of the starved class."""
        answers = self._data.answers("train")[:, 0]
        rare = np.flatnonzero(answers == self._rare)
        if len(rare) <= self._recipe.keep:
            raise DataError(f"{self._recipe.starve} has {len(rare)} training photos, fewer than it should keep")
        chosen = np.random.default_rng(seed).choice(rare, self._recipe.keep, replace=False)
        return np.sort(np.concatenate([np.flatnonzero(answers != self._rare), chosen]))

    def _picked(self, kept: NDArray[np.int64]) -> Prepared:
        samples = [self._data.samples["train"][i] for i in kept]
        return Prepared(self._data.questions, {**self._data.samples, "train": samples}, {})

    def _grown(self, data: Prepared, learn: Features, way: str, seed: int) -> tuple[Prepared, Features]:
        """With new pictures of the starved class."""
        new = self._oversampled(data, seed) if way == "oversampled" else self._pasted(data, seed)
        crops = [crop for _, crop in new]
        more = cached(self._net, crops, self._base, self._folder / f"features-{way}-{seed}.npy", looks=1)
        samples = {**data.samples, "train": [*data.samples["train"], *(sample for sample, _ in new)]}
        return Prepared(data.questions, samples, {}), np.concatenate([learn, more])

    def _oversampled(self, data: Prepared, seed: int) -> list[tuple[Sample, Crop]]:
        """Crops and rotations of the starved class, made as ``meot data balance`` makes them."""
        photos = {sample.photo for sample in data.samples["train"]}
        rows = tuple(row for row in self._table.of("train") if row.photo in photos and self._is_rare(row))
        plan = Oversampling(question=self._recipe.question, at_least=self._recipe.at_least, seed=seed)
        made = oversample(self._table.having(rows), plan, self._folder / f"oversampled-{seed}")
        new = [s for s in samples_of(made.rows, data.questions) if s.photo not in photos]
        return list(zip(new, load_crops(new, self._base.size), strict=True))

    def _pasted(self, data: Prepared, seed: int) -> list[tuple[Sample, Crop]]:
        """Garments of the starved class cut out by their masks and pasted onto other training photos."""
        rng = np.random.default_rng(seed)
        train = data.samples["train"]
        rare = [s for s in train if s.answers[0] == self._rare and s.mask is not None]
        hosts = [s for s in train if s.answers[0] != self._rare]
        if not rare:
            raise DataError(f"copy_paste needs masks, and {self._recipe.starve} has none; leave it out of ways")
        new = []
        for _ in range(max(0, self._recipe.at_least - self._recipe.keep)):
            sample, host = rare[int(rng.integers(len(rare)))], hosts[int(rng.integers(len(hosts)))]
            ground = read_rgb(host.photo)
            mask = read_ids(sample.mask, sample.photo)[None] > 0
            thing = Scene(image=read_rgb(sample.photo), masks=mask, labels=(self._recipe.starve,))
            empty = Scene(image=ground, masks=np.zeros((0, *ground.shape[:2]), bool), labels=())
            pasted = copy_paste(empty, thing, rng)
            if len(pasted.masks):
                x0, y0, x1, y1 = (float(edge) for edge in pasted.boxes[-1])
                new.append((sample, cut_out(pasted.image, (x0, y0, x1, y1), self._base.size, name=str(host.photo))))
        return new

    def _is_rare(self, row: Row) -> bool:
        return row.labels.get(self._recipe.question) == self._recipe.starve

    @torch.no_grad()
    def _measured(self, net: Classifier, way: str, seed: int) -> Outcome:
        logits = net.top(torch.from_numpy(self._held[:, 0].astype(np.float32)))[0].numpy()
        truth, said = self._data.answers("validation")[:, 0], logits.argmax(1)
        names = self._data.questions.answers[self._recipe.question]
        recalls = {name: _recall(truth, said, c) for c, name in enumerate(names) if (truth == c).any()}
        hit = ((said == self._rare) & (truth == self._rare)).sum()
        f1 = [
            2 * ((said == c) & (truth == c)).sum() / ((said == c).sum() + (truth == c).sum()) for c in np.unique(truth)
        ]
        return Outcome(
            way=way,
            seed=seed,
            recall=recalls[self._recipe.starve],
            precision=float(hit / max(1, (said == self._rare).sum())),
            others=float(np.mean([value for name, value in recalls.items() if name != self._recipe.starve])),
            macro_f1=float(np.mean(f1)),
            of_class=recalls,
        )


def _recall(truth: NDArray[np.int64], said: NDArray[np.int64], c: int) -> float:
    return float((said[truth == c] == c).mean())


def _of_way(recipe: ClassifierRecipe, way: str) -> ClassifierRecipe:
    """The recipe with one answer to rarity. DataError for an unknown one."""
    if way not in WAYS:
        raise DataError(f"no way is called {way!r}; known are {', '.join(WAYS)}")
    return replace(recipe, **WAYS[way])  # type: ignore[arg-type]


def text(outcomes: list[Outcome], starved: str) -> str:
    """One line a way: means over the seeds with their spread, then recall of every class."""
    return "\n".join(_lines(outcomes, starved))


def _lines(outcomes: list[Outcome], starved: str) -> Iterator[str]:
    yield f"{'way':16}{starved + ' recall':>20}{'precision':>16}{'other classes':>16}{'macro F1':>16}"
    ways = list(dict.fromkeys(o.way for o in outcomes))
    for way in ways:
        own = [o for o in outcomes if o.way == way]
        cells = [_spread([getattr(o, name) for o in own]) for name in ("recall", "precision", "others", "macro_f1")]
        yield f"{way:16}{cells[0]:>20}{cells[1]:>16}{cells[2]:>16}{cells[3]:>16}"
    yield ""
    yield f"{'recall a class':16}" + "".join(f"{way[:13]:>15}" for way in ways)
    for name in outcomes[0].of_class:
        means = [np.mean([o.of_class[name] for o in outcomes if o.way == way]) for way in ways]
        yield f"{name[:15]:16}" + "".join(f"{mean:15.3f}" for mean in means)


def _spread(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"
