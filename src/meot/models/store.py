"""Name of a task -> a verified model file and its card."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from meot import taxonomy
from meot.errors import ModelError
from meot.models.card import Card, digest, read_card


def bundled() -> Path:
    """The folder of the models that ship with meot."""
    return Path(str(resources.files("meot.models").joinpath("bundled")))


def find(task: str, folder: Path | None = None) -> tuple[Path, Card]:
    """The model of ``task`` ("parser", "garment") in ``folder`` (None: the bundled ones; a folder may lack some).

    ModelError when there is none, when it does not match its card, or when its card speaks another taxonomy.
    """
    places = [bundled()] if folder is None else [folder, bundled()]
    if folder is not None and not folder.is_dir():
        raise ModelError(f"{folder}: expected a folder of model files, found none; check --models or MEOT_MODELS")
    for place in places:
        model, card_file = place / f"{task}.onnx", place / f"{task}.json"
        if model.is_file():
            card = read_card(card_file)
            _check(model, card, task)
            return model, card
    raise ModelError(
        f"no {task} model in {' or '.join(map(str, places))}; install meot again or train one with 'meot train {task}'"
    )


def components(folder: Path | None = None) -> list[tuple[Path, Card]]:
    """Every components model in ``folder`` and among the bundled ones, by name; a name in both is the folder's.

    ModelError as for :func:`find`, and when two of them answer the same question.
    """
    found: dict[str, tuple[Path, Card]] = {}
    for place in [bundled(), *([] if folder is None else [folder])]:
        for model in sorted(place.glob("components*.onnx")):
            if model.name.endswith(".part.onnx"):
                continue
            card = read_card(model.with_suffix(".json"))
            _check(model, card, model.stem)
            found[model.stem] = (model, card)
    owners: dict[str, Path] = {}
    for model, card in found.values():
        for question in card.outputs:
            if question in owners:
                raise ModelError(f"{model} and {owners[question]} both answer {question!r}; keep one of them")
            owners[question] = model
    return list(found.values())


def _check(model: Path, card: Card, task: str) -> None:
    if card.task != task:
        raise ModelError(f"{model}: expected a {task} model, its card says {card.task}; put the right file there")
    if card.taxonomy != taxonomy.load().version:
        raise ModelError(
            f"{model}: made for taxonomy {card.taxonomy}, this meot speaks {taxonomy.load().version}; export it again"
        )
    if digest(model) != card.sha256:
        raise ModelError(f"{model}: the file is damaged (its checksum is not the card's); install or export it again")
