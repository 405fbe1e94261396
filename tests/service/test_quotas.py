"""How many photos one may keep: in a closet, for drafts; with several forms at once."""

from __future__ import annotations

import io
import os
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.builders import NAVY, RED, WHITE, ColourReader
from tests.catalogue import servers
from tests.service.conftest import build_shop, jpeg

from meot import photos as decoding
from meot import taxonomy
from meot.catalogue.closet import Closet
from meot.catalogue.jobs import Jobs
from meot.catalogue.people import People
from meot.catalogue.store import Catalogue
from meot.service import create_app
from meot.service.closet.owning import Owning
from meot.service.jobs.kinds import build_kinds
from meot.service.jobs.worker import Worker
from meot.service.problems import QuotaReachedError
from meot.service.sell.photos import DraftPhotos
from meot.service.sell.selling import Selling
from meot.service.shelf import Shelf
from meot.service.uploads import Upload
from meot.settings import Settings, load
from meot.wiring import Shop

MOST = 3
SETTINGS = Settings(accounts=True, max_upload_mb=1, closet_photos=MOST, draft_photos=MOST)
GREEN, GRAY = (40, 120, 60), (120, 120, 120)
SHADES = (NAVY, RED, WHITE, GREEN, GRAY)
FULL = "urn:meot:problem:quota_reached"


@pytest.fixture
def client(shop: Shop) -> Iterator[TestClient]:
    people = People(database=shop.catalogue.database)
    secret = people.issue(people.add("mina", None, role="seller"), "api", lasts_s=None, scopes=("read", "write"))
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
    with TestClient(create_app(shop, SETTINGS), headers=headers, follow_redirects=False) as client:
        yield client


def send(client: TestClient, to: str, *places: int) -> Any:
    """Send photos, each of a product and a colour of its own."""
    named = [("photo", (f"P{place}.jpg", jpeg(SHADES[place]), "image/jpeg")) for place in places]
    return client.post(to, files=named)


def send_packed(client: TestClient, to: str, *places: int) -> Any:
    """The same in a ZIP."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packing:
        for place in places:
            packing.writestr(zipfile.ZipInfo(f"P{place}.jpg"), jpeg(SHADES[place]))  # the same at any time
    return client.post(to, files={"photo": ("my.zip", written.getvalue(), "application/zip")})


@pytest.mark.parametrize("to", ["/api/v1/closet", "/api/v1/drafts"])
def test_the_photos_of_a_zip_count_before_they_are_read(shop: Shop, client: TestClient, to: str) -> None:
    answer = send_packed(client, to, 0, 1, 2, 3, 4)
    assert (answer.status_code, answer.json()["taken"]) == (202, 3)
    assert [(each["name"], each["type"]) for each in answer.json()["refused"]] == [("P3.jpg", FULL), ("P4.jpg", FULL)]
    assert len(files_of(shop, to)) == 3
    full = send_packed(client, to, 3, 4)
    assert (full.status_code, full.json()["type"]) == (409, FULL)
    work(shop)
    assert len(files_of(shop, to)) == 3
    assert all(photo.suffix == ".jpg" for photo in files_of(shop, to))


def files_of(shop: Shop, to: str) -> list[Path]:
    """What lies on disk of all people's photos that were sent there."""
    folder = shop.catalogue.place.beside(to.rpartition("/")[2])
    return [path for path in folder.rglob("*") if path.is_file()]


def work(shop: Shop) -> None:
    worker = Worker(jobs=Jobs(database=shop.catalogue.database), kinds=build_kinds(shop, SETTINGS))
    while worker.work_once():
        pass


def kept(client: TestClient, to: str) -> int:
    told = client.get(to).json()
    assert told["most"] == MOST
    return int(told["count"] if "count" in told else told["photos"])


def files(shop: Shop, of: str) -> list[str]:
    return sorted(file.name for file in shop.catalogue.place.beside(of).rglob("*") if file.is_file())


