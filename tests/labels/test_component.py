"""Components models: the right views go in, calibrated answers come out, and only where a question makes sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.builders import NAVY, build_garment

from meot.errors import ModelError
from meot.labels.component import Components
from meot.models import store
from meot.models.card import Card, digest, read_card
from meot.models.pixels import VIEWS, view_box
from meot.taxonomy import load
from meot.types import Box, Garment, Photo

CARD = Card(
    name="details-1",
    task="components-details",
    taxonomy=load().version,
    licence="",
    trained_on=(),
    started_from="",
    preprocessing="",
    outputs=("collar", "wash"),
    labels=(),
    settings={"side": 32.0, "collar.temperature": 2.0, "collar.sure": 0.6},
    questions={"collar": ("band", "regular"), "wash": ("one", "brush")},
    views=("garment", "top"),
    asked={"collar": ("shirt", "outer"), "wash": ("jeans",)},
)


def worn(box: Box, category: str, region: str, features: NDArray[np.float32] | None = None) -> Garment:
    return replace(build_garment(NAVY, region=region, category=category), box=box, features=features)


class Fixed:
    """Answers every garment with the same logits and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[NDArray[np.float32]] = []

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        (values,) = inputs.values()
        self.shown.append(values)
        n = len(values)
        return [np.tile(np.array([row], np.float32), (n, 1)) for row in ([0.0, 2.0], [3.0, 0.0])]


def photo() -> Photo:
    pixels = np.zeros((100, 80, 3), np.uint8)
    pixels[:30] = 255
    return Photo(pixels=pixels, sha256="")


def test_views_of_every_garment_go_in_and_calibrated_answers_come_out() -> None:
    session = Fixed()
    part = Components(session=session, card=CARD)
    (found,) = part.read(photo(), [worn(Box(10, 0, 70, 100), "shirt", "upper")])
    assert session.shown[0].shape == (1, 2, 3, 32, 32)
    assert session.shown[0][0, 1].mean() > session.shown[0][0, 0].mean(), "the top is the white part"
    assert list(found) == ["collar"]
    assert found["collar"].id == "regular"
    assert found["collar"].score == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert found["collar"].sure
    assert found["collar"].runner_up == "band"


def test_questions_are_asked_of_the_garments_they_are_for() -> None:
    session = Fixed()
    part = Components(session=session, card=CARD)
    garments = [
        worn(Box(0, 0, 40, 40), "jeans", "lower"),
        worn(Box(0, 0, 40, 40), "coat", "outer"),
        worn(Box(0, 0, 40, 40), "sneakers", "feet"),
    ]
    assert [set(f) for f in part.read(photo(), garments)] == [{"wash"}, {"collar"}, set()]
    assert len(session.shown[0]) == 2, "nothing is computed for shoes"
    assert part.read(photo(), [garments[2]]) == [{}]
    assert len(session.shown) == 1
    everywhere = Components(session=session, card=replace(CARD, asked={}))
    assert set(everywhere.read(photo(), [garments[2]])[0]) == {"collar", "wash"}


def test_a_score_below_its_threshold_is_a_guess() -> None:
    strict = replace(CARD, settings={**CARD.settings, "collar.sure": 0.99}, asked={})
    (found,) = Components(session=Fixed(), card=strict).read(photo(), [worn(Box(0, 0, 9, 9), "shirt", "upper")])
    assert not found["collar"].sure
    assert found["wash"].sure


