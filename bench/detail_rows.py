"""Lines of the tables on details, style and DeepFashion2's classes, with what was wanted beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench import truths
from bench.answers import Said, accuracy, commonest, costliest, kinds, share, trust
from meot import taxonomy
from meot.types import Label

WANTED = {
    "pattern": 0.90,
    "collar": 0.85,
    "sleeve": 0.92,
    "neckline": 0.88,
    "denim_colour": 0.85,
    "wash": 0.85,
    "damage": 0.90,
}
WANTED_STYLE = {"top-1": 0.55, "top-2": 0.75}


def component_rows(said: Mapping[str, Sequence[Said]]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """A line a question and kind of photo: how often it is right, and what its scores are worth."""
    right: list[dict[str, object]] = []
    worth: list[dict[str, object]] = []
    for question in (c.id for c in taxonomy.load().components if c.id in said):
        for kind, some in kinds(said[question]).items():
            head: dict[str, object] = {"question": question, "photos": kind, "n": len(some)}
            hit, f1 = accuracy(some)
            beside = {"commonest": commonest(some), "wanted": WANTED.get(question)}
            right.append(head | {"accuracy": hit, "macro F1": f1} | beside | {"costliest": costliest(some)})
            worth.append(head | trust(some))
    return right, worth


def trousers_rows(trousers: Sequence[Said], denim: Sequence[Said]) -> list[dict[str, object]]:
    """How often trousers are called jeans, and how often something is said of their denim, surely or not."""
    rows: list[dict[str, object]] = []
    for truth, name in (("yes", "jeans"), ("no", "other trousers")):
        for kind, some in kinds([s for s in trousers if s.truth == (truth,)]).items():
            about = kinds([s for s in denim if s.truth == (truth,)])[kind]
            groups = [s.group for s in some]
            rows.append(
                {
                    "people said": name,
                    "photos": kind,
                    "n": len(some),
                    "called jeans": share([s.answer is not None and s.answer.id == "jeans" for s in some], groups),
                    "denim told": share([s.answer is not None for s in about], groups),
                    "denim told surely": share([s.answer is not None and s.answer.sure for s in about], groups),
                }
            )
    return rows


def style_rows(said: Sequence[Said], wanted: Mapping[str, float]) -> list[dict[str, object]]:
    """Top-1 and top-2 against the first style, and with the second one counted as right too."""
    rows: list[dict[str, object]] = []
    groups = [s.group for s in said]
    for name, best in (("top-1", 1), ("top-2", 2)):
        for strict in (True, False):
            hits = [bool(set(_best(s.answer, best)) & set(s.truth[:1] if strict else s.truth)) for s in said]
            counted = "first style only" if strict else "second style counts too"
            line: dict[str, object] = {"style": name, "counted": counted, "n": len(said)}
            beside = {"commonest": commonest(said) if best == 1 else None, "wanted": wanted.get(name)} if strict else {}
            rows.append(line | {"share": share(hits, groups), "commonest": None, "wanted": None} | beside)
    return rows


def _best(answer: Label | None, most: int) -> tuple[str, ...]:
    if answer is None:
        return ()
    return (answer.id, answer.runner_up or "")[:most]


def style_recalls(said: Sequence[Said]) -> list[dict[str, object]]:
    """A line a style: how many there are, how many of them are found, and as what the others are taken."""
    rows: list[dict[str, object]] = []
    recalls: list[float] = []
    for style in (s.id for s in taxonomy.load().styles):
        own = [s for s in said if s.truth[0] == style]
        if own:
            found = sum(s.answer is not None and s.answer.id == style for s in own)
            strict = [_strict(s) for s in own]
            rows.append({"style": style, "n": len(own), "recall": found / len(own), "costliest": costliest(strict)})
            recalls.append(found / len(own))
    if recalls:
        rows.append({"style": "mean", "n": len(said), "recall": sum(recalls) / len(recalls), "costliest": "-"})
    return rows


def _strict(said: Said) -> Said:
    return Said(photo=said.photo, group=said.group, street=said.street, truth=said.truth[:1], answer=said.answer)


def style_trust(known: Sequence[Said], groups: Sequence[Said], puzzled: Sequence[Said]) -> list[dict[str, object]]:
    """What the scores of styles and their groups are worth, and how often a style is sure where people were not."""
    rows: list[dict[str, object]] = []
    for what, said in (("style", known), ("group", groups)):
        if said:
            rows.append({"of": what, "counted": "first style only", "n": len(said)} | trust([_strict(s) for s in said]))
            rows.append({"of": what, "counted": "second style counts too", "n": len(said)} | trust(said))
    if puzzled:
        rows.append({"of": "style", "counted": "people were unsure", "n": len(puzzled)} | trust(puzzled))
    return rows


def class_rows(classes: Sequence[Said], guessed: Sequence[Said]) -> list[dict[str, object]]:
    """DeepFashion2's classes: all that the labels tell, and those that the sleeve decides."""
    rows: list[dict[str, object]] = []
    without = {str(number) for number in truths.WITHOUT_SLEEVE.values()}
    for name, said in (("as told", classes), ("unsure sleeves too", guessed)):
        for which, some in (("all", said), ("by sleeve", [s for s in said if s.truth[0] not in without])):
            if some:
                hit, f1 = accuracy(some)
                answered = sum(s.answer is not None for s in some) / len(some)
                head: dict[str, object] = {"answer": name, "classes": which, "n": len(some), "answered": answered}
                rows.append(head | {"accuracy": hit, "macro F1": f1, "costliest": costliest(some)})
    return rows
