from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.builders import (
    NAVY,
    RED,
    WHITE,
    TeachableReader,
    build_likeness,
    build_product,
    write_bad_photo,
    write_photo,
)

from meot import photos, taxonomy
from meot.answers import teaching
from meot.answers.search import Search
from meot.answers.subject import Subject, Wish, understand
from meot.catalogue import intake
from meot.catalogue.store import Catalogue
from meot.errors import QueryError
from meot.index.exact import ExactIndex
from meot.labels.lessons import Lesson
from meot.types import Filters, Look, Photo

NEAR_RED = (215, 50, 60)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        yield catalogue


def about(kind: str, name: str, **more: object) -> Subject:
    return understand(Wish(kind=kind, name=name, **more), (), taxonomy.load())  # type: ignore[arg-type]


def teach(catalogue: Catalogue, subject: Subject, *files: Path) -> Lesson:
    gathered = teaching.gather(subject, files, TeachableReader())
    return teaching.store(catalogue, subject, gathered, build_likeness())


def taught_reader(catalogue: Catalogue) -> teaching.TaughtReader:
    return teaching.TaughtReader(reader=TeachableReader(), catalogue=catalogue, likeness=build_likeness())


def category(look: Look) -> str:
    return look.garments[0].category.id


def test_a_lesson_counts_in_the_next_photo_and_undoing_does_too(catalogue: Catalogue, tmp_path: Path) -> None:
    reader = taught_reader(catalogue)
    shown = photos.load(write_photo(tmp_path / "1.png", RED))
    near = photos.load(write_photo(tmp_path / "2.png", NEAR_RED))
    assert "taught" not in reader.models
    assert category(reader.read(shown)) == "shirt"
    teach(catalogue, about("category", "kimono"), tmp_path / "1.png")
    assert category(reader.read(shown)) == "kimono"
    assert [category(look) for look in reader.read_many([shown, near])] == ["kimono", "kimono"]
    assert reader.read(shown).models["taught"] == reader.models["taught"] == catalogue.taught_revision()
    assert category(reader.untaught.read(shown)) == "shirt"
    teaching.undo(catalogue, build_likeness(), TeachableReader)
    assert category(reader.read(shown)) == "shirt"
    assert "taught" not in reader.models


def test_a_new_category_takes_the_region_its_examples_have(catalogue: Catalogue, tmp_path: Path) -> None:
    file = write_photo(tmp_path / "1.png", RED, lower=NAVY)
    assert teach(catalogue, about("category", "kimono"), file).region == "upper"
    lesson = teach(catalogue, about("category", "hakama", region="lower"), file)
    assert (lesson.region, lesson.examples[0].region) == ("lower", "lower")


def test_copies_count_once_and_broken_photos_are_named_while_the_others_go_on(tmp_path: Path) -> None:
    files = [
        write_photo(tmp_path / "1.png", RED),
        write_photo(tmp_path / "copy.png", RED),
        write_bad_photo(tmp_path / "bad.jpg"),
        write_photo(tmp_path / "none.png", (255, 0, 255)),
    ]
    told: list[tuple[int, int]] = []
    gathered = teaching.gather(
        about("style", "dandy"), files, TeachableReader(), lambda done, total: told.append((done, total))
    )
    assert len(gathered.examples) == 1
    assert gathered.repeated == 1
    assert [Path(name).name for name, _ in gathered.failed] == ["bad.jpg", "none.png"]
    assert "expected a photo with clothes, found none" in gathered.failed[1][1]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_photos_of_nothing_teach_nothing(tmp_path: Path) -> None:
    files = [write_photo(tmp_path / "none.png", (255, 0, 255))]
    with pytest.raises(QueryError, match=r"nothing to learn from in 1 photos, so nothing changed; .*none\.png"):
        teaching.gather(about("category", "kimono"), files, TeachableReader())
    street = [write_photo(tmp_path / "1.png", RED, lower=NAVY)]
    with pytest.raises(QueryError, match="expected a garment of feet, found upper, lower; leave the photo out"):
        teaching.gather(about("category", "geta", region="feet"), street, TeachableReader())


