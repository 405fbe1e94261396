from __future__ import annotations

from pathlib import Path

import pytest
from tests.data import drawn

from meot.data.sources import read, sheet
from meot.data.table import Row, Table
from meot.errors import DataError


def _sheet(folder: Path, text: str, name: str = "labels.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_templates_place_the_photos_of_each_source(tmp_path: Path) -> None:
    photo = drawn.photo(tmp_path / "ccp" / "photos" / "0001.jpg", (100, 50))
    file = _sheet(
        tmp_path,
        "source,image,region,garment,collar,split\n"
        'ccp,0001,"0.2,0.1,0.6,0.5",blouse,unsure,train\n'
        'ccp,0001,"0.5,0.5,1,1",긴 치마,,train\n'
        "shop,a-b,,shirt,button_down,validation\n",
    )
    templates = (f"ccp={tmp_path}/ccp/photos/{{image}}.jpg", f"{tmp_path}/{{source}}/{{image}}.png")
    street, shop = sheet.read(file, photos=templates).rows
    assert (street.photo, street.split, street.source) == (photo, "train", "ccp")
    assert [dict(thing.labels) for thing in street.objects] == [{"garment": "blouse"}, {"garment": "긴 치마"}]
    assert street.objects[0].box == pytest.approx((10, 10, 30, 50))
    assert (shop.photo, dict(shop.labels)) == (tmp_path / "shop/a-b.png", {"garment": "shirt", "collar": "button_down"})


def test_the_folder_of_the_file_is_where_plain_photos_are(tmp_path: Path) -> None:
    photo = drawn.photo(tmp_path / "0001.png")
    file = _sheet(tmp_path, "\ufeffphoto,style,sender_id\n0001,dandy,7\n")
    table = sheet.read(file, group="sender_id", unknown=("dandy",))
    assert (table.rows[0].photo, table.rows[0].group, dict(table.rows[0].labels)) == (photo, "7", {})
    assert read(file, group="sender_id").questions == {"style": ("dandy",)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty file"),
        ("name,x\na,b\n", "labels.csv:1: expected a column photo"),
        ("photo,photo\na,b\n", "must be there and differ"),
        ("photo,style\na.jpg,b,c\n", "labels.csv:2: expected 2 cells, got 3"),
        ("photo,style\n,b\n", "labels.csv:2: the photo cell is empty"),
        ("photo,split\na.jpg,trian\n", "labels.csv:2: split must be"),
        ('photo,style\na.jpg,"b\n', "broken CSV"),
        ("photo,style\n../../x.jpg,b\n", "labels.csv:2: '../../x.jpg' leads out of"),
        ("photo,style\n/etc/x.jpg,b\n", "leads out of"),
        ('photo,region\na.jpg,"1,2,3"\n', "labels.csv:2: region must be"),
        ('photo,region\na.jpg,"1,2,3,x"\n', "labels.csv:2: region: expected a number"),
        ("photo,style\na.jpg,b\na.jpg,c\n", "labels.csv:3: style is 'c' and 'b' at line 2"),
        ("photo,split\na.jpg,train\na.jpg,test\n", "differ from line 2"),
    ],
)
def test_broken_lines_are_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        sheet.read(_sheet(tmp_path, text))


def test_a_cell_cannot_lead_a_template_elsewhere(tmp_path: Path) -> None:
    file = _sheet(tmp_path, "photo,style\n../../etc/x,b\n")
    with pytest.raises(DataError, match="leads out of the photos' place"):
        sheet.read(file, photos=(f"{tmp_path}/{{photo}}.jpg",))
    with pytest.raises(DataError, match="no column 'image'"):
        sheet.read(file, photos=(f"{tmp_path}/{{image}}.jpg",))


@pytest.mark.parametrize("answer", ["unsure", " blank", "blank "])
def test_answers_that_would_not_come_back_are_refused(tmp_path: Path, answer: str) -> None:
    row = Row(photo=drawn.photo(tmp_path / "a.jpg"), labels={"q": answer})
    with pytest.raises(DataError, match="would not come back"):
        sheet.write(Table(rows=(row,), questions={"q": (answer,)}), tmp_path / "out")


def test_a_question_named_as_a_column_is_refused(tmp_path: Path) -> None:
    row = Row(photo=drawn.photo(tmp_path / "a.jpg"), labels={"split": "x"})
    with pytest.raises(DataError, match="cannot head a column"):
        sheet.write(Table(rows=(row,), questions={"split": ("x",)}), tmp_path / "out")
