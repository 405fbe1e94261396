"""A model file explains itself: the card beside it says how to feed it, what it answers, and where it comes from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from meot.errors import ModelError

CARD_SCHEMA = "meot.card/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is known of one model file.

    task: "parser", "garment", "style", "scope" or "components...". taxonomy: version its outputs are ordered by.
    settings: numbers the runtime needs (input size or area in pixels, temperatures, thresholds). measured: figure ->
    value, with ``command`` printing them. sha256: of the model file.

    Of a components model: questions: question -> its answers in the order of its output. views: the parts of the
    garment it looks at, see :func:`meot.models.pixels.view_box`. asked: question -> categories or regions of garments
    it makes sense for, every garment when it is not there. merged: "question.answer" of the data -> the answer that it
    counts as here. reads: "pixels" of the views, or their "features" by the garment model with the label ``encoder``.
    """

    name: str
    task: str
    taxonomy: str
    licence: str
    trained_on: tuple[str, ...]
    started_from: str
    preprocessing: str
    outputs: tuple[str, ...]
    labels: tuple[str, ...]
    settings: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, float] = field(default_factory=dict)
    command: str = ""
    sha256: str = ""
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    views: tuple[str, ...] = ()
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    reads: str = "pixels"
    encoder: str = ""

    @property
    def label(self) -> str:
        """Name and content: vectors of two files of one name are still told apart."""
        return f"{self.name}@{self.sha256[:8]}"

    def write(self, file: Path) -> None:
        """Write the card as JSON."""
        file.write_text(
            json.dumps({"schema": CARD_SCHEMA} | asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8"
        )


def read_card(file: Path) -> Card:
    """The card in a JSON file. ModelError when it is missing or not a card of this version."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{file}: model card cannot be read ({error}); install meot again or export the model again"
        ) from None
    if raw.pop("schema", None) != CARD_SCHEMA:
        raise ModelError(f"{file}: expected a {CARD_SCHEMA} card; export the model again with this version of meot")
    try:
        raw.update({name: tuple(raw[name]) for name in ("trained_on", "outputs", "labels")})
        raw["views"] = tuple(raw.get("views", ()))
        for name in ("questions", "asked"):
            raw[name] = {question: tuple(values) for question, values in raw.get(name, {}).items()}
        return Card(**raw)
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{file}: model card is incomplete ({error}); export the model again") from None


def digest(file: Path) -> str:
    """sha256 of a file, hexadecimal."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
