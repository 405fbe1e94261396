from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.builders import unit

from meot import taxonomy
from meot.errors import SettingsError
from meot.labels.zero_shot import PROMPTS, Question, ZeroShot, parse

VOCABULARY = ("dandy", "preppy", "casual", "denim", "leather", "rock chic", "striped", "checked", "sleeveless", "short")


class Reading:
    """An encoder of words whose vectors count the words of a small vocabulary."""

    label, scale = "reading@1", 10.0

    def __init__(self) -> None:
        self.texts: list[str] = []

    def words(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return np.stack([unit([0.1, *(float(word in text) for word in VOCABULARY)]) for text in texts])


def seen(*words: str) -> NDArray[np.float32]:
    return unit([0.1, *(float(word in words) for word in VOCABULARY)])


def questions(*asked: str) -> dict[str, list[str]]:
    return {q.id: [answer.id for answer in q.answers] for q in parse(asked, taxonomy.load())}


def test_names_of_the_taxonomy_mean_its_ids_in_both_languages() -> None:
    assert questions("style=댄디,Preppy, rock chic ,rock_chic", "무늬=줄무늬,체크,Polka dots") == {
        "style": ["dandy", "preppy", "rock_chic"],
        "pattern": ["stripe", "check", "dot"],
    }
    assert questions("스타일=댄디,프레피") == {"style": ["dandy", "preppy"]}


def test_other_names_are_taken_as_they_are_written() -> None:
    assert questions("material=denim,made of leather", "style=dandy,Y2K") == {
        "material": ["denim", "made of leather"],
        "style": ["dandy", "Y2K"],
    }


def test_questions_of_the_taxonomy_need_no_answers() -> None:
    terms = taxonomy.load()
    found = questions("style", "collar")
    assert found["style"] == [style.id for style in terms.styles]
    assert found["collar"] == [value.id for value in terms.component("collar").values if value.id != "other"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["material"], "expected QUESTION=ANSWER"),
        (["=denim,leather"], "expected QUESTION=ANSWER"),
        (["styl"], "did you mean 'style'"),
        (["style=dandy"], "two answers or more"),
        (["style=댄디,dandy"], "two answers or more"),
        (["style=힙스터,casual"], "힙스터 has no English name"),
        (["style", "스타일=댄디,프레피"], "asked already"),
    ],
)
def test_what_cannot_be_asked_is_said(asked: list[str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        parse(asked, taxonomy.load())


def build(*asked: str) -> ZeroShot:
    return ZeroShot(encoder=Reading(), questions=parse(asked, taxonomy.load()))


def test_the_nearest_words_win_and_are_never_sure() -> None:
    found = build("style=preppy,dandy,casual").style(seen("dandy"))
    assert found is not None
    assert found.id == "dandy"
    assert not found.sure
    assert found.score == found.scores["dandy"] > 0.9
    assert sum(found.scores.values()) == pytest.approx(1)
    assert found.runner_up in {"preppy", "casual"}


def test_scores_are_a_softmax_of_cosines_times_the_encoders_scale() -> None:
    question = Question("material", parse(["material=denim,leather"], taxonomy.load())[0].answers)
    reading = Reading()
    found = ZeroShot(encoder=reading, questions=[question]).components(seen("denim"), category="jeans", region="lower")
    means = [unit(reading.words([p.format(word) for p in PROMPTS["detail"]]).mean(0)) for word in ("denim", "leather")]
    cosines = np.array([float(mean @ seen("denim")) for mean in means])
    powers = np.exp(10.0 * cosines)
    assert list(found["material"].scores.values()) == pytest.approx((powers / powers.sum()).tolist(), abs=1e-6)


def test_korean_answers_are_asked_in_english() -> None:
    reading = Reading()
    ZeroShot(encoder=reading, questions=parse(["style=댄디,락시크", "무늬=줄무늬,체크"], taxonomy.load()))
    assert len(reading.texts) == 2 * len(PROMPTS["style"]) + 2 * len(PROMPTS["detail"])
    assert all(text.isascii() for text in reading.texts)
    assert "striped clothes" in reading.texts


def test_a_question_is_asked_of_garments_that_have_an_answer() -> None:
    asks = build("style", "fit", "sleeve", "material=denim,leather")
    assert asks.asks_style
    assert set(asks.components(seen("denim"), category="jeans", region="lower")) == {"fit", "material"}
    assert set(asks.components(seen("short"), category="shirt", region="upper")) == {"sleeve", "material"}
    assert not build("fit").asks_style
    assert build("fit").style(seen("denim")) is None


def test_the_label_changes_with_the_questions() -> None:
    labels = {build(*asked).label for asked in (["style"], ["style=dandy,preppy"], ["style=preppy,dandy"], ["fit"])}
    assert len(labels) == 4
    assert build("style").label == build("style").label
