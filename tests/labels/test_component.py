"""Components models: the right views go in, calibrated answers come out, and only where a question makes sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from meot.errors import ModelError
from meot.labels.component import Components
from meot.models import store
from meot.models.card import Card, digest, read_card
from meot.models.pixels import VIEWS, view_box
from meot.taxonomy import load
from meot.types import Box, Photo

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


class Fixed:
    """Answers every garment with the same logits and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[NDArray[np.float32]] = []

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        self.shown.append(inputs["pixels"])
        n = len(inputs["pixels"])
        return [np.tile(np.array([row], np.float32), (n, 1)) for row in ([0.0, 2.0], [3.0, 0.0])]


def photo() -> Photo:
    pixels = np.zeros((100, 80, 3), np.uint8)
    pixels[:30] = 255
    return Photo(pixels=pixels, sha256="")


def test_views_of_every_garment_go_in_and_calibrated_answers_come_out() -> None:
    session = Fixed()
    part = Components(session=session, card=CARD)
    (found,) = part.read(photo(), [(Box(10, 0, 70, 100), "shirt", "upper")])
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
        (Box(0, 0, 40, 40), "jeans", "lower"),
        (Box(0, 0, 40, 40), "coat", "outer"),
        (Box(0, 0, 40, 40), "shoes", "feet"),
    ]
    assert [set(f) for f in part.read(photo(), garments)] == [{"wash"}, {"collar"}, set()]
    assert len(session.shown[0]) == 2, "nothing is computed for shoes"
    assert part.read(photo(), [garments[2]]) == [{}]
    assert len(session.shown) == 1
    everywhere = Components(session=session, card=replace(CARD, asked={}))
    assert set(everywhere.read(photo(), [garments[2]])[0]) == {"collar", "wash"}


def test_a_score_below_its_threshold_is_a_guess() -> None:
    strict = replace(CARD, settings={**CARD.settings, "collar.sure": 0.99}, asked={})
    (found,) = Components(session=Fixed(), card=strict).read(photo(), [(Box(0, 0, 9, 9), "shirt", "upper")])
    assert not found["collar"].sure
    assert found["wash"].sure


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
