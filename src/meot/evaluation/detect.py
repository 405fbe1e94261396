"""A detector's figures: AP50, mAP50, mAP50-95 as COCO defines them, precision and recall, confusion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meot.evaluation.bootstrap import Draws, Measure, Sampled, interval, numbered, sampled
from meot.evaluation.curve import steps
from meot.evaluation.matching import THRESHOLDS, Matches, OneClass, evaluated, match, pairs
from meot.evaluation.predictions import Boxes, Detected
from meot.evaluation.results import NOTHING, Confusion, DetectedScores, Detection, Marked, Mistake

_RECALLS = np.linspace(0, 1, 101)  # where COCO reads precision
_MISTAKES = 24


def measure(these: Detected, draws: Draws) -> Detection:
    """All figures of one model, with intervals over its groups."""
    found = match(these)
    threshold = best_threshold(found)
    figures = figures_of(these, draws, found=found, threshold=threshold)
    precision = evaluated(these, THRESHOLDS)["precision"][:, :, :, 0, 0]
    groups = numbered(these.groups, these.photos)
    return Detection(
        model=these.model,
        split=these.split,
        photos=len(these),
        groups=int(groups.max()) + 1,
        objects=int(found.wanted.sum()),
        map50=interval(figures["mAP50", ""], trials=int(groups.max()) + 1),
        map50_95=interval(figures["mAP50-95", ""], trials=int(groups.max()) + 1),
        threshold=threshold,
        classes=tuple(
            _class(these.classes[i], found.of(i), threshold, figures, precision[:, :, i], groups)
            for i in range(len(these.classes))
        ),
        confusion=_confusion(these, threshold),
        mistakes=_mistakes(these, found, threshold),
    )


def figures_of(
    these: Detected, draws: Draws, *, found: Matches | None = None, threshold: float | None = None
) -> dict[Measure, Sampled]:
    """mAP50-95 and mAP50, AP50, precision, recall and F1 a class, on all photos and on each draw."""
    found = match(these) if found is None else found
    least = best_threshold(found) if threshold is None else threshold

    def weighed(weights: NDArray[np.float64]) -> dict[Measure, NDArray[np.float64]]:
        made: dict[Measure, NDArray[np.float64]] = {}
        every = []
        for number, name in enumerate(these.classes):
            own = found.of(number)
            every.append(average_precisions(own, weights))
            made["AP50", name] = every[-1][:, 0]
            made |= _at(own, name, least, weights)
        stacked = np.stack(every)  # (C, B, T); a class is there or is not, at all thresholds alike
        known = np.maximum(1, (~np.isnan(stacked)).sum(axis=0))
        means = np.where(np.isnan(stacked).all(axis=0), np.nan, np.nansum(stacked, axis=0) / known)
        return {("mAP50-95", ""): means.mean(axis=1), ("mAP50", ""): means[:, 0]} | made

    return sampled(weighed, numbered(these.groups, these.photos), draws)


def average_precisions(found: OneClass, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """COCO's average precision of a class, (B, T) float64, when photo i is there weights[b, i] times; NaN without
    truth. Precision is made falling, and read at the first point that reaches each of 101 recalls.
    """
    wanted, times = weights @ found.wanted, weights[:, found.photo]
    made = np.zeros((len(weights), len(found.right)))
    for row, (right, ignored) in enumerate(zip(found.right, found.ignored, strict=True)):
        hits = np.cumsum(times * right, axis=1)
        answers = np.cumsum(times * ~ignored, axis=1)
        precision = np.divide(hits, answers, out=np.zeros_like(hits), where=answers > 0)
        falling = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        recall = hits / np.maximum(1, wanted)[:, None]
        reached = np.searchsorted(_RECALLS, recall, side="right")
        made[:, row] = (np.diff(reached, prepend=0, axis=1) * falling).sum(axis=1) / len(_RECALLS)
    return np.where(wanted[:, None] > 0, made, np.nan)


def _at(found: OneClass, name: str, least: float, weights: NDArray[np.float64]) -> dict[Measure, NDArray[np.float64]]:
    """Precision, recall and F1 of a class at IoU 0.5 and a score of at least ``least``."""
    asked = found.scores >= least
    times = weights[:, found.photo[asked]]
    right, answers = times @ found.right[0, asked], times @ ~found.ignored[0, asked]
    wanted = weights @ found.wanted
    return {
        ("precision", name): _share(right, answers),
        ("recall", name): _share(right, wanted),
        ("F1", name): _share(2 * right, wanted + answers),
    }


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0), np.float64)


def best_threshold(found: Matches) -> float:
    """The score with the highest mean F1 at IoU 0.5 over the classes that are to be found; 0 without boxes. Of equal
    ones the lowest.
    """
    levels = np.unique(found.scores)
    wanted = found.wanted.sum(axis=0)
    if not len(levels) or not wanted.any():
        return 0.0
    total = np.zeros(len(levels))
    for number in np.flatnonzero(wanted):
        own = found.of(int(number))
        right, answers = (_at_least(own.scores, kept, levels) for kept in (own.right[0], ~own.ignored[0]))
        total += 2 * right / (wanted[number] + answers)
    return float(levels[int(total.argmax())])


def _at_least(scores: NDArray[np.float64], kept: NDArray[np.bool_], levels: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of the kept scores, which fall, reach each level."""
    sorted_up = scores[kept][::-1]
    return np.asarray(len(sorted_up) - np.searchsorted(sorted_up, levels, side="left"), np.int64)


