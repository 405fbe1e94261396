"""Attributes in a file beside the catalogue, so that a large one need not be read through whenever it is opened."""

from __future__ import annotations

import json
import os
import secrets
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from meot.catalogue.attributes import Attributes, GarmentColumns, ProductColumns, Vocabularies
from meot.catalogue.vocabulary import Vocabulary

VERSION = 1
"""Raised when arrays or what counts change; files of another version are passed over."""


def save(attributes: Attributes, file: Path, fingerprint: str) -> None:
    """Write attributes of the catalogue with that fingerprint; killed meanwhile, the old file stays. OSError."""
    said = attributes.vocabularies
    texts = {each.name: getattr(said, each.name).texts for each in fields(said) if each.name != "answers"}
    answers = {question: vocabulary.texts for question, vocabulary in said.answers.items()}
    taught = [[kind, question, ids] for (kind, question), ids in attributes.taught.items()]
    told = {"version": VERSION, "fingerprint": fingerprint, "generation": attributes.generation}
    told |= {"texts": texts, "answers": answers, "taught": taught}
    arrays: dict[str, Any] = {"told": np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), np.uint8)}
    for part, columns in (("products", attributes.products), ("garments", attributes.garments)):
        for each in fields(columns):
            if each.name != "answers":
                arrays[f"{part}.{each.name}"] = getattr(columns, each.name)
    for question, column in attributes.garments.answers.items():
        arrays[f"answers.{question}"] = column
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}.new")
    try:
        with new.open("wb") as opened:
            np.savez(opened, **arrays)
            opened.flush()
            os.fsync(opened.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def load(file: Path, fingerprint: str) -> Attributes | None:
    """The attributes in a file; None when there are none of this catalogue and version, or they are damaged."""
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            told = json.loads(arrays["told"].tobytes())
            if (told["version"], told["fingerprint"]) != (VERSION, fingerprint):
                return None
            return _attributes(told, {name: arrays[name] for name in arrays.files})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _attributes(told: dict[str, Any], arrays: dict[str, Any]) -> Attributes:
    def columns(part: str) -> dict[str, Any]:
        return {name.removeprefix(part): array for name, array in arrays.items() if name.startswith(part)}

    answers = {question: Vocabulary(texts) for question, texts in told["answers"].items()}
    said = Vocabularies(**{name: Vocabulary(texts) for name, texts in told["texts"].items()}, answers=answers)
    return Attributes(
        generation=int(told["generation"]),
        products=ProductColumns(**columns("products.")),
        garments=GarmentColumns(**columns("garments."), answers=columns("answers.")),
        vocabularies=said,
        taught={(kind, question): ids for kind, question, ids in told["taught"]},
    )
