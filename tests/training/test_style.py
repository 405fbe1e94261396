"""The style recipe on outfits that differ plainly, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import numpy as np
from tests.builders import NAVY, RED, WHITE, build_garment, write_photo

from meot import taxonomy, wiring
from meot.data.table import Row, Split, Table, save
from meot.errors import DataError
from meot.labels.style import Styles, describe
from meot.models.card import read_card
from meot.models.session import OnnxSession
from meot.training.recipes.style import StyleRecipe, train_style
from meot.types import Look, Photo

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]
STYLES = ("casual", "dandy")


class Dressed:
    """Reads a red photo as one outfit and a navy one as another; a white photo shows no clothes."""

    models: Mapping[str, str] = {"parser": "p", "garment": "garment-1@00000000"}

    def __init__(self) -> None:
        self.reads = 0

    def read(self, photo: Photo) -> Look:
        self.reads += 1
        colour = NAVY if photo.pixels[0, 0, 0] < 100 else RED
        garments = () if photo.pixels.min() > 250 else (build_garment(colour),)
        noise = np.random.default_rng(photo.pixels[0, 0].astype(int)).normal(0, 0.1, (2, 6)).astype(np.float32)
        features = describe(garments, noise, (64, 48), taxonomy.load()) if garments else None
        regions = np.zeros(photo.pixels.shape[:2], np.uint8)
        return Look(photo=photo, garments=garments, regions=regions, worn=True, models=self.models, features=features)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Dressed:
    dressed = Dressed()
    monkeypatch.setattr(wiring, "build_reader", lambda *_: dressed)
    return dressed


def table(folder: Path, count: int = 12) -> Path:
    rows = []
    for i in range(count):
        for style, other, (r, g, b) in zip(STYLES, STYLES[::-1], (NAVY, RED), strict=True):
            photo = write_photo(folder / f"{style}-{i}.png", (r, g, b + i))
            split: Split = "validation" if i % 4 == 0 else "train"
            rows.append(
                Row(photo=photo, labels={"style": style} | ({"second_style": other} if i % 3 == 0 else {}), split=split)
            )
    rows.append(Row(photo=write_photo(folder / "nothing.png", WHITE), labels={"style": "casual"}, split="train"))
    return save(Table(rows=tuple(rows), questions={"style": STYLES, "second_style": STYLES}), folder / "t.jsonl")


def test_it_learns_calibrates_and_reads_the_photos_once(tmp_path: Path, reader: Dressed) -> None:
    recipe = StyleRecipe(data=table(tmp_path), folds=3, strength=50.0)
    file = train_style(recipe, tmp_path / "run")
    reads = reader.reads
    card = read_card(file.with_suffix(".json"))
    assert card.labels == STYLES
    assert card.encoder == "garment-1@00000000"
    assert card.measured["top1"] == 1.0
    assert 0 < card.settings["sure"] <= 1
    train_style(recipe, tmp_path / "run")
    assert reader.reads == reads
    styles = Styles(session=OnnxSession(model=file), card=card, taxonomy=taxonomy.load())
    seen = np.load(tmp_path / "run" / "outfits-validation.npz")["features"]
    assert [styles.name(each).style.id for each in seen] == [*STYLES] * 3


def test_too_few_styles_to_learn_are_refused(tmp_path: Path, reader: Dressed) -> None:
    with pytest.raises(DataError, match="expected at least two styles with 50 photos each in 'style', found 0"):
        train_style(StyleRecipe(data=table(tmp_path), fewest=50), tmp_path / "run")
    with pytest.raises(DataError, match="in 'mood', found 0"):
        train_style(StyleRecipe(data=table(tmp_path), question="mood"), tmp_path / "run")
