"""Many products: read once, resumed, regrouped, corrected, taught."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.answers.listing.drawn import TAXONOMY
from tests.builders import NAVY, RED, WHITE, ColourReader, TeachableReader, build_likeness, write_bad_photo, write_photo

from meot.answers import teaching
from meot.answers.listing.correct import correct, teach
from meot.answers.listing.desk import Desk
from meot.answers.listing.stored import kept
from meot.catalogue.drafts import Drafts
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError, PhotoError, QueryError
from meot.types import Photo

BLUE = (54, 123, 187)


@pytest.fixture
def drafts(tmp_path: Path) -> Iterator[Drafts]:
    with Drafts.open(tmp_path / "listing.db", create=True) as opened:
        yield opened


def desk(drafts: Drafts, reader: ColourReader | None = None, **more: float) -> tuple[Desk, ColourReader]:
    reader = reader or ColourReader()
    return Desk(reader=reader, drafts=drafts, taxonomy=TAXONOMY, **more), reader


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for number in (1, 2):
        write_photo(folder / f"A12_{number}.png", (54, 123, 186 + number))
    write_photo(folder / "B3.png", NAVY)
    write_photo(folder / "nothing.png", (255, 0, 255))
    write_bad_photo(folder / "bad.jpg")
    (folder / "empty").mkdir()
    return folder


def test_one_draft_a_product_and_every_state_is_counted(drafts: Drafts, shop: Path) -> None:
    made, reader = desk(drafts)
    seen: list[tuple[int, int]] = []
    summary = made.draft([shop], progress=lambda done, total: seen.append((done, total)))
    assert {d.product: (d.state, d.reason.split(":")[0]) for d in summary.drafts} == {
        "A12": ("sure", ""),
        "B3": ("review", "colour not sure"),
        "nothing": ("review", "no clothes found in the photos"),
        "bad": ("failed", str(shop / "bad.jpg")),
        "empty": ("failed", str(shop / "empty")),
    }
    assert summary.as_json() | {"failed_photos": []} == {
        "products": 5,
        "sure": 1,
        "review": 2,
        "failed": 2,
        "read": 4,
        "known": 0,
        "failed_photos": [],
    }
    assert [name for name, _ in summary.failed_photos] == [str(shop / "bad.jpg")]
    assert seen == [(n, 5) for n in range(1, 6)]
    assert len(reader.reads) == 4
    assert drafts.counts() == {"sure": 1, "review": 2, "failed": 1}


def test_a_second_run_reads_nothing_and_says_the_same(drafts: Drafts, shop: Path) -> None:
    first = desk(drafts)[0].draft([shop])
    made, reader = desk(drafts)
    second = made.draft([shop])
    assert reader.reads == []
    assert (second.read, second.known) == (0, 4)
    assert [d.as_json() for d in second.drafts] == [d.as_json() for d in first.drafts]
    again, reader = desk(drafts)
    assert again.draft([shop], again=True).read == 4
    other, reader = desk(drafts, ColourReader(version="colour.2"))
    assert other.draft([shop]).read == 4


def test_stopped_in_the_middle_it_goes_on_where_it_was(drafts: Drafts, tmp_path: Path) -> None:
    for number in range(9):
        write_photo(tmp_path / "photos" / f"P{number}.png", (54, 123, 180 + number))

    class Stopped(ColourReader):
        def read(self, photo: Photo) -> object:  # type: ignore[override]
            if len(self.reads) == 4:
                raise KeyboardInterrupt
            return super().read(photo)

    for way in ("auto", "likeness"):
        stopping, reader = desk(drafts, Stopped(version=way))
        with pytest.raises(KeyboardInterrupt):
            stopping.draft([tmp_path / "photos"], way=way)
        going, reader = desk(drafts, ColourReader(version=way))
        assert going.draft([tmp_path / "photos"], way=way).known == 4
        assert len(reader.reads) == 5


def test_photos_that_changed_are_read_again(drafts: Drafts, shop: Path) -> None:
    desk(drafts)[0].draft([shop])
    write_photo(shop / "B3.png", BLUE, lower=RED)
    made, _ = desk(drafts)
    assert made.draft([shop]).read == 1
    assert made.draft([shop]).known == 4


def test_by_likeness_photos_that_follow_one_another_become_one_product(drafts: Drafts, tmp_path: Path) -> None:
    for name, colour in (("1", RED), ("2", (221, 46, 56)), ("3", WHITE), ("4", RED)):
        write_photo(tmp_path / "photos" / f"{name}.png", colour)
    made, reader = desk(drafts)
    summary = made.draft([tmp_path / "photos"], way="likeness")
    assert [[r.file.path.stem for r in d.photos] for d in summary.drafts] == [["1", "2"], ["3"], ["4"]]
    assert (summary.read, len(reader.reads)) == (4, 4)
    assert [d.product for d in kept(drafts)] == ["1", "3", "4"]


def test_regrouping_forgets_drafts_whose_photos_went_elsewhere_but_no_corrections(drafts: Drafts, shop: Path) -> None:
    made, _ = desk(drafts)
    made.draft([shop])
    correct(drafts, "B3", {"colour": "navy"}, TAXONOMY)
    made.draft([shop], way="folder")
    assert [d.product for d in kept(drafts)] == ["B3", "photos"]


def test_what_is_corrected_while_photos_are_regrouped_stays_too(drafts: Drafts, shop: Path) -> None:
    made, _ = desk(drafts)
    made.draft([shop])

    def correct_meanwhile(done: int, total: int) -> None:
        if done == 1:
            correct(drafts, "B3", {"colour": "navy"}, TAXONOMY)

    made.draft([shop], way="folder", progress=correct_meanwhile)
    assert [d.product for d in kept(drafts)] == ["B3", "photos"]


def test_facts_stay_for_the_next_run_and_new_ones_replace_them(drafts: Drafts, shop: Path) -> None:
    made, _ = desk(drafts)
    first = made.draft([shop], facts={"a12": {"price": "1000", "title": "Women's shirt"}}).drafts[0]
    assert (first.values["price"], first.values["gender"]) == ("1000", "female")
    assert made.draft([shop]).drafts[0].values["price"] == "1000"
    assert made.draft([shop], facts={"a12": {"price": "2000"}}).drafts[0].values["price"] == "2000"


def test_corrections_win_on_the_next_run_even_when_read_again(drafts: Drafts, shop: Path) -> None:
    made, _ = desk(drafts)
    made.draft([shop], facts={"a12": {"colour": "red"}})
    after = correct(drafts, "A12", {"category": "polo", "colour": "navy", "price": "39,000원"}, TAXONOMY)
    assert (after.state, after.values["category"], after.values["colour"]) == ("sure", "polo", "navy")
    again = made.draft([shop], again=True, facts={"a12": {"colour": "red"}}).drafts[0]
    assert (again.values["category"], again.values["colour"]) == ("polo", "navy")
    back = correct(drafts, "A12", {"colour": "", "category": ""}, TAXONOMY)
    assert (back.values["colour"], back.values["category"], back.corrected) == ("red", "shirt", {"price": "39,000원"})


def test_wrong_corrections_change_nothing(drafts: Drafts, shop: Path) -> None:
    desk(drafts)[0].draft([shop])
    before = drafts.get("A12")
    for product, values in (("A12", {"categry": "polo"}), ("A12", {"category": "poloo"}), ("A12", {"price": "-1"})):
        with pytest.raises(QueryError):
            correct(drafts, product, values, TAXONOMY)
    with pytest.raises(CatalogueError, match="no draft is called"):
        correct(drafts, "Z", {"category": "polo"}, TAXONOMY)
    assert drafts.get("A12") == before


def test_a_corrected_category_teaches_the_next_photos(drafts: Drafts, shop: Path, tmp_path: Path) -> None:
    desk(drafts, TeachableReader())[0].draft([shop])
    draft = correct(drafts, "A12", {"category": "polo", "colour": "blue"}, TAXONOMY)
    with Catalogue.open(drafts.name, create=False) as catalogue:
        done = teach(draft, ["category", "colour"], catalogue, TAXONOMY, build_likeness, TeachableReader)
        assert [(lesson.kind, lesson.name, len(lesson.examples)) for lesson in done.lessons] == [
            ("category", "polo", 2)
        ]
        again = teach(draft, ["category"], catalogue, TAXONOMY, build_likeness, TeachableReader)
        assert (again.lessons, [field for field, _ in again.untaught]) == ((), ["category"])
        taught = teaching.taught_in(catalogue, build_likeness())
    reader = TeachableReader()
    new = write_photo(tmp_path / "new" / "C9.png", (54, 124, 187))

    class Taught(TeachableReader):
        @property
        def models(self) -> dict[str, str]:
            return {**super().models, "taught": taught.revision}

        def read(self, photo: Photo) -> object:  # type: ignore[override]
            return taught.apply(reader.read(photo))

    made, _ = desk(drafts, Taught())
    summary = made.draft([shop, new])
    assert summary.read == 1  # a lesson is no reason to read the others again
    assert {d.product: d.values.get("category") for d in summary.drafts}["C9"] == "polo"


def test_five_hundred_photos_of_one_product_cost_twelve_readings(drafts: Drafts, tmp_path: Path) -> None:
    first = write_photo(tmp_path / "photos" / "coat" / "0.png", BLUE)
    for number in range(1, 500):
        (first.parent / f"{number}.png").hardlink_to(first)
    made, reader = desk(drafts)
    [draft] = made.draft([tmp_path / "photos"]).drafts
    assert (draft.state, len(draft.photos), draft.left_out, len(reader.reads)) == ("sure", 12, 488, 12)


def test_a_file_without_photos_is_one_sentence(drafts: Drafts, tmp_path: Path) -> None:
    with pytest.raises(PhotoError):
        desk(drafts)[0].draft([tmp_path / "gone"])
    assert list(kept(drafts)) == []


def test_a_name_that_is_too_long_fails_by_itself(drafts: Drafts, shop: Path) -> None:
    write_photo(shop.joinpath(*["x" * 120] * 5) / "1.png", RED)
    states = {draft.state for draft in desk(drafts)[0].draft([shop]).drafts if draft.product.startswith("xxx")}
    assert states == {"failed"}


def test_killed_at_any_moment_it_ends_as_an_undisturbed_run(tmp_path: Path) -> None:
    for number in range(24):
        write_photo(tmp_path / "photos" / f"P{number:02}.png", (54, 123, 160 + number))
    code = (
        "import os, signal, sys; from pathlib import Path; from tests.builders import ColourReader\n"
        "from meot import taxonomy; from meot.answers.listing.desk import Desk\n"
        "from meot.catalogue.drafts import Drafts\n"
        "def tell(done, total):\n"
        "    if done == int(sys.argv[3]):\n"
        "        os.kill(os.getpid(), signal.SIGSTOP)\n"
        "with Drafts.open(sys.argv[1], create=True) as drafts:\n"
        "    desk = Desk(reader=ColourReader(), drafts=drafts, taxonomy=taxonomy.load())\n"
        "    desk.draft([Path(sys.argv[2])], progress=tell)\n"
    )
    run = [sys.executable, "-c", code, str(tmp_path / "killed.db"), str(tmp_path / "photos")]
    for stop in ("5", "17"):
        with subprocess.Popen([*run, stop], cwd=Path(__file__).parents[3]) as program:
            _, status = os.waitpid(program.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status), "it ended before it could be killed"
            program.kill()
    with (
        Drafts.open(tmp_path / "killed.db", create=False) as killed,
        Drafts.open(tmp_path / "whole.db", create=True) as whole,
    ):
        last, reader = desk(killed)
        summary = last.draft([tmp_path / "photos"])
        assert 0 < len(reader.reads) <= 24 - 16
        undisturbed = desk(whole)[0].draft([tmp_path / "photos"])
        assert [d.as_json() for d in summary.drafts] == [d.as_json() for d in undisturbed.drafts]
        assert [d.as_json() for d in kept(killed)] == [d.as_json() for d in kept(whole)]