def changed(first: Detected, second: Detected, name: Measure) -> NDArray[np.bool_]:
    """(N,) bool: photos with other boxes, of the class that ``name`` looks at, or of any."""
    number = first.classes.index(name[1]) if name[1] else None
    return np.array([_told(a, number) != _told(b, number) for a, b in zip(first.found, second.found, strict=True)])


def _told(boxes: Boxes, number: int | None) -> list[tuple[float, ...]]:
    rows = zip(boxes.labels.tolist(), boxes.scores.tolist(), boxes.xyxy.tolist(), strict=True)
    return sorted((label, score, *box) for label, score, box in rows if number is None or label == number)


def _class(
    name: str,
    found: OneClass,
    threshold: float,
    figures: dict[Measure, Sampled],
    precision: NDArray[np.float64],
    groups: NDArray[np.int64],
) -> DetectedScores:
    kept, wanted = ~found.ignored[0], int(found.wanted.sum())
    asked = kept & (found.scores >= threshold)
    trials = len(np.unique(groups[np.union1d(np.flatnonzero(found.wanted), found.photo[asked])]))
    points = steps(found.right[0, kept], found.scores[kept], wanted).curve()
    own = {word: figures[word, name] for word in ("precision", "recall", "F1", "AP50")}
    intervals = {word: interval(figure, trials=trials) for word, figure in own.items()}
    return DetectedScores(
        name=name,
        support=wanted,
        answered=int(asked.sum()),
        precision=intervals["precision"],
        recall=intervals["recall"],
        f1=intervals["F1"],
        average_precision=float(precision.mean()) if wanted else None,
        ap50=intervals["AP50"],
        curve=points,
        undefined=tuple(word for word, figure in own.items() if np.isnan(figure.value)),
    )


def _confusion(these: Detected, threshold: float) -> Confusion:
    """Boxes of at least the threshold matched to truth at IoU 0.5 whatever their classes; the last row and column
    hold what matches nothing. Crowds, and what lies in them, are left out.
    """
    kept = these.having_found(threshold)
    truth = np.concatenate([np.empty(0, np.int64), *(boxes.labels for boxes in kept.truth)]).astype(np.int64)
    crowd = np.concatenate([np.empty(0, bool), *(boxes.crowd for boxes in kept.truth)]).astype(bool)
    said = np.concatenate([np.empty(0, np.int64), *(boxes.labels for boxes in kept.found)]).astype(np.int64)
    matched = pairs(kept, THRESHOLDS[0], by_class=False)
    last = len(these.classes)
    cells = np.zeros((last + 1, last + 1), np.int64)
    for number, label in enumerate(said):
        partner = matched.get(number)
        if partner is None:
            cells[last, label] += 1
        elif not crowd[partner]:
            cells[truth[partner], label] += 1
    missed = np.setdiff1d(np.flatnonzero(~crowd), list(matched.values()))
    np.add.at(cells[:, last], truth[missed], 1)
    return Confusion(names=(*these.classes, NOTHING), counts=tuple(tuple(row) for row in cells.tolist()))


def _mistakes(these: Detected, found: Matches, threshold: float) -> tuple[Mistake, ...]:
    """The photos with the most missed things and the surest wrong boxes."""
    asked = found.scores >= threshold
    wrong = asked & ~found.right[0] & ~found.ignored[0]
    hits = np.bincount(found.photo[asked & found.right[0]], minlength=len(these))
    missed = found.wanted.sum(axis=1) - hits
    badness = missed + np.bincount(found.photo[wrong], found.scores[wrong], minlength=len(these))
    false = np.bincount(found.photo[wrong], minlength=len(these))
    worst = [i for i in np.argsort(-badness, kind="stable")[:_MISTAKES] if badness[i] > 0]
    return tuple(
        Mistake(
            photo=these.photos[i],
            words=f"{missed[i]} missed, {false[i]} wrong",
            badness=float(badness[i]),
            boxes=_marked(these, found, int(i), asked),
            size=these.sizes[i],
        )
        for i in worst
    )


def _marked(these: Detected, found: Matches, photo: int, asked: NDArray[np.bool_]) -> tuple[Marked, ...]:
    truth, boxes = these.truth[photo], these.found[photo]
    marks = [
        Marked(label=these.classes[label], box=_plain(box), kind="truth")
        for label, box in zip(truth.labels, truth.xyxy, strict=True)
    ]
    for number in np.flatnonzero(asked & (found.photo == photo)):
        place = found.place[number]
        right = found.right[0, number] or found.ignored[0, number]
        marks.append(
            Marked(
                label=these.classes[boxes.labels[place]],
                box=_plain(boxes.xyxy[place]),
                kind="found" if right else "wrong",
                score=float(boxes.scores[place]),
            )
        )
    return tuple(marks)


def _plain(box: NDArray[np.float64]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box.tolist()
    return x0, y0, x1, y1