class Seen:
    """Features that say which box was looked at, and how often anything was."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[Box], bool]] = []

    def __call__(
        self, photo: Photo, boxes: Sequence[Box], *, worn: bool, side: int | None = None
    ) -> NDArray[np.float32]:
        self.asked.append((list(boxes), worn))
        return np.array([[*box, 1.0] for box in boxes], np.float32)


HEADS = replace(CARD, reads="features", encoder="garment-1@00000000")


def test_heads_read_features_of_their_views_and_use_those_that_are_known() -> None:
    session, seen = Fixed(), Seen()
    part = Components(session=session, card=HEADS, features=seen)
    known = np.full(5, 7.0, np.float32)
    box = Box(10, 0, 70, 100)
    garments = [worn(box, "shirt", "upper", known), worn(box, "shirt", "upper")]
    assert [set(f) for f in part.read(photo(), garments, worn=True)] == [{"collar"}, {"collar"}]
    assert session.shown[0].shape == (2, 2, 5)
    assert np.array_equal(session.shown[0][0, 0], known)
    assert np.array_equal(session.shown[0][1, 0, :4], np.array(box, np.float32))
    assert len(seen.asked) == 1, "one pass for everything that is lacking"
    boxes, was_worn = seen.asked[0]
    assert was_worn
    assert len(boxes) == 3, "top of both, the whole of the second"


def test_heads_of_one_view_that_is_known_look_at_nothing_again() -> None:
    seen = Seen()
    part = Components(session=Fixed(), card=replace(HEADS, views=("garment",)), features=seen)
    assert part.read(photo(), [worn(Box(0, 0, 9, 9), "shirt", "upper", np.ones(5, np.float32))])[0]
    assert seen.asked == []


def test_heads_need_the_garment_model() -> None:
    with pytest.raises(ModelError, match="load it together with garment-1@00000000"):
        Components(session=Fixed(), card=HEADS)


def test_heads_of_another_garment_model_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "components-details", reads="features", encoder="garment-1@00000000")
    with pytest.raises(ModelError, match="made for the features of garment-1@00000000"):
        store.components(tmp_path, encoder="garment-2@11111111")
    assert store.components(tmp_path, encoder="garment-1@00000000")


def test_a_question_of_the_folder_is_not_asked_of_a_bundled_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    own.mkdir()
    monkeypatch.setattr(store, "bundled", lambda: shipped)
    written(shipped, "components-details")
    written(shipped, "components-other", outputs=("fit",), encoder="garment-1@00000000")
    written(own, "components-mine", outputs=("wash",), questions={"wash": ("a", "b")})
    found = {card.task: card for _, card in store.components(own, encoder="garment-2@11111111")}
    assert set(found) == {"components-details", "components-mine"}, "heads of another garment model are left out"
    assert found["components-details"].asked["wash"] == ()
    assert found["components-details"].asked["collar"] == CARD.asked["collar"]


def test_worn_garments_have_their_own_threshold() -> None:
    card = replace(CARD, settings={**CARD.settings, "collar.worn_sure": 0.99, "collar.worn_temperature": 4.0})
    part, shirt = Components(session=Fixed(), card=card), worn(Box(0, 0, 9, 9), "shirt", "upper")
    flat, street = (part.read(photo(), [shirt], worn=kind)[0]["collar"] for kind in (False, True))
    assert flat.sure
    assert not street.sure
    assert street.score < flat.score


def test_views_are_parts_of_the_box() -> None:
    assert view_box((10, 20, 110, 220), "garment") == (10, 20, 110, 220)
    for view in VIEWS:
        x0, y0, x1, y1 = view_box((10, 20, 110, 220), view)
        assert 10 <= x0 < x1 <= 110
        assert 15 <= y0 < y1 <= 220


def written(folder: Path, name: str, **changed: object) -> Path:
    file = folder / f"{name}.onnx"
    file.write_bytes(name.encode())
    replace(CARD, task=name, sha256=digest(file), **changed).write(file.with_suffix(".json"))  # type: ignore[arg-type]
    return file


def test_every_components_model_of_a_folder_is_found(tmp_path: Path) -> None:
    written(tmp_path, "components-details")
    written(tmp_path, "components-more", outputs=("fit",), questions={"fit": ("a", "b")})
    assert [card.task for _, card in store.components(tmp_path)][-2:] == ["components-details", "components-more"]
    assert read_card(tmp_path / "components-details.json") == replace(
        CARD, sha256=digest(tmp_path / "components-details.onnx")
    )


def test_two_models_with_one_question_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "components-details")
    written(tmp_path, "components-more")
    with pytest.raises(ModelError, match="both answer 'collar'; keep one"):
        store.components(tmp_path)


def test_a_damaged_components_model_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "components-details").write_bytes(b"other")
    with pytest.raises(ModelError, match="damaged"):
        store.components(tmp_path)
