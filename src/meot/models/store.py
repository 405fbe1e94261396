"""Name of a task -> a verified model file and its card."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

from meot import taxonomy
from meot.errors import ModelError
from meot.models.card import Card, digest, read_card


def bundled() -> Path:
    """The folder of the models that ship with meot."""
    return Path(str(resources.files("meot.models").joinpath("bundled")))


def find(task: str, folder: Path | None = None, *, ending: str = ".onnx") -> tuple[Path, Card]:
    """The model of ``task`` ("parser", "garment") in ``folder`` (None: the bundled ones; a folder may lack some).

    ending: of the file's name; what is no net but numbers ("taught") is an ".npz".

    ModelError when there is none, when it does not match its card, or when its card speaks another taxonomy.
    """
    places = [bundled()] if folder is None else [folder, bundled()]
    if folder is not None and not folder.is_dir():
        raise ModelError(f"{folder}: expected a folder of model files, found none; check --models or MEOT_MODELS")
    for place in places:
        model, card_file = place / f"{task}{ending}", place / f"{task}.json"
        if model.is_file():
            card = read_card(card_file)
            _check(model, card, task)
            return model, card
    raise ModelError(
        f"no {task} model in {' or '.join(map(str, places))}; install meot again or train one with `meot train {task}`"
    )


def heads(task: str, folder: Path | None = None, *, encoder: str) -> tuple[Path, Card] | None:
    """The model of ``task`` ("style") that reads the features of the garment model with the label ``encoder``.

    One in ``folder`` comes before the bundled one. None when there is none for that garment model; ModelError as for
    :func:`find`, and when the one in ``folder`` is for another garment model.
    """
    for place in [*([] if folder is None else [folder]), bundled()]:
        model = place / f"{task}.onnx"
        if model.is_file():
            card = read_card(model.with_suffix(".json"))
            _check(model, card, task)
            if card.encoder == encoder:
                return model, card
            if place == folder:
                raise _for_another(model, card, encoder)
    return None


def components(folder: Path | None = None, *, encoder: str = "") -> list[tuple[Path, Card]]:
    """Every components model in ``folder`` and among the bundled ones, by name; a name in both is the folder's.

    A question that a model in ``folder`` answers is taken from the bundled ones. encoder: label of the garment model in
    use; bundled models that read another one's features are left out. ModelError as for :func:`find`, when two models
    of ``folder`` answer the same question, and when one there reads another garment model's features.
    """
    own = {} if folder is None else _in(folder)
    for model, card in own.values():
        if card.encoder not in ("", encoder):
            raise _for_another(model, card, encoder)
    owners: dict[str, Path] = {}
    for model, card in own.values():
        for question in card.outputs:
            if question in owners:
                raise ModelError(f"{model} and {owners[question]} both answer {question!r}; keep one of them")
            owners[question] = model
    found = {}
    for name, (model, card) in _in(bundled()).items():
        if name not in own and card.encoder in ("", encoder):
            taken: dict[str, tuple[str, ...]] = {q: () for q in card.outputs if q in owners}
            found[name] = (model, replace(card, asked={**card.asked, **taken}))
    return list((found | own).values())


def _for_another(model: Path, card: Card, encoder: str) -> ModelError:
    return ModelError(
        f"{model}: made for the features of {card.encoder}, the garment model here is {encoder or 'not named'}; "
        "train it again with the garment model beside it"
    )


def _in(folder: Path) -> dict[str, tuple[Path, Card]]:
    """Name -> components model and card of a folder, by name."""
    found = {}
    for model in sorted(folder.glob("components*.onnx")):
        if not model.name.endswith(".part.onnx"):
            card = read_card(model.with_suffix(".json"))
            _check(model, card, model.stem)
            found[model.stem] = (model, card)
    return found


def _check(model: Path, card: Card, task: str) -> None:
    if card.task != task:
        raise ModelError(f"{model}: expected a {task} model, its card says {card.task}; put the right file there")
    if card.taxonomy != taxonomy.load().version:
        raise ModelError(
            f"{model}: made for taxonomy {card.taxonomy}, this meot speaks {taxonomy.load().version}; export it again"
        )
    if digest(model) != card.sha256:
        raise ModelError(f"{model}: the file is damaged (its checksum is not the card's); install or export it again")
