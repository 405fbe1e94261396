"""Answers by text prompts: an encoder that reads words compares a picture with what each answer would be called.

No photo teaches it anything (zero-shot, Radford et al. 2021), and nothing has calibrated its scores: no answer is sure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from meot.errors import SettingsError, nearest
from meot.labels.category import probabilities
from meot.taxonomy import Names, Taxonomy
from meot.types import Label

STYLE = "style"
_KOREAN_STYLE = "스타일"
PROMPTS = {
    "style": ("a photo of a {} style outfit", "{} fashion", "clothes in {} style"),
    "detail": ("a photo of a garment, {}", "{} clothes", "a product photo of clothing: {}"),
}
"""What is said of each answer; the vectors of the sentences are averaged."""
ASKED_OF = {
    "collar": ("upper", "outer", "suit", "dress"),
    "neckline": ("upper", "whole"),
    "sleeve": ("upper", "outer", "whole", "suit"),
    "fit": ("jeans",),
    "denim_colour": ("jeans",),
    "wash": ("jeans",),
    "damage": ("jeans",),
}
"""Question -> regions or categories of garments it makes sense for; every garment when it is not here."""


class Words(Protocol):
    """What reads the prompts: a :class:`meot.vectors.own.WordEncoder`."""

    @property
    def label(self) -> str:
        """Its name."""

    @property
    def scale(self) -> float:
        """What cosines are multiplied by before the softmax."""

    def words(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(T, D) float32 unit vectors of T texts."""


class Answer(NamedTuple):
    """id: what the look says. phrase: what the prompts say, in English."""

    id: str
    phrase: str


class Question(NamedTuple):
    """id: "style", or the name of a component."""

    id: str
    answers: tuple[Answer, ...]


def parse(asked: Iterable[str], taxonomy: Taxonomy) -> tuple[Question, ...]:
    """The questions of texts like "style", "style=dandy,preppy" and "material=denim,leather".

    Names that the taxonomy has, in English or Korean, mean its ids; a question it has may come without answers. Others
    are taken as they are written. SettingsError for a question without answers that the taxonomy does not have, fewer
    than two answers, Korean words that it does not know, and a question asked twice.
    """
    questions: dict[str, Question] = {}
    for text in asked:
        question = _parse(text, taxonomy)
        if question.id in questions:
            raise SettingsError(f"--ask {text}: {question.id} is asked already; give its answers in one --ask")
        questions[question.id] = question
    return tuple(questions.values())


class ZeroShot:
    """Questions ready to be answered; the prompts are read once."""

    def __init__(self, *, encoder: Words, questions: Sequence[Question]) -> None:
        self._scale, self.questions = encoder.scale, tuple(questions)
        self._vectors = {question.id: _read(encoder, question) for question in questions}
        said = hashlib.sha256(repr((self.questions, PROMPTS)).encode()).hexdigest()[:8]
        self.label = f"{encoder.label}/{said}"

    @property
    def asks_style(self) -> bool:
        """Whether the style of the whole outfit is asked for."""
        return STYLE in self._vectors

    def style(self, outfit: NDArray[np.float32]) -> Label | None:
        """The style of an outfit's (D,) vector; None when it is not asked for."""
        return next((self._answer(q, outfit) for q in self.questions if q.id == STYLE), None)

    def components(self, garment: NDArray[np.float32], *, category: str, region: str) -> dict[str, Label]:
        """Question -> answer for a garment's (D,) vector; without questions that make no sense for such a garment."""
        return {
            question.id: self._answer(question, garment)
            for question in self.questions
            if question.id != STYLE and {category, region} & set(ASKED_OF.get(question.id, (region,)))
        }

    def _answer(self, question: Question, vector: NDArray[np.float32]) -> Label:
        p = probabilities(self._scale * (self._vectors[question.id] @ vector), 1.0)
        first, second = (int(i) for i in np.argsort(-p, kind="stable")[:2])
        ids = [answer.id for answer in question.answers]
        return Label(
            id=ids[first],
            score=float(p[first]),
            sure=False,
            runner_up=ids[second],
            scores={id: float(score) for id, score in zip(ids, p, strict=True)},
        )


def _read(encoder: Words, question: Question) -> NDArray[np.float32]:
    """(A, D) float32 unit vectors of the answers."""
    prompts = PROMPTS["style" if question.id == STYLE else "detail"]
    texts = [prompt.format(answer.phrase) for answer in question.answers for prompt in prompts]
    mean = encoder.words(texts).reshape(len(question.answers), len(prompts), -1).mean(1)
    return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9), np.float32)


def _parse(text: str, taxonomy: Taxonomy) -> Question:
    name, _, listed = text.partition("=")
    known = _known_questions(taxonomy)
    id, answers = known.get(_key(name), (name.strip(), ()))
    wanted = [word.strip() for word in listed.split(",") if word.strip()]
    if not id or (not wanted and not answers):
        raise SettingsError(f"--ask {text}: expected QUESTION=ANSWER,ANSWER; without answers, {nearest(id, known)}")
    usual = tuple(answer for _, answer in answers if answer.id != "other")  # no sentence says "other"
    chosen = tuple(dict.fromkeys(_answer_of(word, answers) for word in wanted)) or usual
    if len(chosen) < 2:
        raise SettingsError(f"--ask {text}: expected two answers or more to choose from, got {len(chosen)}; add one")
    return Question(id, chosen)


_Known = tuple[tuple[frozenset[str], Answer], ...]


def _known_questions(taxonomy: Taxonomy) -> dict[str, tuple[str, _Known]]:
    """A question's id or name -> its id and the names of its answers."""
    styles = tuple((_keys(s.id, s.names), Answer(s.id, s.names["en"].lower())) for s in taxonomy.styles)
    known: dict[str, tuple[str, _Known]] = {STYLE: (STYLE, styles), _KOREAN_STYLE: (STYLE, styles)}
    for component in taxonomy.components:
        answers = tuple(
            (_keys(v.id, v.names) | _keys(v.id, v.alone), Answer(v.id, v.alone["en"].lower())) for v in component.values
        )
        known |= dict.fromkeys(_keys(component.id, component.names), (component.id, answers))
    return known


def _answer_of(word: str, answers: _Known) -> Answer:
    for names, answer in answers:
        if _key(word) in names:
            return answer
    if any("가" <= letter <= "힣" for letter in word):
        raise SettingsError(
            f"--ask: {word} has no English name in the taxonomy, and encoders mostly read English; say it in English"
        )
    return Answer(word, word)


def _keys(id: str, names: Names) -> frozenset[str]:
    return frozenset(_key(name) for name in (id, *names.values()))


def _key(name: str) -> str:
    """A name without what people write differently: case, spaces, hyphens, underscores."""
    return "".join(letter for letter in name.casefold() if letter not in " -_\t")