def test_a_style_is_not_taught_by_clothes_that_nobody_wears(tmp_path: Path) -> None:
    class FlatLays(TeachableReader):
        def read(self, photo: Photo) -> Look:
            return replace(super().read(photo), worn=False, features=None)

    with pytest.raises(QueryError, match=r"1\.png: expected an outfit that somebody wears"):
        teaching.gather(about("style", "grandpa"), [write_photo(tmp_path / "1.png", RED)], FlatLays())


def test_a_component_is_taught_of_the_garment_that_was_asked(tmp_path: Path) -> None:
    look = TeachableReader().read(photos.load(write_photo(tmp_path / "1.png", RED, lower=NAVY)))
    upper, lower = look.garments
    answered = replace(lower, components={"wash": replace(lower.category, id="one")})
    assert (
        teaching.choose(replace(look, garments=(upper, answered)), about("component", "brush", question="wash"))
        is answered
    )
    assert teaching.choose(look, about("component", "check", question="pattern")) is upper


def test_a_taught_photo_of_the_catalogue_is_stored_anew_and_found_by_its_name(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    for name, colour in (("1", RED), ("2", NAVY), ("3", WHITE)):
        write_photo(folder / f"{name}.png", colour)
    reader = taught_reader(catalogue)
    intake.add(catalogue, reader, folder)
    search = Search(catalogue=catalogue, index=ExactIndex(), reader=reader)
    asked = photos.load(folder / "1.png")
    assert len(search.by_photo(asked, Filters(), 10).results[0].matches) == 3
    teach(catalogue, about("category", "skirt"), folder / "1.png")
    found = search.by_words("치마", Filters(), 10).matches
    assert [match.category for match in found] == ["skirt"]
    # the other photos were read before the lesson: their vectors are still compared, and they are read again next time
    near = search.by_photo(photos.load(folder / "2.png"), Filters(), 10).results[0].matches
    assert [Path(match.product.title).stem for match in near] == ["2", "3"]
    assert len(catalogue.pending(reader.models)) == 2
    teaching.undo(catalogue, build_likeness(), TeachableReader)
    assert not search.by_words("치마", Filters(), 10).matches
    assert not catalogue.pending(reader.models)


def test_a_new_class_is_found_by_its_name(catalogue: Catalogue, tmp_path: Path) -> None:
    reader = taught_reader(catalogue)
    intake.add(catalogue, reader, write_photo(tmp_path / "photos" / "1.png", RED).parent)
    teach(catalogue, about("category", "happi coat"), tmp_path / "photos" / "1.png")
    search = Search(catalogue=catalogue, index=ExactIndex(), reader=reader)
    assert [match.category for match in search.by_words("happi", Filters(), 10).matches] == ["happi_coat"]
    asked = photos.load(tmp_path / "photos" / "1.png")
    for name in ("happi_coat", "Happi coat"):
        assert len(search.by_photo(asked, Filters(category=name), 10).results[0].matches) == 1
    assert search.by_photo(asked, Filters(), 10, words="happi coat").results[0].matches
    with pytest.raises(QueryError, match="did you mean happi_coat"):
        search.by_photo(asked, Filters(category="happy coat"), 10)


def test_an_undone_photo_that_is_gone_is_left_as_it_is(catalogue: Catalogue, tmp_path: Path) -> None:
    file = write_photo(tmp_path / "1.png", RED)
    catalogue.put_product(build_product("1", "셔츠"), [file])
    teach(catalogue, about("category", "skirt"), file)
    file.unlink()

    def unasked() -> TeachableReader:
        raise AssertionError("no photo is left to read")

    assert teaching.undo(catalogue, build_likeness(), unasked).name == "skirt"


def test_stored_looks_keep_no_pixels(tmp_path: Path) -> None:
    gathered = teaching.gather(about("style", "dandy"), [write_photo(tmp_path / "1.png", RED)], TeachableReader())
    [look] = gathered.looks.values()
    assert look.photo.pixels.shape == (1, 1, 3)
    assert look.original == (64, 48)
    assert np.isfinite(look.garments[0].vector).all()
