"""Every recipe by name: a frozen dataclass of documented fields, and the function that trains by it."""

from __future__ import annotations

import importlib
import tomllib
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from inspect import get_annotations
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from meot.errors import SettingsError, nearest

Train = Callable[[Any, Path], Path]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a recipe lives and what it is for, known without importing it."""

    module: str
    recipe: str
    train: str
    help: str


RECIPES: Mapping[str, Entry] = {
    "classifier": Entry(
        "meot.training.recipes.classifier",
        "ClassifierRecipe",
        "train_classifier",
        "Answer questions about garments: from a folder of class folders, or any table with labels.",
    ),
    "rare": Entry(
        "meot.training.recipes.rare",
        "RareRecipe",
        "train_rare",
        "Starve a class and compare oversampling with its alternatives, per class and over seeds.",
    ),
    "preparation": Entry(
        "meot.training.recipes.preparation",
        "PreparationRecipe",
        "train_preparation",
        "Compare ways of cutting the garment out for a question: box, mask on black, alpha, tight box, edges.",
    ),
    "few_shot": Entry(
        "meot.training.recipes.few_shot",
        "FewShotRecipe",
        "train_few_shot",
        "Likeness to a wanted look from ten photos: a network's softmax, and garment by garment.",
    ),
    "detector": Entry(
        "meot.training.recipes.detector", "DetectorRecipe", "train_detector", "Boxes: RetinaNet, Mask R-CNN, or light."
    ),
    "parsing": Entry(
        "meot.training.recipes.parsing", "ParsingRecipe", "train_parsing", "Region maps: PSPNet, or a light net."
    ),
    "yolo": Entry(
        "meot.training.recipes.yolo", "YoloRecipe", "train_yolo", "YOLOv8 by the yolo extra (ultralytics, AGPL-3.0)."
    ),
    "embedding": Entry(
        "meot.training.recipes.embedding",
        "EmbeddingRecipe",
        "train_embedding",
        "Vectors that find the same garment again, by any of eight losses.",
    ),
    "embedding_table": Entry(
        "meot.training.recipes.embedding_table",
        "EmbeddingTableRecipe",
        "train_embedding_table",
        "Every loss of metric learning on the same features, beside each other.",
    ),
    "style": Entry(
        "meot.training.recipes.style",
        "StyleRecipe",
        "train_style",
        "The style of whole outfits, from photos of people.",
    ),
    "scope": Entry(
        "meot.training.recipes.scope",
        "ScopeRecipe",
        "train_scope",
        "Whether a photo shows clothes at all, from made pictures.",
    ),
    "parser": Entry("meot.training.bundle", "ParserRecipe", "make_parser", "The bundled parser: photo to region map."),
    "garment": Entry(
        "meot.training.bundle", "GarmentRecipe", "make_garment", "The bundled garment net: crop to category and vector."
    ),
}


@dataclass(frozen=True, slots=True)
class Option:
    """A field of a recipe. kind: its type without None; required: it has no default."""

    name: str
    kind: Any
    help: str
    default: Any
    required: bool
    optional: bool

    @property
    def many(self) -> bool:
        """Whether it is a tuple of values."""
        return get_origin(self.kind) is tuple

    @property
    def choices(self) -> tuple[str, ...]:
        """The values it may have; empty when any."""
        return get_args(self.kind) if get_origin(self.kind) is Literal else ()


def find(name: str) -> tuple[type[Any], Train]:
    """The recipe of that name and its function. SettingsError for an unknown name, with the nearest known."""
    if name not in RECIPES:
        raise SettingsError(f"no recipe is called {name!r}; {nearest(name, list(RECIPES))}")
    entry = RECIPES[name]
    module = importlib.import_module(entry.module)
    return getattr(module, entry.recipe), getattr(module, entry.train)


def options(recipe: type[Any]) -> list[Option]:
    """The fields of a recipe in their order, its own before those that it inherits."""
    hints, own = get_type_hints(recipe, include_extras=True), get_annotations(recipe)
    found = []
    for field in sorted(fields(recipe), key=lambda field: field.name not in own):
        hint, text = hints[field.name], ""
        if get_origin(hint) is Annotated:
            hint, text = get_args(hint)[:2]
        optional = get_origin(hint) in (Union, types.UnionType)
        if optional:
            hint = next(kind for kind in get_args(hint) if kind is not type(None))
        required = field.default is MISSING
        found.append(Option(field.name, hint, text, None if required else field.default, required, optional))
    return found


def read(file: Path) -> tuple[str, Any, Path]:
    """Name of the recipe, the recipe, and the folder to train into, from a TOML file.

    The file has ``recipe``, ``out`` and the recipe's fields; its paths are relative to it. SettingsError for broken
    TOML, an unknown key (with the nearest known one), a missing one, and a value of the wrong type.
    """
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{file}: no such recipe file; name a .toml or one of {', '.join(RECIPES)}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read as TOML ({error}); mend that line") from None
    name, out = raw.pop("recipe", None), raw.pop("out", None)
    if not isinstance(name, str):
        raise SettingsError(f'{file}: expected recipe = "NAME" with one of {", ".join(RECIPES)}')
    if not isinstance(out, str):
        raise SettingsError(f'{file}: expected out = "FOLDER", where the run and the model file go')
    recipe, _ = find(name)
    known = {option.name: option for option in options(recipe)}
    values = {}
    for key, value in raw.items():
        if key not in known:
            raise SettingsError(f"{file}: unknown key {key!r}; {nearest(key, ['recipe', 'out', *known])}")
        values[key] = _value(file, known[key], value)
    missing = [option.name for option in known.values() if option.required and option.name not in values]
    if missing:
        raise SettingsError(f"{file}: {missing[0]} is missing; it is: {known[missing[0]].help}")
    return name, recipe(**values), file.parent / out


def _value(file: Path, option: Option, value: object) -> object:
    if option.many:
        if not isinstance(value, list):
            raise _wrong(file, option, value, "a list")
        return tuple(_single(file, option, get_args(option.kind)[0], each) for each in value)
    return _single(file, option, option.kind, value)


def _single(file: Path, option: Option, kind: Any, value: object) -> object:
    if option.choices:
        if value not in option.choices:
            raise _wrong(file, option, value, f"one of {', '.join(option.choices)}")
        return value
    if kind is Path and isinstance(value, str):
        return file.parent / value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _wrong(file, option, value, kind.__name__)
    return value


def _wrong(file: Path, option: Option, value: object, expected: str) -> SettingsError:
    return SettingsError(f"{file}: {option.name} must be {expected}, got {value!r}; it is: {option.help}")
