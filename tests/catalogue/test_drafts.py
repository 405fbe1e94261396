"""Drafts in the database: stored, found, counted, kept apart by person."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import insert

from meot.catalogue.drafts import LONGEST_PRODUCT, Drafts, StoredDraft, count_corrections
from meot.catalogue.store import Catalogue
from meot.catalogue.tables import people
from meot.errors import CatalogueError


def stored(product: str, state: str = "sure", **more: object) -> StoredDraft:
    values: dict[str, object] = {
        "photos": [{"path": "/a/😀.jpg"}],
        "fields": {"answers": {"색": 1}},
        "reason": "",
        **more,
    }
    return StoredDraft(product=product, state=state, models={"garment": "g.1"}, **values)  # type: ignore[arg-type]


def test_a_draft_comes_back_as_it_went(tmp_path: Path) -> None:
    with Drafts.open(tmp_path / "l.db", create=True) as drafts:
        before = stored("셔츠 A12", "review", reason="category not sure", corrected={"colour": "navy"})
        drafts.put(before)
        assert drafts.get("셔츠 A12") == before
        assert drafts.find("other") is None


def test_storing_again_replaces_and_keeps_the_order(tmp_path: Path) -> None:
    with Drafts.open(tmp_path / "l.db", create=True) as drafts:
        for name in ("b", "a", "c"):
            drafts.put(stored(name, "review"))
        drafts.put(stored("b"))
        assert [(draft.product, draft.state) for draft in drafts.all()] == [
            ("b", "sure"),
            ("a", "review"),
            ("c", "review"),
        ]
        assert [draft.product for draft in drafts.all("review")] == ["a", "c"]
        assert drafts.counts() == {"sure": 1, "review": 2}
        assert drafts.remove(["a", "zz"]) == 1
        assert [draft.product for draft in drafts.all()] == ["b", "c"]


def test_many_come_block_by_block(tmp_path: Path) -> None:
    with Drafts.open(tmp_path / "l.db", create=True) as drafts:
        for number in range(450):
            drafts.put(stored(str(number)))
        assert [draft.product for draft in drafts.all()] == [str(number) for number in range(450)]


def test_an_unknown_draft_is_named_with_the_nearest(tmp_path: Path) -> None:
    with Drafts.open(tmp_path / "l.db", create=True) as drafts:
        drafts.put(stored("A12"))
        with pytest.raises(CatalogueError, match="did you mean 'A12'"):
            drafts.get("A13")
        for name in ("", "x" * (LONGEST_PRODUCT + 1)):
            with pytest.raises(CatalogueError, match="characters"):
                drafts.put(stored(name))


def test_no_file_and_no_database_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no catalogue here"):
        Drafts.open(tmp_path / "gone.db", create=False)
    (tmp_path / "notes.db").write_text("notes, long enough to be no database header")
    with pytest.raises(CatalogueError):
        Drafts.open(tmp_path / "notes.db", create=True)


def test_they_stand_beside_a_catalogue(tmp_path: Path) -> None:
    with (
        Catalogue.open(tmp_path / "shop.db", create=True) as catalogue,
        Drafts.open(tmp_path / "shop.db", create=False) as drafts,
    ):
        drafts.put(stored("A12"))
        assert catalogue.numbers(10) == []
        assert drafts.name == str(tmp_path / "shop.db")
        shared = Drafts(database=catalogue.database)
        assert shared.get("A12") == drafts.get("A12")


def test_each_person_sees_their_own(tmp_path: Path) -> None:
    with Drafts.open(tmp_path / "l.db", create=True) as nobody:
        with nobody.database.writing() as connection:
            for key, name in ((1, "a"), (2, "b")):
                connection.execute(insert(people).values(key=key, name=name, created_at=0.0))
        one = Drafts(database=nobody.database, person=1)
        two = Drafts(database=nobody.database, person=2)
        one.put(stored("A12", "review"))
        two.put(stored("A12"))
        nobody.put(stored("A12", "failed"))
        assert [drafts.get("A12").state for drafts in (one, two, nobody)] == ["review", "sure", "failed"]
        assert one.remove(["A12"]) == 1
        assert [len(list(drafts.all())) for drafts in (one, two, nobody)] == [0, 1, 1]


def test_several_write_at_once(tmp_path: Path) -> None:
    with Drafts.open(tmp_path / "l.db", create=True) as drafts:

        def write() -> None:
            for number in range(20):
                drafts.put(stored(str(number % 5)))

        runs = [threading.Thread(target=write) for _ in range(4)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert sorted(draft.product for draft in drafts.all()) == ["0", "1", "2", "3", "4"]


def test_on_every_database_they_are_the_same(catalogue: Catalogue) -> None:
    drafts = Drafts(database=catalogue.database)
    for state in ("review", "sure"):
        drafts.put(stored("셔츠 A12 👕", state, corrected={"title": "=1 قميص"}))
    drafts.put(stored("b"))
    assert [(draft.product, draft.state) for draft in drafts.all()] == [("셔츠 A12 👕", "sure"), ("b", "sure")]
    assert drafts.get("셔츠 A12 👕").corrected == {"title": "=1 قميص"}
    assert drafts.counts() == {"sure": 2}
    assert drafts.find("B") is None


def test_pages_are_taken_by_keys_of_ones_own(catalogue: Catalogue) -> None:
    drafts = Drafts(database=catalogue.database)
    with catalogue.database.writing() as connection:
        made = {"name": "mina", "password": "", "role": "seller", "created_at": 0.0}
        person = int((connection.execute(insert(people).values(made)).inserted_primary_key or [0])[0])
    others = Drafts(database=catalogue.database, person=person)
    for each, name, state in ((drafts, "a", "review"), (others, "b", "review"), (drafts, "c", "sure")):
        each.put(stored(name, state, corrected={"colour": "red"} if name < "c" else {"size": "L"}))
    first, last = drafts.keys()
    assert drafts.keys("review") == [first]
    [foreign] = others.keys()
    found = drafts.at([last, foreign, first])
    assert {key: draft.product for key, draft in found.items()} == {first: "a", last: "c"}
    assert list(found) == [first, last]
    assert count_corrections(catalogue.database) == {"colour": 2, "size": 1}
