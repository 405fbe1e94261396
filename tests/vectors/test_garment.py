"""The garment model on crops of a photo: shared out among threads, and looked at ahead."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from meot import photos
from meot.models import store
from meot.models.session import Crew, OnnxSession, Session
from meot.types import Box, Photo
from meot.vectors.garment import GarmentEncoder, Piece
from meot.vectors.sight import Sight

BOXES = [Box(4.0 * i, 3.0, 60.0 + 4 * i, 90.0 - i) for i in range(6)]


class Counting:
    """A session that notes how many rows it was asked for at once, and of which side."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.asked: list[tuple[int, int]] = []

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        self.asked.append((len(inputs["pixels"]), inputs["pixels"].shape[-1]))
        return self._session.run(inputs)


@pytest.fixture(scope="module")
def photo() -> Photo:
    return photos.from_pixels(np.random.default_rng(0).integers(0, 256, (120, 100, 3)).astype(np.uint8))


@pytest.fixture(scope="module")
def net() -> OnnxSession:
    return OnnxSession(model=store.find("garment")[0], threads=1)


def encoder(net: Session, threads: int = 1) -> GarmentEncoder:
    return GarmentEncoder(session=net, card=store.find("garment")[1], crew=Crew(threads))


def pieces(rows: int) -> list[Piece]:
    rng = np.random.default_rng(rows)
    return [Piece(box, rng.random((30, 25)) < 0.7) for box in BOXES[:rows]]


@pytest.mark.parametrize("rows", [1, 2, 3, 6])
@pytest.mark.parametrize("threads", [2, 4])
def test_garments_shared_out_are_encoded_as_in_one_pass(
    photo: Photo, net: OnnxSession, rows: int, threads: int
) -> None:
    alone = encoder(net).encode(photo, pieces(rows), worn=True, side=64)
    shared = encoder(net, threads).encode(photo, pieces(rows), worn=True, side=64)
    for one, other in zip(alone, shared, strict=True):
        assert len(one) == rows
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_photos_share_a_crew(photo: Photo, net: OnnxSession) -> None:
    shared = encoder(net, 2)
    counts = [1, 2, 3, 4, 5, 6] * 2
    with ThreadPoolExecutor(6) as people:
        answers = list(people.map(lambda rows: shared.encode(photo, pieces(rows), worn=True, side=32).vectors, counts))
    assert [len(vectors) for vectors in answers] == counts
    for once, again in zip(answers[:6], answers[6:], strict=True):
        np.testing.assert_allclose(once, again, atol=1e-4)


def test_a_piece_without_a_mask_is_all_of_its_box(photo: Photo, net: OnnxSession) -> None:
    everything = [Piece(box, np.ones((30, 25), np.bool_)) for box in BOXES]
    masked = encoder(net).encode(photo, everything, worn=True, side=64)
    plain = encoder(net).encode(photo, [Piece(box) for box in BOXES], worn=True, side=64)
    for one, other in zip(masked, plain, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("threads", [1, 3])
def test_what_was_looked_at_ahead_is_not_looked_at_again(photo: Photo, net: OnnxSession, threads: int) -> None:
    counting = Counting(net)
    sight = Sight(photo=photo, encoder=encoder(counting, threads), worn=True)
    sight.look_ahead([*BOXES[:3], BOXES[0]], side=64)
    found = sight.features(photo, [BOXES[2], BOXES[4], BOXES[0]], worn=True, side=64)
    expected = encoder(net).features(photo, [BOXES[2], BOXES[4], BOXES[0]], worn=True, side=64)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert sum(rows for rows, _ in counting.asked) == 4
    again = sight.features(photo, BOXES[:3], worn=True, side=64)
    assert sum(rows for rows, _ in counting.asked) == 4
    np.testing.assert_array_equal(again[0], found[2])


def test_another_side_is_another_look(photo: Photo, net: OnnxSession) -> None:
    counting = Counting(net)
    sight = Sight(photo=photo, encoder=encoder(counting), worn=True)
    large, small = (sight.features(photo, BOXES[:1], worn=True, side=side) for side in (96, 32))
    assert counting.asked == [(1, 96), (1, 32)]
    assert not np.allclose(large, small)
