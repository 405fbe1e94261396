"""The figures about photos without clothes."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from bench.scope import LIST, outcome, row, unpack_resources
from PIL import Image
from tests.builders import RED, build_garment

from meot import photos
from meot.types import Look


def look(*sure: bool) -> Look:
    return Look(
        photo=photos.from_pixels(np.zeros((40, 40, 3), np.uint8)),
        garments=tuple(build_garment(RED, sure=each) for each in sure),
        regions=np.zeros((40, 40), np.uint8),
        worn=False,
        models={},
    )


def test_outcomes() -> None:
    assert outcome(look(), "sure") == "none"
    assert outcome(look(False), "sure") == "guess"
    assert outcome(look(False, True), "sure") == "sure"
    assert outcome(look(True), "doubtful") == "guess"
    assert outcome(look(True), "none") == "none"
    assert outcome(replace(look(True), garments=()), "doubtful") == "none"


def test_shares_of_a_kind() -> None:
    cells = row("cats", [("sure", "none"), ("sure", "guess"), ("none", "none"), ("guess", "guess")])
    assert cells["n"] == 4
    assert cells["before: sure"] == 0.5
    assert cells["after: none"] == 0.5
    assert cells["after: sure"] == 0


def test_the_list_names_each_photo_once() -> None:
    with LIST.open(encoding="utf-8", newline="") as lines:
        found = [line["photo"] for line in csv.DictReader(lines)]
    assert len(found) == len(set(found)) > 1000
    assert not any(name.startswith(("/", "..")) for name in found)


def test_pictures_inside_resource_files_are_found(tmp_path: Path) -> None:
    data = BytesIO()
    for side in (200, 100):
        Image.new("RGB", (side, side), (200, 10, 10)).save(data, "JPEG")
    (tmp_path / "zoo.rcc").write_bytes(b"qres" + data.getvalue())
    assert unpack_resources(tmp_path, tmp_path / "out") == 1
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["zoo_000.jpg"]
