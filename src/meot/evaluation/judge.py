"""From predictions to a report: every model measured, every later one compared with the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from meot.errors import DataError
from meot.evaluation import classify
from meot.evaluation.bootstrap import Difference, Draws, difference, numbered
from meot.evaluation.predictions import Classified, Predictions
from meot.evaluation.results import Comparison, Report, Result


def evaluate(
    predictions: Sequence[Predictions],
    *,
    history: Sequence[Mapping[str, float]] = (),
    times: int = 1000,
    seed: int = 0,
) -> Report:
    """Measure every model and compare each later one with the first.

    history: the epochs of a training run, for its curves. times: bootstrap draws. DataError when there is nothing to
    measure, or when the models answer different questions, classes or photos.
    """
    if not predictions:
        raise DataError("expected predictions of at least one model, got none")
    for these in predictions:
        _check(these, predictions[0])
    draws = Draws(times=times, seed=seed)
    return Report(
        results=tuple(_measure(these, draws) for these in predictions),
        comparisons=tuple(compare(predictions[0], other, draws) for other in predictions[1:]),
        history=tuple(history),
    )


def _measure(these: Predictions, draws: Draws) -> Result:
    if isinstance(these, Classified):
        return classify.measure(these, draws)
    from meot.evaluation import detect

    return detect.measure(these, draws)


def _check(these: Predictions, first: Predictions) -> None:
    if not len(these):
        raise DataError(f"model {these.model!r} has no photo in split {these.split!r}; name a split with photos")
    if type(these) is not type(first):
        raise DataError(f"model {these.model!r} does another task than {first.model!r}; compare models of one task")
    if isinstance(these, Classified) and isinstance(first, Classified) and these.question != first.question:
        raise DataError(
            f"model {these.model!r} answers {these.question!r} and {first.model!r} {first.question!r}; "
            "compare answers to one question"
        )


def compare(first: Predictions, second: Predictions, draws: Draws) -> Comparison:
    """Second against first, on the photos that both answered."""
    second = second.renamed(first.classes)
    mine, theirs = _shared(first, second)
    a, b = first.at(mine), second.at(theirs)
    _check_truth(a, b)
    return Comparison(
        first=first.model,
        second=second.model,
        photos=len(mine),
        left_out=len(first) + len(second) - 2 * len(mine),
        differences=_differences(a, b, draws),
    )


def _shared(first: Predictions, second: Predictions) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the rows that both have, in the first one's order, each (n,) int64."""
    places = {key: i for i, key in enumerate(second.keys)}
    both = [(i, places[key]) for i, key in enumerate(first.keys) if key in places]
    if not both:
        raise DataError(
            f"models {first.model!r} and {second.model!r} have no photo in common ({first.photos[0]} is not in the "
            "second one); let both answer the same photos, with the same paths"
        )
    mine, theirs = np.array(both, np.int64).T
    return mine, theirs


def _check_truth(first: Predictions, second: Predictions) -> None:
    for i, photo in enumerate(first.photos):
        if not _same_truth(first, second, i):
            raise DataError(f"{photo}: the two models were given different truths; write both from the same table")


def _same_truth(first: Predictions, second: Predictions, i: int) -> bool:
    if isinstance(first, Classified) and isinstance(second, Classified):
        return bool(first.truth[i] == second.truth[i])
    if isinstance(first, Classified) or isinstance(second, Classified):
        return False
    one, other = first.truth[i], second.truth[i]
    return (
        len(one) == len(other)
        and bool((one.labels == other.labels).all() and (one.crowd == other.crowd).all())
        and np.allclose(one.xyxy, other.xyxy, atol=1e-3)
    )


def _differences(first: Predictions, second: Predictions, draws: Draws) -> tuple[Difference, ...]:
    groups = numbered(first.groups, first.photos)
    if isinstance(first, Classified) and isinstance(second, Classified):
        one, other = classify.figures_of(first, draws), classify.figures_of(second.grouped(first), draws)
        return tuple(
            difference(name, one[name], other[name], deciding=_count(groups, classify.changed(first, second, name)))
            for name in one
        )
    from meot.evaluation import detect

    if isinstance(first, Classified) or isinstance(second, Classified):
        return ()
    one, other = detect.figures_of(first, draws), detect.figures_of(second.grouped(first), draws)
    return tuple(
        difference(name, one[name], other[name], deciding=_count(groups, detect.changed(first, second, name)))
        for name in one
    )


def _count(groups: NDArray[np.int64], changed: NDArray[np.bool_]) -> int:
    return len(np.unique(groups[changed]))
