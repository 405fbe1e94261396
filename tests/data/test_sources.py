from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.workshop import CCP_LABELS, draw_ccp, draw_clothing

from meot import taxonomy
from meot.data.images import read_ids, read_rgb
from meot.data.sources import ccp, clothing
from meot.errors import DataError


def test_clothing_rows_keep_split_label_and_sender(tmp_path: Path) -> None:
    folder = draw_clothing(tmp_path / "clothing")
    train, held = clothing.read(folder, "train"), clothing.read(folder, "validation")
    assert len(train) + len(held) == 8
    assert {r.labels["category"] for r in train} == {"T-Shirt", "Pants"}
    assert not {r.group for r in train} & {r.group for r in held}


def test_ccp_labels_are_not_off_by_one(tmp_path: Path) -> None:
    folder = draw_ccp(tmp_path / "ccp")
    terms, names = taxonomy.load(), ccp.labels(folder)
    assert [names[i] for i in range(len(CCP_LABELS))] == list(CCP_LABELS)
    lut = ccp.region_lut(terms, names)
    row = ccp.read(folder, "train", masked_only=True)[0]
    regions = lut[read_ids(row.mask, row.photo)]
    assert regions[15, 80] == terms.region("hair").value
    assert regions[35, 80] == terms.region("skin").value
    assert regions[80, 80] == terms.region("upper").value
    assert regions[160, 80] == terms.region("lower").value
    assert regions[220, 80] == terms.region("feet").value


@pytest.mark.parametrize("reader", [clothing.read, lambda folder, split: ccp.read(folder, split, masked_only=True)])
def test_a_missing_set_is_said(reader: object, tmp_path: Path) -> None:
    assert callable(reader)
    with pytest.raises(DataError, match="not found"):
        reader(tmp_path, "train")


def test_broken_pictures_are_said(tmp_path: Path) -> None:
    file = tmp_path / "x.jpg"
    file.write_bytes(b"no photo")
    with pytest.raises(DataError, match="expected a photo"):
        read_rgb(file)
    with pytest.raises(DataError, match="expected a mask"):
        read_ids(None, file)


def test_colours_are_read_as_rgb(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (8, 8), (200, 10, 20)).save(tmp_path / "red.png")
    np.testing.assert_array_equal(read_rgb(tmp_path / "red.png")[0, 0], [200, 10, 20])
