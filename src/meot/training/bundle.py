"""From trained nets to the model files that ship: export, then calibrate on the product's own answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from meot import photos, taxonomy
from meot.data.sources import ccp, clothing
from meot.garments.detect import single_garment, worn_garments
from meot.garments.parse import Parser
from meot.labels import category
from meot.models import store
from meot.models.card import Card
from meot.models.session import OnnxSession
from meot.taxonomy import Taxonomy
from meot.training.calibrate import flat_logits, set_card, sure_from, temperature, worn_truths
from meot.training.crops import flats, garments, jeans
from meot.training.export import ParserFile, export
from meot.training.nets.garment import GarmentNet
from meot.training.nets.parser import ParserNet
from meot.training.nets.vector import GarmentFile, GarmentVector
from meot.training.parse.samples import AREA
from meot.training.recipes.garment import GarmentRecipe, train_garment
from meot.training.recipes.parser import ParserRecipe, train_parser
from meot.training.recipes.vector import VectorRecipe, train_vector
from meot.types import Box, Photo
from meot.vectors.garment import GarmentEncoder, Piece, flat_views

_LICENCE = "Apache-2.0"
_DATA = (
    "clothing-dataset train split (CC0)",
    "Clothing Co-Parsing train split (Apache-2.0 repository)",
)
_PIXELS = "RGB 0..255 / 255, ImageNet mean and deviation a channel"


PRIOR = {"suit": -1.0, "head": 1.1}
"""What is added to a region's logit after training. Photos with rare regions are repeated and losses weighted, so the
net's idea of how common a region is is off: too many suits, too few hats. Fitted on CCP's validation masks."""


def set_prior(net: ParserNet, taxonomy: Taxonomy, prior: Mapping[str, float]) -> None:
    """Add to the regions' logits, once and for all."""
    assert net.regions.bias is not None
    with torch.no_grad():
        for region, value in prior.items():
            net.regions.bias[taxonomy.region(region).value] += value


def export_parser(net: ParserNet, taxonomy: Taxonomy, folder: Path, *, version: str) -> Path:
    """Write parser.onnx and its card into ``folder``; :data:`PRIOR` goes in, so ``net`` is changed."""
    set_prior(net, taxonomy, PRIOR)
    card = Card(
        name=f"parser-{version}",
        task="parser",
        taxonomy=taxonomy.version,
        licence=_LICENCE,
        trained_on=(*_DATA, "salient-object masks of the flat lays by TRACER TE0 (Apache-2.0 / MIT)"),
        started_from="EfficientNet-B0, ImageNet-1k then DUTS (TRACER TE0), Apache-2.0 / MIT",
        preprocessing=f"{_PIXELS}; resized to about {AREA} pixels, sides multiples of 32",
        outputs=("regions", "logits", "worn", "category"),
        labels=tuple(r.id for r in taxonomy.regions),
        settings={"area": float(AREA)},
        command="python -m bench.quality",
    )
    generator = torch.Generator().manual_seed(0)
    examples = [
        {"pixels": torch.randn(1, 3, h, w, generator=generator)} for h, w in ((384, 256), (320, 320), (256, 384))
    ]
    return export(
        ParserFile(net),
        examples=examples,
        outputs=card.outputs,
        card=card,
        folder=folder,
        dynamic={
            "pixels": {0: "n", 2: "h", 3: "w"},
            "regions": {0: "n", 1: "h", 2: "w"},
            "logits": {0: "n", 2: "h4", 3: "w4"},
            "worn": {0: "n"},
            "category": {0: "n"},
        },
    )


def make_parser(recipe: ParserRecipe, folder: Path) -> Path:
    """Train the parser into ``folder`` and export it there; returns the model file."""
    terms = taxonomy.load()
    return export_parser(train_parser(recipe, terms, folder), terms, folder, version=recipe.version)


def make_garment(recipe: GarmentRecipe, folder: Path) -> Path:
    """Train the garment net and its vector into ``folder`` and export them there; returns the model file."""
    terms = taxonomy.load()
    vector = VectorRecipe() if recipe.limit is None else VectorRecipe(steps=20, batch=32, anchors=16)
    net = train_garment(recipe, terms, folder)
    head = learn_vector(net, terms, recipe.data, vector, recipe.limit)
    return export_garment(net, head, terms, folder, recipe=vector, version=recipe.version)


def learn_vector(
    net: GarmentNet, taxonomy: Taxonomy, data: Path, recipe: VectorRecipe, limit: int | None = None
) -> GarmentVector:
    """The vector's map, learned on the train splits."""
    upper = frozenset(
        x for c in taxonomy.categories if c.region in ("upper", "outer", "whole") for x in c.clothing + c.ccp
    )
    flat = flats(clothing.read(data / "clothing", "train")[:limit], taxonomy, jeans(None))
    worn = garments(ccp.read(data / "ccp", "train", masked_only=True)[:limit], taxonomy, ccp.labels(data / "ccp"))
    return train_vector(recipe, net, flat, worn, upper)


