"""The figures on details: worked out by hand, and a whole run over drawn photos with a reader without models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("cv2", reason="needs the train extra: pip install 'meot[train]'")

from bench.answers import Answers, Said, accuracy, commonest, costliest, kinds, share, trust
from bench.detail_rows import (
    WANTED_STYLE,
    class_rows,
    component_rows,
    style_recalls,
    style_rows,
    style_trust,
    trousers_rows,
)
from bench.details import answering, ask, from_region, print_all
from bench.truths import MERGED, Thing
from numpy.typing import NDArray
from PIL import Image
from tests.builders import NAVY, RED, ColourReader, build_garment

from bench import truths
from meot.errors import DataError
from meot.labels.component import Components
from meot.models.card import Card
from meot.types import Box, Label, Look, Photo


def said(
    *truth: str, answer: str | None, score: float = 0.8, sure: bool = False, street: bool = False, group: str = "a"
) -> Said:
    label = None if answer is None else Label(id=answer, score=score, sure=sure, runner_up="other")
    return Said(photo=f"{truth}{answer}", group=group, street=street, truth=truth, answer=label)


CHECKS = [
    said("check", answer="check", sure=True, group="1"),
    said("check", answer="solid", group="2"),
    said("solid", answer="solid", sure=True, group="3", street=True),
    said("solid", answer=None, group="4", street=True),
]


def test_a_question_without_an_answer_is_answered_wrongly() -> None:
    right, macro_f1 = accuracy(CHECKS)
    assert right[0] == 0.5
    assert macro_f1[0] == pytest.approx((2 * 1 / (1 + 2) + 2 * 1 / (2 + 2)) / 2)
    assert right[1] is not None
    assert right[1] < 0.5


def test_trust_is_about_the_answers_given() -> None:
    found = trust(CHECKS)
    assert found["answered"] == 0.75
    assert found["right of those"] == pytest.approx(2 / 3)
    assert found["ECE"] == pytest.approx(0.8 - 2 / 3)
    assert found["sure"] == 0.5
    figure = found["right where sure"]
    assert isinstance(figure, tuple)
    assert figure == (1.0, 0.0, 1.0)  # two of two: the rule of three promises nothing
    assert trust([said("check", answer=None)])["ECE"] is None


def test_a_threshold_of_luck_is_seen_through_on_the_other_half() -> None:
    """Scores that say nothing: some threshold looks right on the photos it was chosen on, and is not on others."""
    rng = np.random.default_rng(0)
    some = [
        said("check", answer="check" if rng.random() < 0.7 else "solid", score=float(rng.random()), group=str(i))
        for i in range(200)
    ]
    found = trust(some)
    assert isinstance(found["right, halves"], float)
    assert found["right, halves"] < 0.85
    assert trust(some[:39])["right, halves"] is None


def test_a_share_draws_senders_together() -> None:
    hits = [True] * 10 + [False] * 10
    alone = share(hits, [str(i) for i in range(20)])
    together = share(hits, ["a"] * 10 + ["b"] * 10)
    assert alone[0] == together[0] == 0.5
    assert together[1:] == (0.0, 1.0)
    assert alone[1] is not None
    assert alone[1] > 0.2
    assert share(hits, ["a"] * 20, [False] * 20) == (0.0, None, None)


def test_street_photos_and_flat_lays_stand_apart_and_together() -> None:
    assert {kind: len(some) for kind, some in kinds(CHECKS).items()} == {"flat lays": 2, "street": 2, "both": 4}
    assert list(kinds(CHECKS[:2])) == ["flat lays"]
    right, worth = component_rows({"pattern": CHECKS, "nothing known": CHECKS})
    assert [row["photos"] for row in right] == [row["photos"] for row in worth] == ["flat lays", "street", "both"]
    assert commonest([*CHECKS, CHECKS[0]]) == 0.6
    assert costliest(CHECKS) == "check>solid 1"
    assert costliest(CHECKS[:1]) == "-"


def test_style_counts_the_second_one_only_where_it_says_so() -> None:
    looks = [
        said("casual", "other", answer="casual"),
        said("casual", "feminine", answer="feminine"),
        said("feminine", "other", answer="casual"),
        said("minimal", answer=None),
    ]
    found = {(row["style"], row["counted"]): row["share"] for row in style_rows(looks, WANTED_STYLE)}
    shares = [figure[0] for figure in found.values() if isinstance(figure, tuple)]
    assert shares == [0.25, 0.5, 0.25, 0.75]  # top-1 strict, kind; top-2 strict, kind
    assert {row["style"]: row["recall"] for row in style_recalls(looks)} == {
        "casual": 0.5,
        "feminine": 0.0,
        "minimal": 0.0,
        "mean": pytest.approx(0.5 / 3),
    }
    strict, kind, puzzled = style_trust(looks, [], [said("unsure", answer="casual", sure=True)])
    assert (strict["right of those"], kind["right of those"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert puzzled["sure"] == 1.0


@pytest.mark.parametrize(
    ("label", "labels", "number"),
    [
        ("Shirt", {"sleeve": "short"}, 1),
        ("T-Shirt", {"sleeve": "long"}, 2),
        ("Blazer", {"sleeve": "long"}, 4),
        ("Outwear", {"sleeve": "none", "neckline": "round"}, None),
        ("Undershirt", {"sleeve": "none", "neckline": "round"}, 5),
        ("Top", {"sleeve": "none", "neckline": "off_shoulder_or_strap"}, 6),
        ("Top", {"sleeve": "none"}, None),
        ("Pants", {}, 8),
        ("Dress", {"sleeve": "short"}, 10),
        ("Dress", {"sleeve": "none", "neckline": "off_shoulder_or_strap"}, 13),
        ("Dress", {}, None),
        ("Hat", {"sleeve": "short"}, None),
        ("", {"sleeve": "short"}, None),
    ],
)
def test_the_labels_tell_deepfashion2_class(label: str, labels: dict[str, str], number: int | None) -> None:
    assert truths.deepfashion2(Thing(None, None, labels, label)) == number


def test_the_garment_that_overlaps_most_answers() -> None:
    upper, lower = build_garment(NAVY), build_garment(RED, region="lower", category="jeans")
    upper, lower = replace(upper, box=Box(0, 0, 40, 40)), replace(lower, box=Box(0, 30, 40, 80))
    photo = Photo(np.zeros((80, 40, 3), np.uint8), "")
    look = Look(photo=photo, garments=(upper, lower), regions=np.zeros((80, 40), np.uint8), worn=True, models={})
    assert answering(look, Box(0, 25, 40, 80)) is lower
    assert answering(look, Box(0, 0, 10, 10)) is None
    assert answering(replace(look, garments=()), Box(0, 0, 10, 10)) is None


class Plain:
    """A session that finds every garment plain: logits of pattern and of collar."""

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        count = len(inputs["pixels"])
        return [np.tile(np.array([[0.0, np.log(9)]], np.float32), (count, 1)), np.zeros((count, 2), np.float32)]


def test_a_region_is_handed_to_the_models_and_taken_questions_are_left_to_others() -> None:
    card = Card(
        name="plain",
        task="components",
        taxonomy="1",
        licence="",
        trained_on=(),
        started_from="",
        preprocessing="",
        outputs=("pattern", "collar"),
        labels=(),
        settings={"side": 32.0, "pattern.sure": 0.8, "pattern.worn_sure": 0.9 + 1e-6},
        questions={"pattern": ("check", "solid"), "collar": ("band", "regular")},
        views=("garment",),
        asked={"collar": ()},
    )
    photo = Photo(np.zeros((64, 48, 3), np.uint8), "")
    found = from_region([Components(session=Plain(), card=card)], photo, Box(0, 0, 48, 32), worn=True)
    assert list(found) == ["pattern"]
    assert (found["pattern"].id, round(found["pattern"].score, 6), found["pattern"].sure) == ("solid", 0.9, False)
    unworn = from_region([Components(session=Plain(), card=card)], photo, Box(0, 0, 48, 32), worn=False)
    assert unworn["pattern"].sure


def draw(folder: Path) -> tuple[Path, Path]:
    """Data and labels: a flat lay of two halves with a mask of its upper one and a street photo, both for validation;
    another one to learn from.
    """
    data, labels = folder / "data", folder / "labels"
    for place in ("clothing/images", "clothing/masks", "ccp/photos"):
        (data / place).mkdir(parents=True)
    labels.mkdir()
    pixels = np.full((64, 48, 3), NAVY, np.uint8)
    pixels[32:] = RED
    for file in ("clothing/images/a.jpg", "ccp/photos/0001.jpg", "ccp/photos/0002.jpg"):
        Image.fromarray(pixels).save(data / file)
    mask = np.zeros((64, 48), np.uint8)
    mask[:32] = 255
    Image.fromarray(mask).save(data / "clothing/masks/a.png")
    (data / "clothing/labels.csv").write_text("image,label,kids,sender_id,split\na,Shirt,False,7,validation\n")
    head = "source,image,region,garment,collar,pattern,sleeve,split\n"
    (labels / "shirts.csv").write_text(
        head
        + "clothing,a,,Shirt,button_down,unsure,long,validation\n"
        + 'ccp,0001,"0,0,1,0.5",shirt,band,solid,unsure,validation\n'
    )
    (labels / "patterns.csv").write_text(
        "source,image,garment,pattern,sleeve,neckline,split\nclothing,a,Shirt,solid,long,collar,validation\n"
    )
    (labels / "jeans.csv").write_text(
        "source,image,region,is_jeans,fit,color,wash,damage,split\n"
        'ccp,0001,"0,0.5,1,1",yes,wide,deep,,unsure,validation\n'
        'ccp,0002,"0,0.5,1,1",yes,wide,deep,one,no,train\n'
    )
    (labels / "styles.csv").write_text(
        "photo,style,second_style,gender,season,split\n0001,casual,street,unsure,mid,validation\n"
    )
    return data, labels


def test_what_people_said_is_read_once_a_photo(tmp_path: Path) -> None:
    data, labels = draw(tmp_path)
    flat, street = truths.read(labels, data, "validation", MERGED)
    assert (flat.group, flat.street, flat.styles) == ("sender-7", False, ())
    (shirt,) = flat.things
    assert shirt.labels == {"collar": "regular", "sleeve": "long", "pattern": "solid", "neckline": "collar"}
    assert (shirt.label, shirt.box) == ("Shirt", None)
    assert street.styles == ("casual", "street")
    upper, lower, trousers = street.things
    assert (trousers.labels, trousers.box) == ({"is_jeans": "yes"}, lower.box)
    assert (upper.box, upper.labels) == ((0, 0, 48, 32), {"collar": "band", "pattern": "solid"})
    assert lower.labels == {"fit": "wide", "denim_colour": "deep"}
    (other,) = truths.read(labels, data, "train", MERGED)
    assert other.photo.stem == "0002"
    (labels / "styles.csv").unlink()
    with pytest.raises(DataError, match=r"expected styles\.csv"):
        truths.read(labels, data, "validation", MERGED)


class Stylist(ColourReader):
    """Reads every shirt as plain, every outfit as street, and is sure of it."""

    def read(self, photo: Photo) -> Look:
        look = super().read(photo)
        upper, lower = look.garments
        plain = {"pattern": Label(id="solid", score=0.9, sure=True)}
        wide = {"fit": Label(id="wide", score=0.6, sure=False)}
        garments = (
            replace(upper, box=Box(0, 0, 48, 32), components=plain),
            replace(lower, box=Box(20, 32, 28, 64), components=wide),
        )
        style = Label(id="street", score=0.7, sure=True, runner_up="casual")
        group = Label(id="urban", score=0.9, sure=True, runner_up="everyday")
        return replace(look, garments=garments, style=style, style_group=group)


def test_a_whole_run_prints_every_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, labels = draw(tmp_path)
    reader = Stylist()
    found: Answers = ask(reader, [], truths.read(labels, data, "validation", MERGED))
    assert len(reader.reads) == 2
    assert [s.right for s in found.read["pattern"]] == [True, True]
    assert [s.answer for s in found.read["collar"]] == [None, None]
    assert [s.answer for s in found.region["pattern"]] == [None, None]
    assert [(s.truth, s.answer) for s in found.classes] == [(("2",), None)]
    assert class_rows(found.classes, found.guessed)[0]["answered"] == 0.0
    assert [s.answer for s in found.read["fit"]] == [Label(id="wide", score=0.6, sure=False)]
    (jeans,) = trousers_rows(found.trousers, found.denim)
    assert (jeans["n"], jeans["called jeans"], jeans["denim told"]) == (1, (1.0, 0.0, 1.0), (0.0, 0.0, 1.0))
    print_all(found, MERGED, as_json=True)
    tables = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [len(table["rows"]) > 0 for table in tables] == [True] * len(tables)
    style = next(table for table in tables if table["bench"] == "Style of street photos")
    assert [row["share"][0] for row in style["rows"]] == [0.0, 1.0, 1.0, 1.0]
    group = next(table for table in tables if table["bench"] == "Group of styles of street photos")
    assert [row["share"][0] for row in group["rows"]] == [0.0, 1.0, 1.0, 1.0]
    print_all(found, MERGED, as_json=False)
    assert "collar.button_down as regular" in capsys.readouterr().out
