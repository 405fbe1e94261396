from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.builders import NAVY, RED, WHITE, Colour, TeachableReader, build_likeness, write_photo

from meot import photos, taxonomy
from meot.labels.lessons import CATEGORY, COMPONENT, STYLE, Example, Lesson, are_alike, made_by
from meot.labels.likeness import Curve, Group, Standard
from meot.labels.taught import TaughtAnswers
from meot.types import Label, Look

NEAR_RED = (215, 50, 60)


def look(place: Path, colour: Colour, *, lower: Colour | None = None) -> Look:
    return TeachableReader().read(photos.load(write_photo(place / "photo.png", colour, lower=lower)))


def example(shown: Look, place: int = 0, *, encoder: str = "colour.1") -> Example:
    garment = shown.garments[place]
    assert garment.features is not None
    return Example(sha256=shown.photo.sha256, region=garment.region, encoder=encoder, features=garment.features)


def taught(*lessons: Lesson) -> TaughtAnswers:
    return TaughtAnswers(lessons=lessons, revision="1@abc", likeness=build_likeness(), taxonomy=taxonomy.load())


def kimono(*examples: Example) -> Lesson:
    names = {"en": "Kimono", "ko": "기모노"}
    return Lesson(kind=CATEGORY, name="kimono", names=names, region="whole", examples=examples)


def test_a_taught_photo_answers_with_what_was_said_of_it(tmp_path: Path) -> None:
    shown = look(tmp_path, RED)
    garment = taught(kimono(example(shown))).apply(shown).garments[0]
    assert (garment.category.id, garment.category.score, garment.category.sure) == ("kimono", 1.0, True)
    assert garment.category.names["ko"] == "기모노"
    assert garment.category.runner_up == "shirt"
    assert garment.region == "whole"  # a flat lay's category decides its region
    assert garment.deepfashion2 is None


def test_the_region_map_follows_a_flat_lay_to_its_new_region(tmp_path: Path) -> None:
    shown = look(tmp_path, RED)
    shown = replace(shown, regions=np.full((64, 48), taxonomy.load().region("upper").value, np.uint8))
    changed = taught(kimono(example(shown))).apply(shown)
    assert set(np.unique(changed.regions)) == {taxonomy.load().region("whole").value}


def test_a_photo_like_the_examples_is_drawn_to_them_and_a_far_one_stays(tmp_path: Path) -> None:
    lesson = kimono(example(look(tmp_path, RED)))
    near = taught(lesson).apply(look(tmp_path, NEAR_RED)).garments[0].category
    assert near.id == "kimono"
    assert 0.9 < near.score < 1.0
    assert near.sure
    before = look(tmp_path, NAVY)
    far = taught(lesson).apply(before).garments[0].category
    assert (far.id, far.sure) == ("shirt", True)
    assert far.score == pytest.approx(before.garments[0].category.score, abs=0.01)


def test_scores_stay_probabilities(tmp_path: Path) -> None:
    shown = look(tmp_path, NEAR_RED)
    own = replace(shown.garments[0].category, scores={"shirt": 0.9, "blouse": 0.1})
    shown = replace(shown, garments=(replace(shown.garments[0], category=own),))
    label = taught(kimono(example(look(tmp_path, RED)))).apply(shown).garments[0].category
    assert sum(label.scores.values()) == pytest.approx(1.0)
    assert label.scores["shirt"] / label.scores["blouse"] == pytest.approx(9.0)


def test_two_taught_classes_share_what_looks_like_both(tmp_path: Path) -> None:
    red = example(look(tmp_path, RED))
    other = Lesson(kind=CATEGORY, name="hanbok", region="whole", examples=(replace(red, sha256="0" * 64),))
    label = taught(kimono(replace(red, sha256="1" * 64)), other).apply(look(tmp_path, RED)).garments[0].category
    assert {label.id, label.runner_up} == {"kimono", "hanbok"}
    assert label.score < 0.51
    assert not label.sure


def test_a_correction_to_a_known_category_brings_its_deepfashion2_class(tmp_path: Path) -> None:
    shown = look(tmp_path, RED)
    lesson = Lesson(kind=CATEGORY, name="skirt", region="lower", examples=(example(shown),))
    garment = taught(lesson).apply(shown).garments[0]
    assert (garment.category.id, garment.region, garment.deepfashion2) == ("skirt", "lower", 9)


