"""The judge of photos: what it looks at, and what its verdict does to a look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.builders import NAVY, RED, build_garment

from meot import photos, wiring
from meot.garments.parse import Parse
from meot.garments.scope import Scope, Trust, describe, doubt, evidence
from meot.models import store
from meot.reading import LookReader
from meot.settings import Settings
from meot.types import Garment, Label, Look, Photo


class Fixed:
    """A session that always answers the same log-odds."""

    def __init__(self, score: float) -> None:
        self.score = score

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        return [np.full(len(inputs["seen"]), self.score, np.float32)]


class Strict:
    """A judge of one mind."""

    name = "strict"

    def __init__(self, trust: Trust) -> None:
        self.trust = trust

    def judge(self, parse: Parse, garments: Sequence[Garment], *, worn: bool) -> Trust:
        return self.trust


def parse(seed: int = 0) -> Parse:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(12), (6, 5)).transpose(2, 0, 1).astype(np.float32)
    return Parse(p.argmax(0).repeat(4, 0).repeat(4, 1).astype(np.uint8), p, 0.3, rng.normal(size=44).astype(np.float32))


def garment(colour: tuple[int, int, int], area: float) -> Garment:
    features = np.full(2859, colour[0] / 255, np.float32)
    return replace(build_garment(colour), features=features, area=area)


def test_evidence_is_finite_and_of_known_length() -> None:
    found = evidence(parse())
    assert found.shape == (4 * 12 + 6,)
    assert np.isfinite(found).all()
    assert found[:12].sum() == pytest.approx(1)
    assert found[12:24].sum() == pytest.approx(1, abs=1e-4)


def test_a_parser_without_any_doubt_still_gives_numbers() -> None:
    certain = np.zeros((12, 4, 4), np.float32)
    certain[0] = 1
    blank = Parse(np.zeros((16, 16), np.uint8), certain, 1.0, np.full(44, 400, np.float32))
    assert np.isfinite(evidence(blank)).all()


def test_large_garments_have_more_to_say() -> None:
    found = describe(parse(), [garment(NAVY, 0.01), garment(RED, 0.3)])
    assert found.shape == (2859 + 4 * 12 + 8,)
    assert found[0] == pytest.approx(RED[0] / 255, abs=0.03)
    assert found[-1] == 2


@pytest.mark.parametrize(("score", "trust"), [(-1.0, "none"), (0.5, "doubtful"), (3.0, "sure")])
def test_two_thresholds_part_three_verdicts(score: float, trust: str) -> None:
    _, card = store.find("garment")
    card = replace(card, settings={"flat_floor": 0.0, "flat_sure": 1.0, "worn_floor": -9.0, "worn_sure": -8.0})
    scope = Scope(session=Fixed(score), card=card)
    assert scope.judge(parse(), [garment(RED, 0.3)], worn=False) == trust
    assert scope.judge(parse(), [garment(RED, 0.3)], worn=True) == "sure"


def test_doubt_leaves_answers_but_makes_them_guesses() -> None:
    pixels = np.zeros((40, 40, 3), np.uint8)
    sure = replace(build_garment(RED), components={"pattern": Label("solid", 0.9, True)})
    look = Look(
        photo=photos.from_pixels(pixels),
        garments=(sure,),
        regions=np.zeros((40, 40), np.uint8),
        worn=True,
        models={},
        style=Label("casual", 0.8, True),
    )
    doubted = doubt(look)
    assert doubted.garments[0].category.id == sure.category.id
    assert not doubted.garments[0].category.sure
    assert not doubted.garments[0].components["pattern"].sure
    assert doubted.style is not None
    assert not doubted.style.sure


@pytest.fixture(scope="module")
def page() -> Photo:
    rng = np.random.default_rng(0)
    sheet = np.full((420, 300, 3), 250, np.uint8)
    for y in range(30, 390, 12):
        ink = rng.random(240) < 0.55
        sheet[y : y + 6, 30:270][:, ink] = 30
    return photos.from_pixels(sheet)


def test_a_page_of_text_is_no_sure_garment(page: Photo) -> None:
    look = wiring.build_reader(Settings(threads=1)).read(page)
    assert not any(g.category.sure for g in look.garments)


@pytest.mark.parametrize("trust", ["none", "doubtful"])
def test_the_reader_follows_its_judge(trust: Trust) -> None:
    built = wiring.build_reader(Settings(threads=1))
    assert isinstance(built, LookReader)
    reader = LookReader(parser=built._parser, encoder=built._encoder, taxonomy=built._taxonomy, scope=Strict(trust))
    assert reader.models["scope"] == "strict"
    from meot.demo import draw_query

    look = reader.read(photos.from_pixels(np.asarray(draw_query(seed=1), np.uint8)))
    assert len(look.garments) == (0 if trust == "none" else 1)
    assert not any(g.category.sure for g in look.garments)
    assert bool(look.regions.any()) == (trust == "doubtful"), "what is no garment has no place in the map"
