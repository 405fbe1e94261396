from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from meot.data import view
from meot.data.table import Object, Row, Split, Table
from meot.errors import DataError

pytestmark = pytest.mark.train


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Grey photos; every second has a box and an outline, the first a mask."""
    rows = []
    for i in range(6):
        Image.new("RGB", (140, 280), (90, 90, 90)).save(tmp_path / f"{i}.png")
        thing = Object(label="저고리", box=(20, 40, 120, 240), polygons=((30, 50, 110, 50, 70, 200),))
        split: Split = "train" if i < 4 else "test"
        rows.append(
            Row(photo=tmp_path / f"{i}.png", split=split, labels={"fit": "wide"}, objects=(thing,) if i % 2 else ())
        )
    mask = np.zeros((280, 140), np.uint8)
    mask[200:] = 3
    Image.fromarray(mask).save(tmp_path / "mask.png")
    rows[0] = Row(photo=rows[0].photo, mask=tmp_path / "mask.png", split="train")
    return Table(
        rows=tuple(rows), classes=("저고리",), questions={"fit": ("wide", "skinny")}, mask_names={0: "null", 3: "skirt"}
    )


def test_boxes_outlines_and_masks_are_drawn(table: Table) -> None:
    plain = np.array(view.draw(table.rows[2], table))
    assert plain.shape == (280, 140, 3)
    assert (plain == 90).all()
    drawn = np.array(view.draw(table.rows[1], table))
    assert (drawn[150, 20:22] != 90).any()  # the box's left edge
    assert (drawn[49:52, 80] != 90).any()  # the outline's upper edge
    assert (drawn[:38] == 90).all()
    tinted = np.array(view.draw(table.rows[0], table))
    assert (tinted[:198] == 90).all()
    assert (tinted[202:] != 90).any(2).all()


def test_words_below_a_photo(table: Table) -> None:
    assert view.words(table.rows[1], table) == ["fit wide", "train", "1.png"]
    assert view.words(table.rows[0], table)[0] == "skirt"


def test_rows_are_chosen_by_class_split_and_seed(table: Table) -> None:
    chosen = view.choose(table, np.random.default_rng(0), amount=9, name="저고리", split="train")
    assert chosen == (table.rows[1], table.rows[3])
    few = view.choose(table, np.random.default_rng(0), amount=2)
    assert len(few) == 2
    assert few == view.choose(table, np.random.default_rng(0), amount=2)


def test_an_unknown_class_and_an_empty_choice_are_said(table: Table) -> None:
    with pytest.raises(DataError, match="no class or answer 'wyde' in the table; did you mean 'wide'"):
        view.choose(table, np.random.default_rng(0), amount=1, name="wyde")
    with pytest.raises(DataError, match="no photo in the validation split"):
        view.choose(table, np.random.default_rng(0), amount=1, split="validation")


def test_a_sheet_holds_every_photo(table: Table) -> None:
    seen: list[int] = []
    sheet = view.sheet(table.rows, table, columns=4, show=lambda: seen.append(1))
    assert len(seen) == 6
    assert sheet.width == 4 * (view.TILE + 8) + 8
    assert sheet.height > 2 * view.TILE
    assert (np.array(sheet)[view.TILE + 8 : view.TILE + 24, :200] < 100).any()  # words


def test_the_page_is_self_contained_and_safe(table: Table) -> None:
    evil = Table(rows=(Row(photo=table.rows[1].photo, labels={"fit": '<script>"'}),), questions={"fit": ('<script>"',)})
    page = view.page(evil.rows, evil)
    assert "<script>&quot;" not in page
    assert "&lt;script&gt;&quot;" in page
    assert "http://" not in page
    assert "https://" not in page
    assert page.count("<figure") == 1


def test_a_mask_of_another_size_is_said(table: Table, tmp_path: Path) -> None:
    Image.new("L", (10, 10)).save(tmp_path / "mask.png")
    with pytest.raises(DataError, match="the mask is 10x10, its photo 140x280"):
        view.draw(table.rows[0], table)
