"""Which photos show one product."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from tests.builders import RED, write_photo

from meot.answers.listing.group import ALIKE, MOST_PHOTOS, WAYS, group, merge, product_name
from meot.errors import PhotoError

NAMES = {
    "A12_1": "A12",
    "A12-front": "A12",
    "A12 (2)": "A12",
    "A12.back": "A12",
    "A12": "A12",
    "셔츠_앞면2": "셔츠",
    "dress-back-2": "dress",
    "shirt red": "shirt red",
    "10001_1": "10001",
    "IMG_1234": "",
    "DSC0001": "",
    "P1000234": "",
    "KakaoTalk_20240101_120000": "",
    "front": "",
    "앞면": "",
    "0001": "",
    "1": "",
}


def put(folder: Path, *names: str) -> None:
    for name in names:
        write_photo(folder / name, RED)


def shape(given: list[Path], way: str = "auto") -> dict[str, list[str]]:
    return {each.name: [photo.name for photo in each.photos] for each in group(given, way)[0]}


@pytest.mark.parametrize(("stem", "product"), NAMES.items())
def test_a_name_tells_its_product_or_nothing(stem: str, product: str) -> None:
    assert product_name(stem) == product


def test_auto_goes_by_folder_below_and_by_name_above(tmp_path: Path) -> None:
    put(tmp_path, "A12_1.png", "A12-front.png", "B3.png", "IMG_0001.png", "IMG_0002.png")
    put(tmp_path / "coat", "IMG_1.png", "IMG_2.png", "detail.png")
    put(tmp_path / "tops" / "summer", "X1_1.png", "X1_2.png", "X2_1.png")
    assert shape([tmp_path]) == {
        "A12": ["A12-front.png", "A12_1.png"],
        "B3": ["B3.png"],
        "IMG_0001": ["IMG_0001.png"],
        "IMG_0002": ["IMG_0002.png"],
        "coat": ["IMG_1.png", "IMG_2.png", "detail.png"],
        "tops/summer/X1": ["X1_1.png", "X1_2.png"],
        "tops/summer/X2": ["X2_1.png"],
    }


def test_the_other_ways(tmp_path: Path) -> None:
    put(tmp_path / "a", "X1_1.png", "X2_1.png")
    put(tmp_path / "b", "X1_1.png")
    assert set(shape([tmp_path], "folder")) == {"a", "b"}
    assert set(shape([tmp_path], "name")) == {"a/X1", "a/X2", "b/X1"}
    assert set(shape([tmp_path], "likeness")) == {"a/X1_1", "a/X2_1", "b/X1_1"}
    assert set(shape([tmp_path / "a" / "X1_1.png"])) == {"X1"}
    assert set(WAYS) == {"auto", "folder", "name", "likeness"}


def test_folders_without_photos_are_named_and_hidden_ones_passed_over(tmp_path: Path) -> None:
    put(tmp_path / "full", "1.png")
    (tmp_path / "empty").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "above" / "bare").mkdir(parents=True)
    (tmp_path / "above" / "bare" / "notes.txt").write_text("no photo")
    _, empty = group([tmp_path])
    assert [name for name, _ in empty] == ["above/bare", "empty"]
    assert "no photos in this folder" in empty[0][1]


def test_nothing_at_all_is_one_sentence(tmp_path: Path) -> None:
    for given in (tmp_path, tmp_path / "gone"):
        with pytest.raises(PhotoError) as raised:
            group([given])
        assert str(tmp_path) in str(raised.value)


def test_five_hundred_photos_of_one_product_are_one_draft(tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / "coat").mkdir(exist_ok=True)
        (tmp_path / "coat" / f"coat_{number}.png").touch()
    [only], _ = group([tmp_path])
    assert (only.name, len(only.photos), only.left_out) == ("coat", MOST_PHOTOS, 500 - MOST_PHOTOS)
    assert [photo.stem for photo in only.photos[:3]] == ["coat_0", "coat_1", "coat_2"]


def test_photos_that_follow_one_another_and_look_alike_are_one_product() -> None:
    vectors = np.eye(3, dtype=np.float32)[[0, 0, 1, 0, 2, 2]]
    assert merge(vectors, ["upper"] * 6) == [[0, 1], [2], [3], [4, 5]]
    assert merge(vectors, ["upper", "lower", "upper", "upper", "", ""]) == [[0], [1], [2], [3], [4], [5]]
    turned = np.array([[1, 0], [ALIKE + 0.01, np.sqrt(1 - (ALIKE + 0.01) ** 2)]], np.float32)
    assert merge(turned, ["upper"] * 2) == [[0, 1]]
    chain = np.array([[np.cos(a), np.sin(a)] for a in (0.0, 0.7, 1.4)], np.float32)
    assert merge(chain, ["upper"] * 3) == [[0, 1], [2]]  # alike to the one before, not to the first


def test_names_that_are_no_text_are_named_and_control_signs_go(tmp_path: Path) -> None:
    put(tmp_path, "A\x0112_1.png", "fine.png")
    (tmp_path / os.fsdecode(b"B\xff.png")).write_bytes((tmp_path / "fine.png").read_bytes())
    groups, bad = group([tmp_path])
    assert [each.name for each in groups] == ["A12", "fine"]
    assert bad[0][0] == "B.png"
    assert "its name is no text; rename it" in bad[0][1]
    assert bad[0][1].isprintable()
