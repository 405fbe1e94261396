"""The bundled models on photos that are drawn here: what must hold for any photo."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from meot import photos, taxonomy, wiring
from meot.garments.parse import Parse
from meot.garments.scope import Trust
from meot.models.session import Crew, Session
from meot.reading import LookReader
from meot.settings import Settings
from meot.types import Garment, Look, Photo, Reader
from meot.vectors.garment import GarmentEncoder


@pytest.fixture(scope="module")
def reader() -> Reader:
    return wiring.build_reader(Settings(threads=1))


def shirt(colour: tuple[int, int, int] = (170, 30, 40), size: tuple[int, int] = (300, 400)) -> Photo:
    image = Image.new("RGB", size, (225, 222, 215))
    draw = ImageDraw.Draw(image)
    across, down = size[0] / 300, size[1] / 400
    outline = [
        (95, 60),
        (125, 75),
        (175, 75),
        (205, 60),
        (285, 120),
        (255, 175),
        (218, 150),
        (218, 350),
        (82, 350),
        (82, 150),
        (45, 175),
        (15, 120),
    ]
    draw.polygon([(x * across, y * down) for x, y in outline], fill=colour)
    return photos.from_pixels(np.asarray(image, np.uint8))


def test_a_flat_lay_is_one_red_top(reader: Reader) -> None:
    look = reader.read(shirt())
    assert not look.worn
    assert len(look.garments) == 1
    garment = look.garments[0]
    assert garment.region == "upper"
    assert garment.colours[0].id == "red"
    assert garment.box.x0 < 60
    assert garment.box.x1 > 240


def test_scores_are_probabilities_and_vectors_unit(reader: Reader) -> None:
    garment = reader.read(shirt()).garments[0]
    assert sum(garment.category.scores.values()) == pytest.approx(1)
    assert set(garment.category.scores) == {c.id for c in taxonomy.load().categories}
    assert garment.category.score == garment.category.scores[garment.category.id]
    assert garment.vector.dtype == np.float32
    assert np.linalg.norm(garment.vector) == pytest.approx(1, abs=1e-4)


def test_the_same_photo_reads_the_same(reader: Reader) -> None:
    first, second = reader.read_many([shirt(), shirt()])
    assert first.as_json(scores=True, vector=True) == second.as_json(scores=True, vector=True)


def test_the_map_has_the_photos_size_and_known_values(reader: Reader) -> None:
    look = reader.read(shirt(size=(211, 333)))
    assert look.regions.shape == (333, 211)
    assert set(np.unique(look.regions)) <= {r.value for r in taxonomy.load().regions}


@pytest.mark.parametrize("size", [(32, 32), (33, 400), (1000, 40), (64, 2048), (1500, 1500)])
def test_any_size_can_be_read(reader: Reader, size: tuple[int, int]) -> None:
    look = reader.read(shirt(size=size))
    for garment in look.garments:
        assert 0 <= garment.box.x0 < garment.box.x1 <= size[0]
        assert 0 <= garment.box.y0 < garment.box.y1 <= size[1]


@pytest.mark.parametrize("name", ["blank", "noise", "gradient"])
def test_a_photo_without_clothes_has_no_sure_garment(reader: Reader, name: str) -> None:
    pixels = {
        "blank": np.full((300, 300, 3), 230, np.uint8),
        "noise": np.random.default_rng(0).integers(0, 256, (300, 300, 3)).astype(np.uint8),
        "gradient": np.repeat(np.linspace(0, 255, 300).astype(np.uint8)[:, None, None], 300, 1).repeat(3, 2),
    }[name]
    look = reader.read(photos.from_pixels(pixels))
    assert not any(garment.category.sure for garment in look.garments)


def test_json_follows_the_contract(reader: Reader) -> None:
    look: Look = reader.read(shirt())
    found = json.loads(json.dumps(look.as_json()))
    assert found["schema"] == "meot.look/1"
    assert found["photo"] == {"width": 300, "height": 400, "sha256": look.photo.sha256}
    assert found["models"] == dict(reader.models)
    assert {"parser", "garment", "scope", "style", "components-cloth", "components-cut"} <= set(found["models"])
    garment = found["garments"][0]
    assert {"region", "category", "deepfashion2", "box", "score", "area", "components", "colours"} <= set(garment)
    assert {"id", "name", "score", "runner_up", "sure"} <= set(garment["category"])
    assert "scores" not in garment["category"]
    assert "vector" not in garment


class Dresser:
    """A parser that sees the same person in every photo, and a judge of one mind about it."""

    name = "dresser"

    def __init__(self, built: LookReader, trust: Trust = "sure") -> None:
        self.card, self.trust = built._parser.card, trust

    def parse(self, photo: Photo) -> Parse:
        value = {region.id: region.value for region in taxonomy.load().regions}
        regions = np.zeros((384, 256), np.uint8)
        for region, top, bottom, left, right in [
            ("hair", 20, 50, 110, 150),
            ("skin", 50, 80, 115, 145),
            ("upper", 80, 180, 80, 180),
            ("lower", 180, 320, 90, 170),
            ("feet", 320, 350, 90, 170),
            ("head", 5, 20, 110, 150),
            ("bag", 190, 250, 180, 230),
        ]:
            regions[top:bottom, left:right] = value[region]
        certain = np.eye(len(value), dtype=np.float32)[regions[::4, ::4]].transpose(2, 0, 1)
        return Parse(regions, certain, 1.0, np.zeros(44, np.float32))

    def judge(self, parse: Parse, garments: Sequence[Garment], *, worn: bool) -> Trust:
        return self.trust


class Counting:
    """A session that notes how many crops it was shown at once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.rows: list[int] = []

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        self.rows.append(len(inputs["pixels"]))
        return self._session.run(inputs)


def read_worn(reader: Reader, threads: int, trust: Trust = "sure") -> tuple[Look, list[int]]:
    """A look at one person, and how many crops were looked at in each of the garment model's runs."""
    assert isinstance(reader, LookReader)
    dresser, counting = Dresser(reader, trust), Counting(reader._encoder.session)
    own = LookReader(
        parser=dresser,  # type: ignore[arg-type]
        encoder=GarmentEncoder(session=counting, card=reader._encoder.card, crew=Crew(threads)),
        taxonomy=reader._taxonomy,
        components=reader._components,
        scope=dresser,
        styles=reader._styles,
    )
    return own.read(shirt(size=(256, 384))), counting.rows


@pytest.mark.parametrize("threads", [2, 4])
def test_looking_ahead_changes_nothing_but_the_time(reader: Reader, threads: int) -> None:
    alone, one_by_one = read_worn(reader, 1)
    ahead, shared = read_worn(reader, threads)
    assert [garment.region for garment in alone.garments] == [garment.region for garment in ahead.garments]
    assert {"pattern", "sleeve"} <= set(ahead.garments[1].components) | set(ahead.garments[0].components)
    assert ahead.style is not None
    assert alone.style is not None
    assert ahead.style.id == alone.style.id
    for one, other in zip(alone.garments, ahead.garments, strict=True):
        assert one.category.id == other.category.id
        assert {q: a.id for q, a in one.components.items()} == {q: a.id for q, a in other.components.items()}
        np.testing.assert_allclose(one.vector, other.vector, atol=1e-3)
    assert sum(shared) == sum(one_by_one)
    assert max(shared) < max(one_by_one)


def test_one_thread_looks_no_further_where_there_are_no_clothes(reader: Reader) -> None:
    look, counts = read_worn(reader, 1, "none")
    assert look.garments == ()
    assert len(counts) == 1
