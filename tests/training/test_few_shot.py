"""How near a photo comes to a wanted look, by the small net and garment by garment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

from tests.builders import BLACK, NAVY, RED, WHITE, ColourReader, write_photo

from meot import photos
from meot.data.table import Row, Table, save
from meot.errors import DataError, SettingsError
from meot.training.few_shot import linear, report
from meot.training.few_shot.cases import KINDS, Rules, cases, with_labels
from meot.training.few_shot.garments import GarmentSimilarity, Parts, Way, parts_of, read_parts
from meot.training.few_shot.photos import check, classes_in
from meot.training.recipes import few_shot
from meot.training.recipes.few_shot import FewShotRecipe, train_few_shot

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]  # torch and timm warn about their own future
MAGENTA = (255, 0, 255)


def near(towards: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """(16,) unit vector around one axis."""
    vector = rng.normal(0, 0.15, 16)
    vector[towards] += 1
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def looks(top: int, bottom: int, count: int, seed: int) -> list[Parts]:
    rng = np.random.default_rng(seed)
    return [{"top": near(top, rng), "bottom": near(bottom, rng)} for _ in range(count)]


@pytest.mark.parametrize("way", ["prototype", "logistic"])
def test_each_part_is_measured_by_itself_and_none_outweighs(way: Way) -> None:
    others = [*looks(2, 3, 6, 1), *looks(4, 5, 6, 2), *looks(6, 7, 6, 3)]
    model = GarmentSimilarity.fit(looks(0, 1, 8, 0), others, way=way)
    all_, top, bottom, none = (model.closeness(looks(*parts, 1, 9)[0]) for parts in ((0, 1), (0, 3), (2, 1), (2, 3)))
    assert min(all_.parts.values()) > 0.8
    assert max(none.parts.values()) < 0.2
    assert top.parts["top"] > 0.8 > 0.2 > top.parts["bottom"]
    assert bottom.parts["bottom"] > 0.8 > 0.2 > bottom.parts["top"]
    assert abs(top.total - bottom.total) < 0.1
    assert all_.total > max(top.total, bottom.total) > none.total


def test_a_part_that_is_not_there_counts_nothing_and_is_named() -> None:
    model = GarmentSimilarity.fit(looks(0, 1, 4, 0), looks(2, 3, 8, 1))
    found = model.closeness({"top": looks(0, 1, 1, 5)[0]["top"]})
    assert found.missing == ("bottom",)
    assert found.total == pytest.approx(found.parts["top"] / 2)


def test_a_fit_takes_less_than_a_second() -> None:
    import time

    rng = np.random.default_rng(0)
    wide = [{"top": near(0, rng).repeat(20), "bottom": near(1, rng).repeat(20)} for _ in range(40)]

    def lasts() -> float:
        started = time.process_time()
        GarmentSimilarity.fit(wide[:10], wide[10:], way="logistic")
        return time.process_time() - started

    lasts()  # which loads what it fits with
    assert min(lasts() for _ in range(3)) < 1.0


def test_nothing_in_common_is_an_error() -> None:
    with pytest.raises(DataError, match="expected a garment of one kind"):
        GarmentSimilarity.fit([{"top": looks(0, 1, 1, 0)[0]["top"]}] * 2, [{"bottom": looks(0, 1, 1, 0)[0]["bottom"]}])


def test_logistic_regression_is_where_its_gradient_is_nothing() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 5)).astype(np.float32), rng.integers(0, 3, 60)
    x[:, 0] += y
    model = linear.fit(x, y, classes=3, decay=0.1, scale=False)
    apart = model.probabilities(x) - np.eye(3)[y]
    assert np.abs(apart.T @ x / 60 + 0.1 * model.weight).max() < 1e-3
    assert np.abs(apart.mean(0)).max() < 1e-3
    with pytest.raises(DataError, match="at least 2 classes"):
        linear.fit(x, np.zeros(60, np.int64), classes=2, decay=0.1)


def styles(folder: Path) -> Path:
    """Red on navy is wanted; white and black are the others."""
    for i in range(4):
        write_photo(folder / "wanted" / f"{i}.png", (220 - i, 45, 55), lower=(28, 34 + i, 62))
        write_photo(folder / "plain" / f"{i}.png", (255 - i, 255, 255), lower=(240, 240 - i, 250))
        write_photo(folder / "dark" / f"{i}.png", (20 + i, 20, 22), lower=(60, 60, 60 + i))
    return folder


def test_classes_are_checked_before_anything_is_learned(tmp_path: Path) -> None:
    classes = classes_in(styles(tmp_path / "s"))
    check(classes, "wanted")
    with pytest.raises(DataError, match="expected a class 'mine'"):
        check(classes, "mine")
    with pytest.raises(DataError, match="at least one other style"):
        check({"wanted": classes["wanted"]}, "wanted")
    with pytest.raises(DataError, match=r"class 'plain' has 0 photo\(s\), expected 2 to 10"):
        check(classes | {"plain": ()}, "wanted")
    with pytest.raises(DataError, match=r"class 'wanted' has 1 photo\(s\)"):
        check(classes | {"wanted": classes["wanted"][:1]}, "wanted")
    with pytest.raises(DataError, match="class 'dark' has 12 photos"):
        check(classes | {"dark": classes["dark"] * 3}, "wanted")
    with pytest.raises(DataError, match=r"0\.png of 'wanted' is the same photo as .*0\.png of 'plain'"):
        check({"plain": classes["plain"], "wanted": (*classes["wanted"], classes["plain"][0])}, "wanted")
    with pytest.raises(DataError, match="no such photo"):
        check(classes | {"plain": (*classes["plain"], tmp_path / "gone.png")}, "wanted")


def test_a_folder_without_classes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        classes_in(tmp_path / "none")
    with pytest.raises(DataError, match="found no folder"):
        classes_in(tmp_path)


def test_a_photo_without_clothes_is_named(tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "empty.png", MAGENTA)
    with pytest.raises(DataError, match=r"empty\.png: no garment is found in it"):
        read_parts(ColourReader(), photo)


def test_parts_are_of_the_main_person_and_the_garment_that_shows_most(tmp_path: Path) -> None:
    look = ColourReader().read(photos.load(write_photo(tmp_path / "a.png", RED, lower=NAVY)))
    found = parts_of(look)
    assert set(found) == {"top", "bottom"}
    assert np.array_equal(found["top"], next(g.vector for g in look.garments if g.region == "upper"))


def small(data: Path, **changed: Any) -> FewShotRecipe:
    known: dict[str, Any] = {"net": "test_vit", "weights": "", "size": 160, "epochs": (1, 2), "batch": 6}
    return FewShotRecipe(data=data, **(known | changed))


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> ColourReader:
    found = ColourReader()
    monkeypatch.setattr(few_shot, "build_reader", lambda _: found)
    return found


@pytest.mark.usefixtures("reader")
def test_photos_are_measured_against_a_folder_of_styles(tmp_path: Path) -> None:
    data, asked = styles(tmp_path / "s"), tmp_path / "asked"
    write_photo(asked / "a-both.png", (215, 50, 52), lower=(30, 30, 60))
    write_photo(asked / "b-top.png", (215, 50, 52), lower=(250, 250, 250))
    write_photo(asked / "c-none.png", WHITE, lower=BLACK)
    found = json.loads(train_few_shot(small(data, photos=asked), tmp_path / "run").read_text(encoding="utf-8"))
    assert list(found["network"]["epochs"]) == ["1", "2"]
    assert all(0 <= p <= 1 for values in found["network"]["epochs"].values() for p in values)
    both, top, none = found["logistic"]["parts"]
    assert both["top"] > 0.7
    assert both["bottom"] > 0.7
    assert top["top"] > 0.7 > 0.4 > top["bottom"]
    assert max(none.values()) < 0.5
    assert "b-top.png" in report.asked(found)


@pytest.mark.usefixtures("reader")
def test_bad_orders_are_told(tmp_path: Path) -> None:
    data = styles(tmp_path / "s")
    with pytest.raises(DataError, match="expected photos to measure"):
        train_few_shot(small(data), tmp_path / "run")
    with pytest.raises(SettingsError, match="did you mean 'logistic'"):
        train_few_shot(small(data, ways=("logistik",)), tmp_path / "run")
    with pytest.raises(SettingsError, match="epochs must be 1 or more"):
        train_few_shot(small(data, epochs=()), tmp_path / "run")


def street(folder: Path) -> Path:
    """A table of looks with label masks: combinations of two tops and two bottoms in far colours, in several styles."""
    tops, bottoms = {"shirt": 1, "sweater": 2}, {"jeans": 3, "skirt": 4}
    shades = {"shirt": RED, "sweater": (40, 160, 60), "jeans": NAVY, "skirt": (235, 220, 60)}
    rng, rows, number = np.random.default_rng(0), [], 0
    folder.mkdir()
    for top, first in tops.items():
        for bottom, second in bottoms.items():
            for i in range(16):
                image, ids = rng.integers(0, 256, (64, 48, 3)).astype(np.uint8), np.zeros((64, 48), np.uint8)
                ids[4:32, 4:44], ids[32:60, 4:44] = first, second
                image[ids == first], image[ids == second] = shades[top], shades[bottom]
                image[:12] = cv2.resize(rng.integers(0, 256, (3, 9, 3)).astype(np.uint8), (48, 12))
                photo, mask = folder / f"{number}.png", folder / f"{number}-mask.png"
                cv2.imwrite(str(photo), image[..., ::-1])
                cv2.imwrite(str(mask), ids)
                style = "casual" if (top, bottom) == ("shirt", "jeans") else ("rock", "suit", "retro")[i % 3]
                rows.append(Row(photo=photo, mask=mask, labels={"style": style}))
                number += 1
    names = {0: "null", **{value: name for name, value in (tops | bottoms).items()}}
    return save(Table(rows=tuple(rows), mask_names=names), folder / "looks.jsonl")


def test_cases_are_what_they_are_called_and_share_no_photo(tmp_path: Path) -> None:
    from meot.data.table import load

    table = load(street(tmp_path / "street"))
    labels = {row.photo: int(row.photo.stem) // 16 for row in table.rows}  # 0, 1: shirt; 0, 2: jeans
    found = cases(table, 3, Rules(styles=1), np.random.default_rng(0))
    assert len(found) == 3
    for case in found:
        kind = labels[case.classes["wanted"][0]]
        assert {labels[photo] for photo in case.classes["wanted"]} == {kind}
        assert [labels[case.asked[k]] ^ kind for k in KINDS] == [1, 2, 0, 3]
        used = [*sum(case.classes.values(), ()), *case.asked.values()]
        assert len(used) == len(set(used))
        assert all(2 <= len(chosen) <= 10 for chosen in case.classes.values())
        check(case.classes, "wanted")
    assert cases(table, 3, Rules(styles=1), np.random.default_rng(0)) == found


def test_styles_may_come_from_a_csv(tmp_path: Path) -> None:
    table = Table(rows=(Row(photo=tmp_path / "0001.jpg"), Row(photo=tmp_path / "0002.jpg")))
    file = tmp_path / "styles.csv"
    file.write_text("photo,style\n0001,suit\n0002,unsure\n")
    found = with_labels(table, file, "style")
    assert [dict(row.labels) for row in found.rows] == [{"style": "suit"}, {}]
    with pytest.raises(DataError, match="expected columns photo and mood, got photo, style"):
        with_labels(table, file, "mood")
    file.write_text("photo,style\n0009,suit\n")
    with pytest.raises(DataError, match="names none of the table's photos; expected names such as 0001"):
        with_labels(table, file, "style")


def test_too_few_cases_and_masks_without_garments_are_errors(tmp_path: Path) -> None:
    from meot.data.table import load

    table = load(street(tmp_path / "street"))
    with pytest.raises(DataError, match="the table gives 0 cases, expected 2"):
        cases(table, 2, Rules(styles=9), np.random.default_rng(0))
    with pytest.raises(DataError, match="masks name garments"):
        cases(Table(rows=table.rows), 1, Rules(), np.random.default_rng(0))


@pytest.mark.usefixtures("reader")
def test_the_four_photos_are_measured_by_every_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = small(street(tmp_path / "street"), cases=2, styles=1)
    found = json.loads(train_few_shot(recipe, tmp_path / "run").read_text(encoding="utf-8"))
    names = ["network, 1 epochs", "network, 2 epochs", "garments, prototype", "garments, logistic"]
    assert [row["name"] for row in found["rows"]] == names
    logistic = found["rows"][-1]
    top, bottom, alike, different = logistic["mean"]
    assert alike > max(top, bottom) > min(top, bottom) > different
    assert logistic["ordered"] == 1.0
    told = capsys.readouterr().out
    assert "paper, one case" in told
    assert "0.94" in told
