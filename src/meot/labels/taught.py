"""What a person taught, laid over what the models answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.labels.category import deepfashion2
from meot.labels.lessons import CATEGORY, COMPONENT, STYLE, Lesson, are_alike, encoder_of, made_by
from meot.labels.likeness import Curve, Group, Likeness
from meot.taxonomy import Taxonomy
from meot.types import Garment, Label, Look

_ANSWERED_FROM = 0.25
"""A question that no model answers is left open where no taught answer is at least this likely."""
_DOUBT = 0.1
"""What stays sure beside the probability of taught classes."""


class _Class(NamedTuple):
    """A taught class: an id with its own names and region, both empty for one of the taxonomy, and its examples."""

    id: str
    names: Mapping[str, str]
    region: str
    group: Group


class TaughtAnswers:
    """A catalogue's lessons, ready to speak. Those of another garment model than ``likeness`` is for stay silent.

    silent: how many those are.
    """

    def __init__(self, *, lessons: Sequence[Lesson], revision: str, likeness: Likeness, taxonomy: Taxonomy) -> None:
        self._revision, self._likeness, self._taxonomy = revision, likeness, taxonomy
        self._classes: dict[tuple[str, str], list[_Class]] = {}
        fitting = [lesson for lesson in lessons if made_by(lesson, likeness.encoder)]
        self.silent = len(lessons) - len(fitting)
        self._learn(fitting)

    @property
    def revision(self) -> str:
        """Changes with every lesson and every undoing; "" when nothing is taught."""
        return self._revision

    def apply(self, look: Look) -> Look:
        """The look with taught answers where they apply; a taught photo answers with what was said of it, sure."""
        if not self._classes or encoder_of(look.models) != self._likeness.encoder:
            return look
        garments = tuple(self._garment(garment, look) for garment in look.garments)
        regions = look.regions
        if not look.worn and garments and garments[0].region != look.garments[0].region:
            value = self._taxonomy.region(garments[0].region).value
            regions = np.where(regions > 0, np.uint8(value), np.uint8(0))
        return self._styled(replace(look, garments=garments, regions=regions))

    def _learn(self, lessons: Sequence[Lesson]) -> None:
        """Gather the examples of each class from all of its lessons."""
        by_class: dict[tuple[str, str, str], list[Lesson]] = {}
        for lesson in lessons:
            by_class.setdefault((lesson.kind, lesson.question, lesson.name), []).append(lesson)
        for (kind, question, id), own in by_class.items():
            standard = self._likeness.outfit if kind == STYLE else self._likeness.garment
            examples = [
                example
                for lesson in own
                for example in lesson.examples
                if example.features.shape == standard.mean.shape
            ]
            if examples:
                taught = _Class(id, own[-1].names, own[-1].region, Group(examples, standard))
                self._classes.setdefault((kind, question), []).append(taught)

    def _styled(self, look: Look) -> Look:
        """The look with its style; the group stays that of the models unless the style is another one now."""
        classes = self._classes.get((STYLE, ""), [])
        if not classes or look.features is None:
            return look
        direction = self._likeness.outfit.direction(look.features)
        style = lay_over(look.style, classes, direction, look.photo.sha256, self._likeness.curves["style"])
        if style is None or (look.style is not None and style.id == look.style.id):
            return replace(look, style=style)
        group = next((known.group for known in self._taxonomy.styles if known.id == style.id), None)
        told = None if group is None else Label(id=group, score=style.score, sure=style.sure)
        return replace(look, style=style, style_group=told)

    def _garment(self, garment: Garment, look: Look) -> Garment:
        if garment.features is None:
            return garment
        direction = self._likeness.garment.direction(garment.features)
        components = dict(garment.components)
        for (kind, question), classes in self._classes.items():
            asked = question in components or any(
                are_alike(garment.region, region) for taught in classes for region in taught.group.regions
            )
            if kind == COMPONENT and asked:
                curve = self._likeness.curves["component"]
                answer = lay_over(components.get(question), classes, direction, look.photo.sha256, curve)
                components.update({} if answer is None else {question: answer})
        changed = replace(garment, components=components)
        return self._categorised(changed, direction, look)

    def _categorised(self, garment: Garment, direction: NDArray[np.float32], look: Look) -> Garment:
        """The garment with its category; of people the region map has decided the region, so only its like compete."""
        classes = self._classes.get((CATEGORY, ""), [])
        fitting = [taught for taught in classes if not look.worn or are_alike(garment.region, taught.region)]
        curve = self._likeness.curves["category_worn" if look.worn else "category_flat"]
        label = lay_over(garment.category, fitting, direction, look.photo.sha256, curve) if fitting else None
        region = garment.region
        label = label or garment.category
        if label.id != garment.category.id and not look.worn:
            region = next(taught.region for taught in fitting if taught.id == label.id)
        number = None
        if any(category.id == label.id for category in self._taxonomy.categories):
            sleeve = garment.components.get("sleeve")
            number = deepfashion2(label.id, sleeve.id if sleeve and sleeve.sure else None, self._taxonomy)
        return replace(garment, category=label, region=region, deepfashion2=number)


def lay_over(
    said: Label | None, classes: Sequence[_Class], direction: NDArray[np.float32], sha256: str, curve: Curve
) -> Label | None:
    """The answer when taught classes compete with what a model ``said``. direction: (F,) float32, of
    :meth:`meot.labels.likeness.Standard.direction`.

    Each taught class has odds against everything else; the model's answer has odds of 1 and shares out, in its own
    proportions, the probability that the taught classes leave it. Of a question that only lessons answer, with two
    classes or more, one of them is taken to be right; a single class that is not likely leaves it open, None.
    """
    names = {taught.id: taught.names for taught in classes}
    told = next((taught for taught in reversed(classes) if taught.group.shows(sha256, direction)), None)
    if told is not None:
        second = None if said is None or said.id == told.id else said.id
        return Label(id=told.id, score=1.0, sure=True, runner_up=second, scores={told.id: 1.0}, names=told.names)
    alone = {taught.id: min(taught.group.probability(direction, curve), 1 - 1e-9) for taught in classes}
    odds = {id: p / (1 - p) for id, p in alone.items()}
    everything_else = float(said is not None or len(classes) < 2)
    whole = everything_else + sum(odds.values())
    own = {id: value / whole for id, value in odds.items()}
    before = {} if said is None else dict(said.scores) or {said.id: said.score}
    scores = {id: before.get(id, 0.0) / whole + own.get(id, 0.0) for id in {**before, **own}}
    best = max([*own, *([] if said is None else [said.id])], key=lambda id: scores[id])
    if said is None and scores[best] < _ANSWERED_FROM:
        return None
    stays = said is not None and said.id == best and said.sure and 1 / whole + own.get(best, 0.0) > 1 - _DOUBT
    surely = best in own and min(scores[best], alone[best]) >= curve.sure
    second = max((id for id in scores if id != best), key=lambda id: scores[id], default=None)
    return Label(
        id=best,
        score=scores[best],
        sure=stays or surely,
        runner_up=second,
        scores=scores,
        names=names.get(best, {}),
    )
