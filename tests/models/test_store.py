from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from meot import taxonomy
from meot.errors import ModelError
from meot.models import store
from meot.models.card import read_card

TASKS = ("parser", "garment")


def copy(folder: Path) -> Path:
    return Path(shutil.copytree(store.bundled(), folder / "models"))


def test_everything_bundled_stands_on_the_bundled_garment_model() -> None:
    """A garment model with other bytes leaves these silent; they have to be made again with it."""
    garment = store.find("garment")[1].label
    cards = {file.stem: json.loads(file.read_text("utf-8")) for file in store.bundled().glob("*.json")}
    standing = {name: card["encoder"] for name, card in cards.items() if card.get("reads") == "features"}
    assert set(standing) >= {"components-cloth", "components-cut", "components-denim", "style"}
    assert set(standing.values()) == {garment}
    assert garment in (cards["scope"].get("encoder") or cards["scope"]["started_from"])


def test_the_bundled_models_stay_within_their_budget() -> None:
    assert sum(file.stat().st_size for file in store.bundled().iterdir()) <= 16_000_000


@pytest.mark.parametrize("task", TASKS)
def test_bundled_models_match_their_cards(task: str) -> None:
    model, card = store.find(task)
    assert model.is_file()
    assert card.taxonomy == taxonomy.load().version
    assert card.trained_on
    assert card.licence == "Apache-2.0"
    assert card.command


def test_all_bundled_models_together_stay_small() -> None:
    assert sum(f.stat().st_size for f in store.bundled().glob("*.onnx")) <= 16_000_000


def test_labels_stand_in_the_taxonomys_order() -> None:
    assert store.find("parser")[1].labels == tuple(r.id for r in taxonomy.load().regions)
    assert store.find("garment")[1].labels == tuple(c.id for c in taxonomy.load().categories)


def test_a_folder_may_lack_a_model(tmp_path: Path) -> None:
    assert store.find("parser", tmp_path)[0].parent == store.bundled()


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    with (folder / "parser.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"damaged")
    with pytest.raises(ModelError, match="damaged"):
        store.find("parser", folder)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="expected a folder"):
        store.find("parser", tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "words"), [({"task": "garment"}, "put the right file"), ({"taxonomy": "0"}, "taxonomy 0")]
)
def test_a_card_of_something_else_is_refused(tmp_path: Path, change: dict[str, str], words: str) -> None:
    folder = copy(tmp_path)
    card = folder / "parser.json"
    card.write_text(json.dumps(json.loads(card.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(ModelError, match=words):
        store.find("parser", folder)


@pytest.mark.parametrize("text", ["", "{}", "[1", '{"schema": "meot.card/1", "name": "x"}'])
def test_a_broken_card_is_one_clear_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "card.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ModelError, match="card"):
        read_card(file)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    from meot.models.session import OnnxSession

    file = tmp_path / "parser.onnx"
    file.write_bytes(b"not a model")
    with pytest.raises(ModelError, match="cannot be loaded"):
        OnnxSession(model=file)
