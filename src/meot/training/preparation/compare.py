"""Figures of several classifiers on the same garments, with their intervals, as JSON and as a printed table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from meot.evaluation.bootstrap import Difference, Draws, Interval, Measure, difference, interval, sampled

Answers = NDArray[np.int64]
Floats = NDArray[np.float64]


def compared(said: dict[str, Answers], truth: Answers, groups: Answers, draws: Draws) -> list[dict[str, Any]]:
    """A record a name of ``said``: accuracy and macro F1 (0..1) with 95 % interval, and what it gains on the first.

    said: name -> (N,) answers. truth: (N,). groups: (N,) numbers; garments of a group are drawn together.
    """
    figures = {name: sampled(_measure(own, truth), groups, draws) for name, own in said.items()}
    first = next(iter(said))
    rows = []
    for name, own in said.items():
        accuracy, score = (interval(figures[name][kind, ""]) for kind in ("accuracy", "macro_f1"))
        key = ("accuracy", "")
        deciding = len(np.unique(groups[(own == truth) != (said[first] == truth)]))
        gain = difference(key, figures[first][key], figures[name][key], deciding=deciding)
        rows.append({"name": name, "accuracy": _edges(accuracy), "macro_f1": _edges(score), "gain": _gain(gain)})
    return rows


def _edges(figure: Interval) -> list[float | None]:
    return [figure.value, figure.low, figure.high]


def _gain(found: Difference) -> dict[str, Any]:
    return {"value": found.value, "low": found.low, "high": found.high, "verdict": found.verdict}


def _measure(said: Answers, truth: Answers) -> Any:
    def measure(weights: Floats) -> dict[Measure, Floats]:
        total = weights.sum(1)
        scores = []
        for c in np.unique(truth):
            hit = weights @ ((truth == c) & (said == c))
            both = weights @ (truth == c) + weights @ (said == c)
            there = weights @ (truth == c) > 0
            scores.append(np.where(there, 2 * hit / np.maximum(both, 1e-12), np.nan))
        return {
            ("accuracy", ""): weights @ (said == truth) / total,
            ("macro_f1", ""): np.asarray(np.nanmean(np.stack(scores), 0), np.float64),
        }

    return measure


def printed(report: dict[str, Any]) -> str:
    """The comparison as a table."""
    photos, first = report["photos"], report["rows"][0]["name"]
    lines = [
        f"{report['question']}: {', '.join(report['answers'])}; {photos['train']} garments to learn from, "
        f"{photos['validation']} to measure on; always the commonest answer: {report['majority']:.3f}",
        f"{'preparation':24}{'accuracy (95 %)':22}{'macro F1 (95 %)':22}{'against ' + first:36}"
        f"{'paper':>6}{'seconds':>9}",
    ]
    for row in report["rows"]:
        gain = row["gain"]
        by = f"{gain['value']:+.3f} ({gain['low']:+.3f}..{gain['high']:+.3f}) {gain['verdict']}"
        paper = f"{row['paper'] / 100:.3f}" if row["paper"] else "-"
        lines.append(
            f"{row['name']:24}{_told(row['accuracy']):22}{_told(row['macro_f1']):22}"
            f"{'' if row['name'] == first else by:36}{paper:>6}{row['seconds']:9.0f}"
        )
    return "\n".join(lines)


def _told(figure: list[float]) -> str:
    return f"{figure[0]:.3f} ({figure[1]:.3f}..{figure[2]:.3f})"
