"""Many looks beside one closet."""

from __future__ import annotations

from pathlib import Path

from tests.answers.closet.owner import MODELS, OpenCloset, shirt, trousers
from tests.builders import BLACK, NAVY, RED, WHITE, ColourReader, write_bad_photo, write_photo

from meot.answers.closet.sets import Outfit, as_outfit, outfits_in, stand, unlock
from meot.answers.closet.similarity import load_scale
from meot.answers.closet.wardrobe import Owned
from meot.types import Garment

SCALE = load_scale()


def outfit(name: str, *garments: Garment) -> Outfit:
    found = as_outfit(name, Path(name), name, garments)
    assert found is not None
    return found


def owned(*garments: Garment) -> Owned:
    return Owned(closet=OpenCloset(garments), models=MODELS, scale=SCALE)


def test_looks_are_ranked_by_how_much_is_owned() -> None:
    looks = [
        outfit("none", shirt(WHITE), trousers(BLACK)),
        outfit("half", shirt(NAVY), trousers(WHITE)),
        outfit("all", shirt(NAVY), trousers(RED)),
    ]
    found = stand(looks, owned(shirt(NAVY), trousers(RED)), scale=SCALE)
    assert [(s.outfit.name, s.covered) for s in found] == [("all", 2), ("half", 1), ("none", 0)]
    assert found[0].as_json()["garments"][1]["owned"] == 2


def test_one_purchase_is_counted_for_all_looks_it_completes() -> None:
    looks = [
        *(outfit(f"red {i}", shirt(NAVY), trousers(RED)) for i in range(3)),
        outfit("white", shirt(NAVY), trousers(WHITE)),
        outfit("far", shirt(RED), trousers(BLACK)),
    ]
    found = unlock(stand(looks, owned(shirt(NAVY)), scale=SCALE), scale=SCALE, most=5)
    assert [(p.garment.colours[0].id, len(p.unlocks)) for p in found] == [("red", 3), ("white", 1)]
    assert found[0].as_json()["unlocks"] == ["red 0", "red 1", "red 2"]
    assert len(unlock(stand(looks, owned(shirt(NAVY)), scale=SCALE), scale=SCALE, most=1)) == 1


def test_nothing_is_unlocked_where_all_or_too_much_is_there() -> None:
    every = [outfit("x", shirt(NAVY), trousers(RED))]
    assert unlock(stand(every, owned(shirt(NAVY), trousers(RED)), scale=SCALE), scale=SCALE, most=5) == []
    assert unlock(stand(every, owned(), scale=SCALE), scale=SCALE, most=5) == []
    assert stand([], owned(shirt(NAVY)), scale=SCALE) == []


def test_outfits_of_a_folder_and_what_cannot_be_used(tmp_path: Path) -> None:
    files = [
        write_photo(tmp_path / "a.png", NAVY, lower=RED),
        write_photo(tmp_path / "b.png", NAVY),
        write_bad_photo(tmp_path / "c.png"),
    ]
    failed: list[tuple[str, str]] = []
    told: list[tuple[int, int]] = []
    found = list(outfits_in(files, ColourReader(), failed, lambda done, total: told.append((done, total))))
    assert [each.name for each in found] == ["a.png"]
    assert [Path(name).name for name, _ in failed] == ["b.png", "c.png"]
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_only_the_main_person_makes_an_outfit() -> None:
    from dataclasses import replace

    assert as_outfit("x", Path("x"), "x", [shirt(NAVY), replace(trousers(RED), person=1)]) is None
