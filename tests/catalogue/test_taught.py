from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.builders import NAVY, build_garment

from meot.catalogue.rows import garment_row
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError
from meot.labels.lessons import CATEGORY, STYLE, Example, Lesson
from meot.types import Label


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        yield catalogue


def example(number: int, *, region: str = "upper", encoder: str = "garment.1") -> Example:
    features = np.linspace(0, 3, 5, dtype=np.float32) + number
    return Example(sha256=f"{number:064x}", region=region, encoder=encoder, features=features, photo=f"{number}.jpg")


def kimono(*numbers: int) -> Lesson:
    names = {"en": "Kimono", "ko": "기모노"}
    return Lesson(kind=CATEGORY, name="kimono", names=names, region="whole", examples=tuple(map(example, numbers)))


def test_a_lesson_comes_back_as_it_went_in(catalogue: Catalogue) -> None:
    assert catalogue.lessons() == ("", ())
    stored = catalogue.teach(kimono(1, 2))
    revision, (found,) = catalogue.lessons()
    assert revision == catalogue.taught_revision() != ""
    assert stored.number == found.number
    assert (found.kind, found.name, dict(found.names), found.region) == (
        CATEGORY,
        "kimono",
        {"en": "Kimono", "ko": "기모노"},
        "whole",
    )
    assert found.taught_at.endswith("+00:00")
    first = found.examples[0]
    assert (first.sha256, first.region, first.encoder) == (f"{1:064x}", "upper", "garment.1")
    np.testing.assert_allclose(first.features, example(1).features, rtol=1e-3)


def test_undoing_goes_back_lesson_by_lesson_and_so_does_the_revision(catalogue: Catalogue) -> None:
    revisions = [catalogue.taught_revision()]
    generations = [catalogue.generation()]
    for number in (1, 2):
        catalogue.teach(kimono(number))
        revisions.append(catalogue.taught_revision())
        generations.append(catalogue.generation())
    assert len(set(revisions)) == 3
    for before in reversed(revisions[:-1]):
        catalogue.undo_lesson()
        assert catalogue.taught_revision() == before
        generations.append(catalogue.generation())
    assert generations == sorted(set(generations))
    with pytest.raises(CatalogueError, match="nothing to undo"):
        catalogue.undo_lesson()


def test_what_was_taught_before_does_not_count_twice(catalogue: Catalogue) -> None:
    catalogue.teach(kimono(1, 2))
    assert [e.sha256 for e in catalogue.teach(kimono(2, 3)).examples] == [f"{3:064x}"]
    revision = catalogue.taught_revision()
    with pytest.raises(CatalogueError, match="taught as kimono before; nothing changed"):
        catalogue.teach(kimono(1, 2, 3))
    assert catalogue.taught_revision() == revision
    assert len(catalogue.lessons()[1]) == 2


def test_a_contradiction_names_the_earlier_lesson_and_changes_nothing(catalogue: Catalogue) -> None:
    catalogue.teach(kimono(1, 2))
    revision = catalogue.taught_revision()
    with pytest.raises(CatalogueError, match=r"2\.jpg was taught as kimono \(lesson 1\).*`meot teach undo`"):
        catalogue.teach(replace(kimono(2, 3), name="hanbok"))
    assert catalogue.taught_revision() == revision
    catalogue.teach(Lesson(kind=STYLE, name="dandy", examples=(example(2, region=""),)))  # another question
    trousers = Lesson(kind=CATEGORY, name="jeans", region="lower", examples=(example(2, region="lower"),))
    catalogue.teach(trousers)  # another garment of the photo


def test_examples_of_another_model_are_taught_again(catalogue: Catalogue) -> None:
    catalogue.teach(kimono(1))
    again = replace(kimono(), name="hanbok", examples=(example(1, encoder="garment.2"),))
    assert len(catalogue.teach(again).examples) == 1


def test_a_failed_lesson_leaves_no_tables_behind_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        broken = replace(example(1), features=np.zeros(3, np.float32))
        monkeypatch.setattr("meot.catalogue.taught._revise", lambda connection: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            catalogue.teach(replace(kimono(), examples=(broken,)))
        monkeypatch.undo()
        assert catalogue.lessons() == ("", ())
        assert catalogue.teach(kimono(1)).number == 1


def test_a_stored_detail_keeps_the_names_it_was_taught() -> None:
    taught = Label(id="zebra", score=1.0, sure=True, names={"en": "Zebra", "ko": "얼룩말"})
    plain = Label(id="long", score=0.9, sure=True)
    garment = replace(build_garment(NAVY), components={"pattern": taught, "sleeve": plain})
    stored = json.loads(garment_row(garment, photo=1, place=0)["components"])
    assert Label(**stored["pattern"]) == taught
    assert Label(**stored["sleeve"]) == plain
    assert "names" not in stored["sleeve"]
