"""Printing figures: a table for people, JSON for programs, intervals by bootstrap."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def arguments(doc: str) -> argparse.ArgumentParser:
    """A parser with the options that every bench has."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder with clothing/, ccp/, pairs/, catalogue/"
    )
    parser.add_argument(
        "--models", type=Path, default=None, help="folder of model files; the bundled ones when left out"
    )
    parser.add_argument("--limit", type=int, default=None, help="use only so many photos of each set")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def interval(hits: NDArray[np.float64], *, draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the mean of (N,) values."""
    rng = np.random.default_rng(seed)
    means = hits[rng.integers(0, len(hits), (draws, len(hits)))].mean(1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def show(title: str, rows: list[dict[str, object]], *, as_json: bool) -> None:
    """Print rows of equal keys as a table, or as one line of JSON."""
    if as_json:
        print(json.dumps({"bench": title, "rows": rows}, ensure_ascii=False))
        return
    print(f"\n{title}")
    if not rows:
        print("  (nothing measured)")
        return
    cells = [list(rows[0])] + [[_text(v) for v in row.values()] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    for line in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _text(value: object) -> str:
    """A figure with four digits, with its interval when it comes as (value, low, high), - for none."""
    if value is None:
        return "-"
    if isinstance(value, tuple):
        figure, low, high = value
        return "-" if low is None else f"{figure:.3f} [{low:.3f}, {high:.3f}]"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
