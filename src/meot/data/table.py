"""One row a photo: the table every source is converted to and every recipe learns from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Split = Literal["train", "validation"]


@dataclass(frozen=True, slots=True)
class Row:
    """A photo with what is known of it.

    labels: the source's own names of what is in the photo.
    mask: PNG beside it; its meaning is the source's (CCP: label ids; clothing: 1 bit, garment or not).
    group: rows of one group (one sender, one item) must stay on one side of a split.
    """

    photo: Path
    source: str
    split: Split
    labels: tuple[str, ...]
    mask: Path | None
    group: str