BOTH = pytest.mark.parametrize("to", ["/api/v1/closet", "/api/v1/drafts"])


@BOTH
def test_as_many_are_taken_as_there_is_room_for(shop: Shop, client: TestClient, to: str) -> None:
    first = send(client, to, 0, 1).json()
    assert (first["taken"], first["refused"]) == (2, [])
    second = send(client, to, 2, 3, 4).json()  # what waits to be read counts already
    assert (second["taken"], [each["type"] for each in second["refused"]]) == (1, [FULL, FULL])
    assert [each["name"] for each in second["refused"]] == ["P3.jpg", "P4.jpg"]
    third = send(client, to, 4)
    assert (third.status_code, third.json()["type"]) == (409, FULL)
    assert "3 photos" in third.json()["detail"]
    work(shop)
    assert kept(client, to) == MOST
    assert len(files(shop, "closet" if to.endswith("closet") else "drafts")) == MOST
    assert send(client, to, 4).status_code == 409


@BOTH
def test_what_is_here_already_takes_no_room(shop: Shop, client: TestClient, to: str) -> None:
    send(client, to, 0, 1, 2)
    assert send(client, to, 0, 1).json()["taken"] == 2
    work(shop)
    again = send(client, to, 0, 3).json()
    assert (again["taken"], len(again["refused"])) == (1, 1)
    work(shop)
    assert kept(client, to) == MOST


@BOTH
def test_there_is_room_again_when_something_went(shop: Shop, client: TestClient, to: str) -> None:
    send(client, to, 0, 1, 2)
    work(shop)
    told = client.get(to).json()
    gone = f"{to}/photos/{told['photos'][0]['photo']}" if "count" in told else f"{to}/{told['drafts'][0]['number']}"
    assert client.delete(gone).status_code == 204
    assert send(client, to, 4).json()["taken"] == 1
    work(shop)
    assert kept(client, to) == MOST


