"""Component labels by eye over two data sets become one table."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("cv2", reason="needs the train extra: pip install 'meot[train]'")

import cv2
import numpy as np

from meot.data.sources import details
from meot.data.table import Table
from meot.errors import DataError

pytestmark = pytest.mark.train


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    for place in ("clothing/images/a.jpg", "clothing/images/b.jpg", "ccp/photos/0001.jpg"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / place), np.zeros((40, 20, 3), np.uint8))
    (tmp_path / "clothing" / "labels.csv").write_text(
        "image,label,kids,sender_id,split\na,Shirt,False,7,train\nb,Dress,False,9,train\n"
    )
    (tmp_path / "shirts.csv").write_text(
        "source,image,region,garment,collar,pattern,sleeve,split\n"
        "clothing,a,,Shirt,band,check,unsure,train\n"
        'ccp,0001,"0.5,0.25,1,0.75",shirt,regular,unsure,long,validation\n'
    )
    (tmp_path / "patterns.csv").write_text(
        "source,image,garment,pattern,sleeve,neckline,split\nclothing,b,Dress,dot,none,v,train\n"
    )
    (tmp_path / "jeans.csv").write_text(
        "source,image,region,is_jeans,fit,color,wash,damage,split\n"
        "clothing,a,,no,,,,,train\nclothing,b,,yes,wide,deep,one,no,train\n"
    )
    return tmp_path


def test_three_files_become_one_table(labels: Path) -> None:
    table = details.read(labels, data=labels)
    flat, worn, other = table.rows
    assert flat.labels == {"collar": "band", "pattern": "check"}
    assert flat.mask == labels / "clothing" / "masks" / "a.png"
    assert worn.objects[0].box == (10.0, 10.0, 20.0, 30.0)
    assert worn.objects[0].labels == {"collar": "regular", "sleeve": "long"}
    assert (worn.split, worn.mask) == ("validation", None)
    assert other.labels == {
        "pattern": "dot",
        "sleeve": "none",
        "neckline": "v",
        "fit": "wide",
        "denim_colour": "deep",
        "wash": "one",
        "damage": "no",
    }
    assert table.questions["collar"] == ("band", "regular")
    assert "is_jeans" not in table.questions
    assert "garment" not in table.questions


def test_photos_of_one_sender_stay_together(labels: Path) -> None:
    flat, worn, other = details.read(labels, data=labels).rows
    assert (flat.group, other.group) == ("sender-7", "sender-9")
    assert not worn.group  # nobody knows who sent a street photo


def test_a_missing_file_is_named(labels: Path) -> None:
    (labels / "jeans.csv").unlink()
    with pytest.raises(DataError, match=r"jeans.csv not found"):
        details.read(labels, data=labels)
    with pytest.raises(DataError, match="only read"):
        details.write(Table(), labels / "out")
