"""The figures of the few-shot comparison as rows and as printed tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meot.training.few_shot.cases import KINDS, PAPER


def rows(records: Sequence[dict[str, Any]], ways: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each way and epoch: mean and spread of every kind of photo over the cases.

    bias: mean of (bottom similar - top similar), 0 when neither part outweighs the other on the whole; lean: mean of
    its size, how far one of them does in a single case. ordered: share of cases in
    which all similar comes first, all different last.
    """
    found = []
    for way in ways:
        if way == "network":
            for epoch in records[0]["network"]["epochs"]:
                values = np.array([record["network"]["epochs"][epoch] for record in records])
                found.append(_row(f"network, {epoch} epochs", values, records, way))
        else:
            values = np.array([record[way]["total"] for record in records])
            found.append(_row(f"garments, {way}", values, records, way))
            found[-1]["parts"] = {
                part: [float(np.mean([r[way]["parts"][i].get(part, 0.0) for r in records])) for i in range(len(KINDS))]
                for part in ("top", "bottom")
            }
    return found


def _row(name: str, values: NDArray[np.float64], records: Sequence[dict[str, Any]], way: str) -> dict[str, Any]:
    """values: (cases, 4) similarities in the order of KINDS."""
    top, bottom, alike, different = values.T
    ordered = (alike > np.maximum(top, bottom)) & (different < np.minimum(top, bottom))
    return {
        "name": name,
        "mean": values.mean(0).tolist(),
        "spread": values.std(0, ddof=1 if len(values) > 1 else 0).tolist(),
        "bias": float((bottom - top).mean()),
        "lean": float(np.abs(bottom - top).mean()),
        "ordered": float(ordered.mean()),
        "seconds": float(np.median([record[way]["seconds"] for record in records])),
    }


def four(found: dict[str, Any]) -> str:
    """The table of the four photos: mean and deviation over the cases, then how far the bottom outweighs the top."""
    lines = [
        f"{len(found['cases'])} cases, mean and standard deviation",
        f"{'':22}"
        + "".join(f"{kind.replace('_', ' '):16}" for kind in KINDS)
        + "bottom - top (size)  ordered  seconds",
        f"{'paper, one case':22}" + "".join(f"{PAPER[kind]:<16.2f}" for kind in KINDS) + f"{0.94 - 0.55:+.2f}",
    ]
    for row in found["rows"]:
        told = (f"{mean:.2f} +- {spread:.2f}" for mean, spread in zip(row["mean"], row["spread"], strict=True))
        lines.append(
            f"{row['name']:22}"
            + "".join(f"{text:16}" for text in told)
            + f"{row['bias']:+.2f} ({row['lean']:.2f}){row['ordered']:16.2f}{row['seconds']:9.3f}"
        )
        for part, values in row.get("parts", {}).items():
            lines.append(f"{'  the ' + part:22}" + "".join(f"{value:<16.2f}" for value in values))
    return "\n".join(lines)


def asked(found: dict[str, Any]) -> str:
    """Each photo's closeness by every way."""
    lines = []
    for i, photo in enumerate(found["photos"]):
        lines.append(Path(photo).name)
        for epoch, values in found.get("network", {}).get("epochs", {}).items():
            lines.append(f"  network, {epoch} epochs: {values[i]:.2f}")
        for way in ("prototype", "logistic"):
            if way in found:
                own = found[way]
                parts = ", ".join(
                    f"{part} {'missing' if part in own['missing'][i] else format(p, '.2f')}"
                    for part, p in own["parts"][i].items()
                )
                lines.append(f"  garments, {way}: {own['total'][i]:.2f} ({parts})")
    return "\n".join(lines)
