"""The style of a whole outfit: what is worn where, and how it looks, together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from meot.labels.category import probabilities
from meot.models.card import Card
from meot.models.session import Session
from meot.taxonomy import Taxonomy
from meot.types import Box, Garment, Label

SIDE = 96
"""Side in px at which the halves of an outfit are looked at: a style is no fine detail."""
_PLACE = 6
_ENOUGH = ("upper", "outer", "whole", "suit")
"""Regions of which an outfit must have one: shoes and a bag alone have no style."""


class Worn(Protocol):
    """Something that a person wears, 0 the main one."""

    @property
    def region(self) -> str:
        """Id."""

    @property
    def person(self) -> int:
        """0.. from the main one on."""

    @property
    def box(self) -> Box:
        """Where."""


Thing = TypeVar("Thing", bound=Worn)


def outfit(garments: Sequence[Thing]) -> tuple[Thing, ...]:
    """The main person's garments, the most prominent of each region; empty when they do not make an outfit."""
    first: dict[str, Thing] = {}
    for garment in garments:
        if garment.person == 0:
            first.setdefault(garment.region, garment)
    return tuple(first.values()) if any(region in first for region in _ENOUGH) else ()


def box_of(garments: Sequence[Worn]) -> Box:
    """The box around all of them, at least one."""
    return Box(
        min(g.box.x0 for g in garments),
        min(g.box.y0 for g in garments),
        max(g.box.x1 for g in garments),
        max(g.box.y1 for g in garments),
    )


def halves(garments: Sequence[Worn]) -> tuple[Box, Box]:
    """The upper and the lower half of the outfit's box."""
    whole = box_of(garments)
    middle = (whole.y0 + whole.y1) / 2
    return whole._replace(y1=middle), whole._replace(y0=middle)


def describe(
    garments: Sequence[Garment], seen: NDArray[np.float32], photo: tuple[int, int], taxonomy: Taxonomy
) -> NDArray[np.float32]:
    """(S,) float32 descriptor of an outfit of at least one garment; its parts are as long as :func:`parts` says.

    Square roots of the category scores in each region that has garments, the garment's place in the outfit, its vector
    (zeros where nothing is worn), then ``seen``, (2, F) features of the two :func:`halves`. photo: (height, width) in
    pixels.
    """
    own, whole = {g.region: g for g in garments}, box_of(garments)
    regions, size = _regions(taxonomy), len(garments[0].vector)
    scores = np.zeros((len(regions), len(taxonomy.categories)), np.float32)
    places = np.zeros((len(regions), _PLACE), np.float32)
    vectors = np.zeros((len(regions), size), np.float32)
    for i, region in enumerate(regions):
        if region in own:
            said = own[region].category.scores
            scores[i] = np.sqrt([max(0.0, said.get(c.id, 0.0)) for c in taxonomy.categories])
            places[i], vectors[i] = _place(own[region], whole, photo), own[region].vector
    return np.concatenate([scores.ravel(), places.ravel(), vectors.ravel(), np.asarray(seen, np.float32).ravel()])


def parts(total: int, vector: int, taxonomy: Taxonomy) -> tuple[int, int, int, int]:
    """Lengths of a descriptor's parts: scores, places, vectors of length ``vector`` each, and the rest of ``total``."""
    regions = len(_regions(taxonomy))
    known = (regions * len(taxonomy.categories), regions * _PLACE, regions * vector)
    return (*known, total - sum(known))


def _regions(taxonomy: Taxonomy) -> tuple[str, ...]:
    return tuple(region.id for region in taxonomy.regions if region.garment)


def _place(garment: Garment, whole: Box, photo: tuple[int, int]) -> tuple[float, ...]:
    """There, share of the outfit's box, top, bottom and width in it, and how much taller than wide."""
    wide, tall, box = max(1.0, whole.x1 - whole.x0), max(1.0, whole.y1 - whole.y0), garment.box
    return (
        1.0,
        garment.area * photo[0] * photo[1] / (wide * tall),
        (box.y0 - whole.y0) / tall,
        (box.y1 - whole.y0) / tall,
        (box.x1 - box.x0) / wide,
        (box.y1 - box.y0) / max(1.0, box.x1 - box.x0),
    )


class Named(NamedTuple):
    """style: the likeliest. group: the likeliest group of styles that people blur; it may be sure where no style is."""

    style: Label
    group: Label


class Styles:
    """The style model, ready to run."""

    def __init__(self, *, session: Session, card: Card, taxonomy: Taxonomy) -> None:
        self.session, self.card = session, card
        self._group = {s.id: s.group for s in taxonomy.styles}

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """(N, A) calibrated probabilities of the card's labels for (N, S) descriptors."""
        (logits,) = self.session.run({"features": np.asarray(features, np.float32)})
        return probabilities(np.asarray(logits, np.float32), self.card.settings["temperature"])

    def name(self, features: NDArray[np.float32]) -> Named:
        """The style and the group of one (S,) descriptor."""
        styles = dict(zip(self.card.labels, (float(p) for p in self.scores(features[None])[0]), strict=True))
        groups: dict[str, float] = {}
        for style, score in styles.items():
            groups[self._group[style]] = groups.get(self._group[style], 0.0) + score
        settings = self.card.settings
        return Named(_leading(styles, settings["sure"]), _leading(groups, settings["group_sure"]))


def _leading(scores: dict[str, float], sure_from: float) -> Label:
    order = sorted(scores, key=lambda name: -scores[name])
    best = scores[order[0]]
    return Label(
        id=order[0],
        score=best,
        sure=best >= sure_from,
        runner_up=order[1] if len(order) > 1 else None,
        scores=scores,
    )
