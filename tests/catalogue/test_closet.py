"""What a person owns, on disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from tests.builders import NAVY, RED, ColourReader, build_garment, build_product, write_photo

from meot.catalogue.closet import Closet
from meot.catalogue.complaints import AbsentError, OwnerGoneError
from meot.catalogue.database import Database
from meot.catalogue.outfits import worn_photos
from meot.catalogue.people import People
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError
from meot.photos import load
from meot.types import Look

READER = ColourReader()


def read(folder: Path, name: str = "a.png", *, lower: tuple[int, int, int] | None = None) -> Look:
    return READER.read(load(write_photo(folder / name, NAVY, lower=lower)))


def open_closet(where: str, folder: Path, person: str = "me") -> Closet:
    return Closet.open(where, person=person, create=False, data=folder)


def test_a_copy_is_kept_without_the_cameras_notes(where: str, tmp_path: Path) -> None:
    noted = tmp_path / "noted.jpg"
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAM"
    Image.new("RGB", (64, 48), NAVY).save(noted, exif=exif)
    assert b"SECRETCAM" in noted.read_bytes()
    with open_closet(where, tmp_path) as closet:
        assert closet.add(READER.read(load(noted)))
        (photo,) = closet.photos()
        copy = closet.file(photo.path)
        assert copy.is_file()
        assert b"SECRETCAM" not in copy.read_bytes()
        assert copy.is_relative_to(closet.database.place.beside("closet"))
        assert copy.is_relative_to(tmp_path)


def test_the_same_photo_comes_in_once(where: str, tmp_path: Path) -> None:
    look = read(tmp_path, lower=RED)
    with open_closet(where, tmp_path) as closet:
        assert (closet.add(look), closet.add(look)) == (True, False)
        assert closet.has(look.photo.sha256)
        (photo,) = closet.photos(READER.models)
        assert (photo.garments, photo.current, photo.worn) == (2, True, True)
        assert not closet.photos({"garment": "other"})[0].current


def test_only_the_main_persons_clothes_are_taken(where: str, tmp_path: Path) -> None:
    look = read(tmp_path)
    two = Look(look.photo, (*look.garments, build_garment(RED, person=1)), look.regions, worn=True, models=look.models)
    with open_closet(where, tmp_path) as closet:
        closet.add(two)
        assert closet.photos()[0].garments == 1


def test_garments_come_back_as_they_were(where: str, tmp_path: Path) -> None:
    look = read(tmp_path, lower=RED)
    with open_closet(where, tmp_path) as closet:
        closet.add(look)
        stored = closet.vectors(READER.models)
        assert stored.keys.tolist() == [1, 2]
        assert stored.regions.tolist() == ["upper", "lower"]
        assert stored.vectors[0] == pytest.approx(look.garments[0].vector)
        garment = closet.garments([1, 99])[1].garment
        assert (garment.category, garment.colours) == (look.garments[0].category, look.garments[0].colours)
        assert [len(garments) for garments in closet.everything().values()] == [2]


def test_removing_deletes_copy_rows_and_vectors(where: str, tmp_path: Path) -> None:
    with open_closet(where, tmp_path) as closet:
        for name in ("a.png", "b.png"):
            closet.add(read(tmp_path / name, name, lower=RED if name == "b.png" else None))
        first, second = closet.photos()
        closet.say_not_alike(1, build_garment(RED), "f" * 64)
        with pytest.raises(CatalogueError, match="no photo 77"):
            closet.remove([first.key, 77])
        assert len(closet.photos()) == 2
        assert closet.remove([first.key, first.key]) == 1
        assert [photo.key for photo in closet.photos()] == [second.key]
        assert not closet.file(first.path).exists()
        assert closet.file(second.path).exists()
        assert closet.not_alike() == []
        assert closet.garments([1]) == {}


def test_the_closet_of_an_account_that_went_is_never_made_anew(where: str, tmp_path: Path) -> None:
    with Database.open(where, create=False, data=tmp_path) as database:
        people = People(database=database)
        gone = people.add("mina", None)
        closet = Closet(database=database, person=gone.name, owner=gone.key)
        look = read(tmp_path)
        assert closet.add(look)
        (photo,) = closet.photos()
        closet.forget()
        for write in (lambda: closet.add(look), lambda: closet.put_reading(photo.key, look), closet.forget):
            with pytest.raises(OwnerGoneError):
                write()
        assert (people.count(), closet.file(photo.path).exists()) == (0, False)
        people.add("mina", None)  # another one of that name
        assert closet.photos() == []
        with pytest.raises(OwnerGoneError):
            closet.add(look)


def test_what_was_read_of_a_photo_that_went_meanwhile_is_not_kept(where: str, tmp_path: Path) -> None:
    with open_closet(where, tmp_path) as closet:
        look = read(tmp_path)
        closet.add(look)
        (photo,) = closet.photos()
        closet.remove([photo.key])
        closet.put_reading(photo.key, look)
        assert (closet.photos(), closet.vectors(READER.models).keys.size) == ([], 0)


def test_what_is_removed_leaves_no_bytes_in_the_file(tmp_path: Path) -> None:
    with Closet.open(tmp_path / "closet.db", person="me", create=True) as closet:
        closet.add(read(tmp_path))
        vector = closet.vectors(READER.models).vectors[0].tobytes()
        closet.remove([1])
    with closing(sqlite3.connect(tmp_path / "closet.db")) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert vector not in (tmp_path / "closet.db").read_bytes()


def test_people_see_their_own_only(where: str, tmp_path: Path) -> None:
    look = read(tmp_path)
    with open_closet(where, tmp_path) as mine, open_closet(where, tmp_path, "you") as yours:
        mine.add(look)
        assert yours.photos() == []
        assert yours.garments([1]) == {}
        with pytest.raises(CatalogueError, match="no photo 1"):
            yours.remove([1])
        with pytest.raises(CatalogueError, match="no garment 1"):
            yours.say_not_alike(1, build_garment(RED), "f" * 64)
        yours.add(look)
        yours.forget()
        assert yours.photos() == []
        assert mine.file(mine.photos()[0].path).is_file()
        assert len(list(mine.database.place.beside("closet").iterdir())) == 1


def test_a_word_is_kept_and_taken_back(where: str, tmp_path: Path) -> None:
    with open_closet(where, tmp_path) as closet:
        closet.add(read(tmp_path))
        wanted = build_garment(RED)
        number = closet.say_not_alike(1, wanted, "f" * 64)
        assert closet.say_not_alike(1, wanted, "f" * 64) == number
    with open_closet(where, tmp_path) as closet:
        (said,) = closet.not_alike()
        assert (said.owned, said.photo, said.region) == (1, "f" * 64, "upper")
        assert said.vector == pytest.approx(wanted.vector)
        assert closet.undo_not_alike().key == number
        assert closet.not_alike() == []
        with pytest.raises(CatalogueError, match="nothing to undo"):
            closet.undo_not_alike()


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(AbsentError, match="meot closet add"):
        open_closet(str(tmp_path / "closet.db"), tmp_path)
    with pytest.raises(CatalogueError, match="name must have"):
        Closet.open(tmp_path / "closet.db", person=" ", create=True)


def test_a_copy_that_cannot_be_written_leaves_nothing_behind(where: str, tmp_path: Path) -> None:
    with open_closet(where, tmp_path) as closet:
        closet.database.place.beside("closet").write_text("in the way")
        with pytest.raises(CatalogueError, match="cannot be written"):
            closet.add(read(tmp_path))
        assert closet.photos() == []


def test_the_outfits_of_a_catalogue(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as shop:
        for id, lower in (("worn", RED), ("laid", None)):
            file = write_photo(tmp_path / f"{id}.png", NAVY if lower else RED, lower=lower)
            number = shop.put_product(build_product(id, f"the {id}"), [file])
            for key, path in shop.pending(READER.models):
                shop.put_reading(key, READER.read(load(path)))
        assert number == 2
        with shop.database.reading() as connection:
            found = list(worn_photos(connection, READER.models))
            assert [(photo.title, len(photo.garments)) for photo in found] == [("the worn", 2)]
            assert list(worn_photos(connection, {"garment": "other"})) == []
