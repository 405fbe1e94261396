"""A classifier's figures: accuracy, precision, recall, F1, average precision, confusion, calibration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meot.evaluation.bootstrap import Draws, Measure, Sampled, interval, numbered, sampled
from meot.evaluation.calibration import calibrate, sure
from meot.evaluation.curve import steps
from meot.evaluation.predictions import Classified
from meot.evaluation.results import Classification, ClassScores, Confusion, Marked, Mistake

_TOP = (1, 3, 5)
_MISTAKES = 24


def measure(these: Classified, draws: Draws) -> Classification:
    """All figures of one model, with intervals over its groups."""
    groups, answers = numbered(these.groups, these.photos), these.scores.argmax(axis=1)
    figures = figures_of(these, draws)
    return Classification(
        model=these.model,
        split=these.split,
        question=these.question,
        photos=len(these),
        groups=int(groups.max()) + 1,
        accuracy=interval(figures["accuracy", ""], trials=int(groups.max()) + 1),
        macro_f1=interval(figures["macro F1", ""], trials=int(groups.max()) + 1),
        top=_top(these),
        classes=tuple(_class(these, i, answers, groups, figures) for i in range(len(these.classes))),
        confusion=Confusion(names=these.classes, counts=_confusion(these, answers)),
        calibration=calibrate(these.scores, these.truth),
        sure=None if these.sure is None else sure(these.scores, these.truth, these.sure),
        mistakes=_mistakes(these, answers),
    )


def figures_of(these: Classified, draws: Draws) -> dict[Measure, Sampled]:
    """accuracy and macro F1, and precision, recall and F1 a class, on all photos and on each draw."""
    one = np.eye(len(these.classes))
    true, said = one[these.truth], one[these.scores.argmax(axis=1)]

    def weighed(weights: NDArray[np.float64]) -> dict[Measure, NDArray[np.float64]]:
        right, have, answered = weights @ (true * said), weights @ true, weights @ said
        f1 = _share(2 * right, have + answered)
        made: dict[Measure, NDArray[np.float64]] = {
            ("accuracy", ""): right.sum(axis=1) / weights.sum(axis=1),
            ("macro F1", ""): _share(np.where(have > 0, f1, 0.0).sum(axis=1), (have > 0).sum(axis=1)),
        }
        for word, values in (("precision", _share(right, answered)), ("recall", _share(right, have)), ("F1", f1)):
            made |= {(word, name): values[:, i] for i, name in enumerate(these.classes)}
        return made

    return sampled(weighed, numbered(these.groups, these.photos), draws)


def changed(first: Classified, second: Classified, name: Measure) -> NDArray[np.bool_]:
    """(N,) bool: photos that two models with equal keys and classes answer differently and that ``name`` looks at."""
    one, other = first.scores.argmax(axis=1), second.scores.argmax(axis=1)
    if not name[1]:
        return np.asarray(one != other)
    number = first.classes.index(name[1])
    looked = first.truth == number
    if name[0] != "recall":
        looked = looked | (one == number) | (other == number)
    return np.asarray((one != other) & looked)


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0), np.float64)


def _top(these: Classified) -> dict[int, float]:
    """Ties go to the class that is named first, as argmax has it."""
    own = these.scores[np.arange(len(these)), these.truth][:, None]
    earlier = np.arange(len(these.classes)) < these.truth[:, None]
    rank = ((these.scores > own) | ((these.scores == own) & earlier)).sum(axis=1)
    return {k: float((rank < k).mean()) for k in _TOP if k == 1 or k < len(these.classes)}


def _class(
    these: Classified,
    number: int,
    answers: NDArray[np.int64],
    groups: NDArray[np.int64],
    figures: dict[Measure, Sampled],
) -> ClassScores:
    name, have, said = these.classes[number], these.truth == number, answers == number
    points = steps(have, these.scores[:, number], int(have.sum()))
    own = {word: figures[word, name] for word in ("precision", "recall", "F1")}
    return ClassScores(
        name=name,
        support=int(have.sum()),
        answered=int(said.sum()),
        precision=interval(own["precision"], trials=len(np.unique(groups[said]))),
        recall=interval(own["recall"], trials=len(np.unique(groups[have]))),
        f1=interval(own["F1"], trials=len(np.unique(groups[have | said]))),
        average_precision=points.average_precision(),
        curve=points.curve(),
        undefined=tuple(word for word, figure in own.items() if np.isnan(figure.value)),
    )


def _confusion(these: Classified, answers: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    count = len(these.classes)
    cells = np.bincount(these.truth * count + answers, minlength=count * count).reshape(count, count)
    return tuple(tuple(row) for row in cells.tolist())


def _mistakes(these: Classified, answers: NDArray[np.int64]) -> tuple[Mistake, ...]:
    """The wrong answers that were given with the most conviction against the truth."""
    rows = np.arange(len(these))
    said, true = these.scores[rows, answers], these.scores[rows, these.truth]
    wrong = np.flatnonzero(answers != these.truth)
    worst = wrong[np.argsort(-(said - true)[wrong], kind="stable")][:_MISTAKES]
    made = []
    for i in worst:
        answer, truth, box = these.classes[answers[i]], these.classes[these.truth[i]], these.boxes[i]
        made.append(
            Mistake(
                photo=these.photos[i],
                words=f"said {answer} ({said[i]:.2f}), is {truth} ({true[i]:.2f})",
                badness=float(said[i] - true[i]),
                boxes=() if box is None else (Marked(label=truth, box=box, kind="truth"),),
            )
        )
    return tuple(made)