def test_on_people_only_garments_of_a_like_region_compete(tmp_path: Path) -> None:
    shown = look(tmp_path, RED, lower=NAVY)
    navy = replace(example(shown, 1), sha256="0" * 64)
    upper, lower = taught(Lesson(kind=CATEGORY, name="coat", region="outer", examples=(navy,))).apply(shown).garments
    assert [upper.category.id, lower.category.id] == ["shirt", "jeans"]
    assert are_alike("upper", "outer")
    assert not are_alike("upper", "lower")


def test_an_own_question_is_answered_where_its_examples_lie_and_only_when_likely(tmp_path: Path) -> None:
    shown = look(tmp_path, RED, lower=NAVY)
    denim = Lesson(kind=COMPONENT, question="material", name="denim", examples=(example(shown, 1),))
    upper, lower = taught(denim).apply(shown).garments
    assert "material" not in upper.components
    assert lower.components["material"].id == "denim"
    far = taught(denim).apply(look(tmp_path, RED, lower=WHITE)).garments[1]
    assert "material" not in far.components


def test_a_sleeve_that_was_taught_decides_the_deepfashion2_class(tmp_path: Path) -> None:
    shown = look(tmp_path, RED)
    lesson = Lesson(kind=COMPONENT, question="sleeve", name="long", examples=(example(shown),))
    assert taught(lesson).apply(shown).garments[0].deepfashion2 == 2


def test_a_style_is_taught_from_the_outfit_and_brings_its_group(tmp_path: Path) -> None:
    shown = look(tmp_path, RED)
    outfit = replace(example(shown), region="")
    told = taught(Lesson(kind=STYLE, name="dandy", examples=(outfit,))).apply(shown)
    assert told.style == Label(id="dandy", score=1.0, sure=True, scores={"dandy": 1.0})
    [group] = [style.group for style in taxonomy.load().styles if style.id == "dandy"]
    assert told.style_group is not None
    assert told.style_group.id == group
    own = taught(Lesson(kind=STYLE, name="y2k", examples=(outfit,))).apply(shown)
    assert own.style is not None
    assert own.style_group is None
    assert taught(Lesson(kind=STYLE, name="y2k", examples=(outfit,))).apply(look(tmp_path, NAVY)).style is None


def test_a_class_grows_with_every_lesson_of_its_name(tmp_path: Path) -> None:
    first, second = kimono(example(look(tmp_path, RED))), kimono(example(look(tmp_path, NAVY)))
    for colour in (RED, NAVY):
        assert taught(first, second).apply(look(tmp_path, colour)).garments[0].category.id == "kimono"


def test_examples_of_another_garment_model_or_length_stay_silent(tmp_path: Path) -> None:
    shown = look(tmp_path, RED)
    other = kimono(example(shown, encoder="another.2"))
    assert not made_by(other, "colour.1")
    answers = taught(other)
    assert answers.silent == 1
    assert answers.apply(shown) is shown
    longer = kimono(replace(example(shown), features=np.ones(7, np.float32)))
    assert taught(longer).apply(shown) is shown
    elsewhere = replace(shown, models={"garment": "another.2"})
    assert taught(kimono(example(shown))).apply(elsewhere) is elsewhere


def test_the_probability_is_a_logistic_curve_of_the_blocks_cosines_to_the_mean() -> None:
    standard = Standard(mean=np.ones(5, np.float32), scale=np.full(5, 2.0, np.float32), sizes=(2, 3))
    rng = np.random.default_rng(0)
    features = rng.normal(size=(6, 5)).astype(np.float32)
    group = Group([Example(sha256=str(i), region="", encoder="", features=f) for i, f in enumerate(features)], standard)
    curve = Curve(cosines=np.array([8.0, 3.0]), count=-0.5, bias=-1.0, sure=1.0)
    asked = rng.normal(size=5).astype(np.float32)
    odds = -0.5 * np.log(6) - 1
    for weight, block in ((8.0, slice(0, 2)), (3.0, slice(2, 5))):
        directions = [(f[block] - 1) / np.linalg.norm(f[block] - 1) for f in features]
        mean = np.mean(directions, 0)
        odds += weight * float((asked[block] - 1) @ mean / np.linalg.norm(asked[block] - 1) / np.linalg.norm(mean))
    assert group.probability(standard.direction(asked), curve) == pytest.approx(1 / (1 + np.exp(-odds)), rel=1e-5)
