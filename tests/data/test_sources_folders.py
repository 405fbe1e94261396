from __future__ import annotations

from pathlib import Path

import pytest
from tests.data import drawn

from meot.data.sources import ccp, clothing, deepfashion2, folders
from meot.data.table import Row, Table
from meot.errors import DataError


@pytest.mark.parametrize("validation", ["val", "valid", "Validation"])
def test_class_and_split_come_from_the_folders(tmp_path: Path, validation: str) -> None:
    drawn.photo(tmp_path / "train" / "긴 팔" / "deep" / "1.JPG")
    drawn.photo(tmp_path / validation / "긴 팔" / "1.png")
    drawn.photo(tmp_path / "train" / "T-Shirt" / ".hidden.jpg")
    table = folders.read(tmp_path)
    assert [(row.split, dict(row.labels)) for row in table.rows] == [
        ("train", {"category": "긴 팔"}),
        ("validation", {"category": "긴 팔"}),
    ]
    assert table.questions == {"category": ("T-Shirt", "긴 팔")}


def test_loose_photos_are_rows_without_a_label(tmp_path: Path) -> None:
    drawn.photo(tmp_path / "a" / "1.jpg")
    drawn.photo(tmp_path / "2.jpg")
    assert [dict(row.labels) for row in folders.read(tmp_path, question="style").rows] == [{}, {"style": "a"}]


def test_what_is_no_set_of_class_folders_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no class folders"):
        folders.read(tmp_path)
    drawn.photo(tmp_path / "train" / "a" / "1.jpg")
    drawn.photo(tmp_path / "other" / "1.jpg")
    with pytest.raises(DataError, match="has other/ beside train/"):
        folders.read(tmp_path)


@pytest.mark.parametrize("answer", ["a/b", "..", ".a", "", " a", "train", "Val", "a\\b"])
def test_answers_that_name_no_folder_are_refused(tmp_path: Path, answer: str) -> None:
    row = Row(photo=drawn.photo(tmp_path / "a.jpg"), labels={"q": answer})
    with pytest.raises(DataError, match="rename it"):
        folders.write(Table(rows=(row,), questions={"q": (answer,)}), tmp_path / "out" / "deep")
    assert not (tmp_path / "out").exists()


def test_the_question_must_be_known(tmp_path: Path) -> None:
    table = Table(rows=(Row(photo=tmp_path / "a.jpg"),), questions={"a": ("x",), "b": ("y",)})
    with pytest.raises(DataError, match="name one of: a, b"):
        folders.write(table, tmp_path / "out")


def test_ccp_lines_and_labels_that_are_broken_are_said(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("0 null\n300 hat\n")
    with pytest.raises(DataError, match=r"labels.txt:2: expected 'VALUE NAME'"):
        ccp.labels(tmp_path)
    (tmp_path / "photos.csv").write_text("photo,has_mask,split,tags\n../../x,0,train,hat\n")
    with pytest.raises(DataError, match=r"photos.csv:2: .* leads out of"):
        ccp.read_table(tmp_path)
    row = Row(photo=drawn.photo(tmp_path / "a.jpg"), tags=("long coat",))
    with pytest.raises(DataError, match="cannot carry 'long coat'"):
        ccp.write(Table(rows=(row,)), tmp_path / "out")


def test_clothing_columns_that_are_missing_are_said(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("image,label\na,Dress\n")
    with pytest.raises(DataError, match="'kids' is missing"):
        clothing.read_table(tmp_path)
    (tmp_path / "labels.csv").write_text("image,label,kids,sender_id,split\na,Dress,maybe,1,train\n")
    with pytest.raises(DataError, match=r"labels.csv:2: kids must be"):
        clothing.read_table(tmp_path)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ('{"category_id": 0, "bounding_box": [1, 2, 3, 4]}', "category_id must be 1 to 13, got 0"),
        ('{"category_id": 14}', "got 14"),
        ('{"category_id": 7, "category_name": "trousers"}', "7 is 'shorts', category_name says 'trousers'"),
        ('{"category_name": "trouser"}', "did you mean 'trousers'"),
        ('{"category_id": 1, "scale": 4}', "scale must be 1 to 3, got 4"),
        ('{"category_id": 1, "bounding_box": [1, 2, 3]}', "expected 4 numbers"),
        ("[]", "item2: expected names"),
    ],
)
def test_deepfashion2_items_that_are_broken_are_said(tmp_path: Path, item: str, said: str) -> None:
    file = tmp_path / "train" / "annos" / "000001.json"
    file.parent.mkdir(parents=True)
    file.write_text(f'{{"pair_id": 1, "item2": {item}}}')
    with pytest.raises(DataError, match=said) as error:
        deepfashion2.read(tmp_path)
    assert f"{file}: item2" in str(error.value)


def test_deepfashion2_ids_begin_with_one_and_items_keep_their_order(tmp_path: Path) -> None:
    file = tmp_path / "validation" / "annos" / "000001.json"
    file.parent.mkdir(parents=True)
    items = (f'"item{i}": {{"category_id": {i}, "style": {i}, "bounding_box": [1, 2, 3, 4]}}' for i in range(13, 0, -1))
    file.write_text(f'{{"source": "user", "pair_id": 12, {", ".join(items)}}}')
    (row,) = deepfashion2.read(tmp_path).rows
    assert tuple(thing.label for thing in row.objects) == deepfashion2.CATEGORIES
    assert [thing.labels["style"] for thing in row.objects] == [str(i) for i in range(1, 14)]
    assert (row.split, row.group, row.photo) == ("validation", "pair-12", tmp_path / "validation/image/000001.jpg")