def export_garment(
    net: GarmentNet, vector: GarmentVector, taxonomy: Taxonomy, folder: Path, *, recipe: VectorRecipe, version: str
) -> Path:
    """Write garment.onnx and its card into ``folder``."""
    card = Card(
        name=f"garment-{version}",
        task="garment",
        taxonomy=taxonomy.version,
        licence=_LICENCE,
        trained_on=_DATA,
        started_from="MobileNetV2, ImageNet-1k (ONNX model zoo v7), Apache-2.0",
        preprocessing=f"{_PIXELS}; crop with 6 % margin, resized to a square; mask 0..1 of the garment's pixels",
        outputs=("logits", "vectors", "features"),
        labels=tuple(c.id for c in taxonomy.categories),
        settings={
            "worn_side": float(recipe.worn_side),
            "flat_side": float(recipe.flat_side),
            "flat_floor": 0.85,
            "category_floor": 0.15,
            "parser_share": 0.35,
            "parser_temperature": 1.0,
            "flat_temperature": 1.0,
            "worn_temperature": 1.0,
            "flat_sure": 0.8,
            "worn_sure": 0.8,
        },
        command="python -m bench.quality; python -m bench.retrieval",
    )
    generator = torch.Generator().manual_seed(0)
    examples = [
        {
            "pixels": torch.randn(n, 3, side, side, generator=generator),
            "mask": (torch.rand(n, 1, side, side, generator=generator) > 0.4).float(),
            "worn": torch.full((n, 1), float(n > 1)),
        }
        for n, side in ((1, recipe.flat_side), (3, recipe.worn_side))
    ]
    return export(
        GarmentFile(net, vector),
        examples=examples,
        outputs=card.outputs,
        card=card,
        folder=folder,
        dynamic={
            "pixels": {0: "n", 2: "s", 3: "s2"},
            "mask": {0: "n", 2: "s", 3: "s2"},
            "worn": {0: "n"},
            "logits": {0: "n"},
            "vectors": {0: "n"},
            "features": {0: "n"},
        },
    )


def calibrate(folder: Path, data: Path, taxonomy: Taxonomy, *, limit: int | None = None) -> dict[str, float]:
    """Fit temperatures, the parser's say and the "sure" thresholds into the garment card; returns what was fitted."""
    parser_file, parser_card = store.find("parser", folder)
    garment_file, garment_card = store.find("garment", folder)
    parser = Parser(session=OnnxSession(model=parser_file), card=parser_card)
    encoder = GarmentEncoder(session=OnnxSession(model=garment_file), card=garment_card)

    def both(photo: Photo) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        parse = parser.parse(photo)
        mask, box, _ = single_garment(parse)
        height, width = mask.shape
        scaled = Box(
            box.x0 * photo.width / width,
            box.y0 * photo.height / height,
            box.x1 * photo.width / width,
            box.y1 * photo.height / height,
        )
        views = flat_views(photo, Piece(scaled, mask))
        return encoder.encode(photo, views, worn=False).logits.mean(0), parse.category

    own, theirs, allowed = flat_logits(both, data / "clothing", taxonomy, limit)
    fitted = {"flat_temperature": temperature(own, allowed), "parser_temperature": temperature(theirs, allowed)}
    p_own = category.probabilities(own.astype(np.float32), fitted["flat_temperature"])
    p_theirs = category.probabilities(theirs.astype(np.float32), fitted["parser_temperature"])
    shares = np.linspace(0, 0.6, 13)
    losses = [-np.log(np.maximum((((1 - s) * p_own + s * p_theirs) * allowed).sum(1), 1e-9)).mean() for s in shares]
    fitted["parser_share"] = float(shares[int(np.argmin(losses))])
    mixed = (1 - fitted["parser_share"]) * p_own + fitted["parser_share"] * p_theirs
    fitted["mixed_temperature"] = temperature(np.log(np.maximum(mixed, 1e-12)), allowed)
    p = category.tempered(mixed, fitted["mixed_temperature"])
    chosen = [category.label(row, taxonomy, sure_from=1.0) for row in p]
    ids = [c.id for c in taxonomy.categories]
    right = np.array([allowed[i, ids.index(c.id)] for i, c in enumerate(chosen)])
    fitted["flat_sure"] = sure_from(np.array([c.score for c in chosen]), right)
    fitted |= _calibrate_worn(parser, encoder, data, taxonomy, limit)
    set_card(folder / "garment.json", fitted, {"flat_accuracy_17": float(right.mean())})
    return fitted


def _calibrate_worn(
    parser: Parser, encoder: GarmentEncoder, data: Path, taxonomy: Taxonomy, limit: int | None
) -> dict[str, float]:
    logits, allowed, inside = [], [], []
    for file, truths in tqdm(worn_truths(data / "ccp", taxonomy, limit), desc="street photos"):
        photo = photos.load(file)
        parse = parser.parse(photo)
        found = [f for f in worn_garments(parse, taxonomy) if f.person == 0 and f.region in truths]
        if not found:
            continue
        height, width = parse.regions.shape
        across, down = photo.width / width, photo.height / height
        pieces = [
            Piece(Box(f.box.x0 * across, f.box.y0 * down, f.box.x1 * across, f.box.y1 * down), f.mask) for f in found
        ]
        for garment, row in zip(found, encoder.encode(photo, pieces, worn=True).logits, strict=True):
            logits.append(row)
            allowed.append([i in truths[garment.region] for i in range(len(taxonomy.categories))])
            inside.append([c.region == garment.region for c in taxonomy.categories])
    if not logits:
        return {}  # a parser that finds no garments has no scores to calibrate
    masked = np.where(np.array(inside), np.array(logits, np.float64), -1e4)
    fitted = temperature(masked, np.array(allowed))
    chosen = [
        category.label(row, taxonomy, sure_from=1.0)
        for row in category.probabilities(masked.astype(np.float32), fitted)
    ]
    ids = [c.id for c in taxonomy.categories]
    right = np.array([allowed[i][ids.index(c.id)] for i, c in enumerate(chosen)])
    return {"worn_temperature": fitted, "worn_sure": sure_from(np.array([c.score for c in chosen]), right)}