@BOTH
def test_two_forms_at_once_share_the_room(shop: Shop, client: TestClient, to: str) -> None:
    answers: list[Any] = []
    forms = [(0, 1), (2, 3), (0, 4), (1, 3)]
    threads = [threading.Thread(target=lambda f=form: answers.append(send(client, to, *f))) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {202, 409}
    work(shop)
    assert kept(client, to) == MOST
    assert len(files(shop, "closet" if to.endswith("closet") else "drafts")) == MOST
    told = {job["state"] for job in client.get("/api/v1/jobs").json()["jobs"]}
    assert told == {"done"}


def test_a_cancelled_upload_that_is_tried_again_gets_no_more_room(shop: Shop, client: TestClient) -> None:
    to = "/api/v1/closet"
    job = send(client, to, 0, 1).json()["job"]
    client.post(f"/api/v1/jobs/{job}/cancel")
    assert send(client, to, 2, 3, 4).json()["taken"] == MOST
    client.post(f"/api/v1/jobs/{job}/retry")
    work(shop)
    assert kept(client, to) == MOST
    failed = [each for done in client.get("/api/v1/jobs").json()["jobs"] for each in done["result"]["failed"]]
    assert [each["key"] for each in failed] == ["full", "full"]  # of whichever came second
    assert "your closet is full" in client.get("/closet").text


@BOTH
def test_a_zip_that_comes_again_under_its_key_needs_no_room_of_its_own(
    shop: Shop, client: TestClient, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    client.headers["Idempotency-Key"] = "one"
    with monkeypatch.context() as dying:  # after the job stood, and before its answer was kept
        dying.setattr("meot.catalogue.replies.Replies.keep", lambda *_: None)
        first = send_packed(client, to, 0, 1, 2, 3)
    monkeypatch.setattr("meot.catalogue.replies.SILENT_S", -1.0)
    again = send_packed(client, to, 0, 1, 2, 3)
    assert (first.status_code, first.json()["taken"]) == (202, 3)
    assert (again.status_code, again.json()) == (202, first.json())
    assert len(files_of(shop, to)) == 3
    del client.headers["Idempotency-Key"]
    work(shop)
    assert kept(client, to) == len(files_of(shop, to)) == MOST


def test_what_a_job_copies_while_a_form_waits_for_its_turn_stays(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    mina = People(database=shop.catalogue.database).add("mina", None, role="seller")
    jobs, photos = Jobs(database=shop.catalogue.database), DraftPhotos(root=shop.catalogue.place.beside("drafts"))
    selling = Selling(catalogue=shop.catalogue, jobs=jobs, photos=photos, taxonomy=taxonomy.load(), most=1)
    coming = Upload(jpeg(), "P0.jpg", {})
    packed = selling.keep_packed(mina, coming)
    selling.begin(mina, [], "name", packed=[packed])
    names = [selling.keep(mina, Upload(jpeg(RED), "P1.jpg", {})), selling.keep(mina, coming)]
    tidy = selling.room.tidy

    def tidy_then_copy(person: int, sent: Sequence[str]) -> set[str] | None:
        needed = tidy(person, sent)
        assert photos.waiting(person).copy(packed["file"], "P0.jpg") == names[1]
        return needed

    monkeypatch.setattr(selling.room, "tidy", tidy_then_copy)
    assert selling.begin(mina, names, "name").left == (names[0],)
    assert [photo.name for photo in photos.all(mina.key)] == [names[1]]


def test_a_photo_that_comes_again_is_no_old_one(tmp_path: Path) -> None:
    photos, photo = DraftPhotos(root=tmp_path), decoding.decode(jpeg())
    first = photos.keep(1, "A.jpg", photo)
    os.utime(first, (time.time() - 3600,) * 2)
    written = first.stat().st_mtime_ns
    assert photos.keep(1, "A.jpg", photo) == first
    assert photos.all(1, before=time.time() - 600) == []
    assert first.stat().st_mtime_ns == written  # so that it is not read again


def test_photos_of_cancelled_drafting_make_room(shop: Shop, client: TestClient) -> None:
    to = "/api/v1/drafts"
    send(client, to, 0)
    work(shop)
    job = send(client, to, 1, 2).json()["job"]
    client.post(f"/api/v1/jobs/{job}/cancel")
    assert send(client, to, 3, 4).status_code == 409  # another form may still be on its way with them
    for file in shop.catalogue.place.beside("drafts").rglob("*.jpg"):
        os.utime(file, (time.time() - 3600, time.time() - 3600))
    assert send(client, to, 3, 4).json()["taken"] == 2
    work(shop)
    assert files(shop, "drafts") == ["P0.jpg", "P3.jpg", "P4.jpg"]
    assert {each["product"] for each in client.get(to).json()["drafts"]} == {"P0", "P3", "P4"}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_pages_say_what_to_do(client: TestClient, language: str) -> None:
    said = {"en": "remove photos of the closet or drafts", "ko": "필요 없는 옷장 사진이나 상품 초안을 지운"}[language]
    client.headers["Accept-Language"] = language
    for to in ("/closet/photos", "/sell/photos"):
        assert send(client, to, 0, 1, 2, 3).status_code == 303
        assert said in client.get(to.rpartition("/")[0]).text
        full = send(client, to, 4)
        assert (full.status_code, said in full.text) == (409, True)


def test_whoever_sits_at_the_machine_keeps_what_they_like(tmp_path: Path) -> None:
    alone = Settings(max_upload_mb=1, closet_photos=1, draft_photos=1)
    assert (alone.most_closet_photos, alone.most_draft_photos) == (None, None)
    shop = build_shop(tmp_path)
    client = TestClient(create_app(shop, alone), base_url="http://127.0.0.1", client=("127.0.0.1", 1))
    for to in ("/api/v1/closet", "/api/v1/drafts"):
        assert send(client, to, 0, 1, 2).json()["taken"] == 3
        assert client.get(to).json()["most"] is None
    shop.close()


def test_nought_is_any_number_and_nonsense_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEOT_ACCOUNTS", "true")
    monkeypatch.setenv("MEOT_CLOSET_PHOTOS", "0")
    monkeypatch.setenv("MEOT_DRAFT_PHOTOS", "50")
    chosen = load(tmp_path / "absent.toml")
    assert (chosen.most_closet_photos, chosen.most_draft_photos) == (None, 50)
    monkeypatch.setenv("MEOT_DRAFT_PHOTOS", "-1")
    with pytest.raises(Exception, match=r"draft_photos must be 0\.\.1000000, got -1; change MEOT_DRAFT_PHOTOS"):
        load(tmp_path / "absent.toml")


def test_the_command_line_knows_no_limit(shop: Shop, client: TestClient) -> None:
    send(client, "/api/v1/closet", 0, 1, 2)
    work(shop)
    closet = Closet(database=shop.catalogue.database, person="mina")
    assert closet.add(shop.reader.read(decoding.decode(jpeg(GRAY))))
    assert kept(client, "/api/v1/closet") == MOST + 1
    assert send(client, "/api/v1/closet", 3).status_code == 409


def test_a_photo_that_another_form_had_no_room_for_is_not_taken(shop: Shop) -> None:
    mina = People(database=shop.catalogue.database).add("mina", None, role="seller")
    jobs, photos = Jobs(database=shop.catalogue.database), DraftPhotos(root=shop.catalogue.place.beside("drafts"))
    selling = Selling(catalogue=shop.catalogue, jobs=jobs, photos=photos, taxonomy=taxonomy.load(), most=MOST)
    names = [selling.keep(mina, Upload(jpeg(shade), f"P{place}.jpg", {})) for place, shade in enumerate(SHADES)]
    with pytest.raises(QuotaReachedError):  # five are here, and three are others'
        selling.begin(mina, [names[0], names[1]], "name")
    assert selling.begin(mina, [names[0], names[4]], "name").left == (names[0],)
    assert selling.begin(mina, [names[2]], "name").left == ()
    selling.keep(mina, Upload(jpeg((1, 2, 3)), "P5.jpg", {}))  # of a form that is on its way
    with pytest.raises(QuotaReachedError):
        selling.begin(mina, [names[3], names[1]], "name")
    assert {photo.name for photo in photos.all(mina.key)} == {names[2], names[4], "P5.jpg"}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_no_database_gives_one_room_to_two(kind: str, tmp_path: Path) -> None:
    with (
        servers.catalogue(kind, tmp_path, "quotas") as address,
        Catalogue.open(address, create=False, data=tmp_path) as catalogue,
    ):
        mina = People(database=catalogue.database).add("mina", None, role="seller")
        jobs, shelf = Jobs(database=catalogue.database), Shelf(most_count=1, most_bytes=1, seconds=1)
        owning = Owning(database=catalogue.database, jobs=jobs, reader=ColourReader(), drawn=shelf, most=MOST)
        photos = DraftPhotos(root=tmp_path / "drafts")
        selling = Selling(catalogue=catalogue, jobs=jobs, photos=photos, taxonomy=taxonomy.load(), most=MOST)
        uploads = [Upload(jpeg((20 * place, 40, 60)), f"P{place}.jpg", {}) for place in range(8)]
        both = threading.Barrier(8)

        def send(place: int) -> None:
            kept, name = owning.keep(mina, uploads[place]), selling.keep(mina, uploads[place])
            both.wait(60)
            with suppress(QuotaReachedError):
                owning.begin(mina, [kept], [])
            with suppress(QuotaReachedError):
                selling.begin(mina, [name], "auto")

        threads = [threading.Thread(target=send, args=(place,)) for place in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        begun = [job.kind for job in jobs.all(person=mina.key)]
        assert begun.count("closet add") == MOST
        assert 1 <= begun.count("draft listings") <= MOST
        assert len(photos.all(mina.key)) == begun.count("draft listings")
