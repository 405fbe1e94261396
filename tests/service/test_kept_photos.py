"""Photos that came in and are not worked on yet: whole, once, and for as long as somebody waits for them."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest
from tests.builders import NAVY, RED
from tests.service.conftest import jpeg
from tests.service.office import client_of, work

from meot import photos
from meot.catalogue.people import People
from meot.service.closet.inbox import Inbox
from meot.service.sell.photos import DraftPhotos
from meot.types import Photo
from meot.wiring import Shop


def photo(number: int = 0) -> Photo:
    return photos.decode(jpeg(size=(96, 128 + number)))


def age(file: Path, seconds: float) -> None:
    os.utime(file, (time.time() - seconds,) * 2)


def test_an_inbox_keeps_what_is_awaited_and_forgets_the_rest_after_a_day(tmp_path: Path) -> None:
    inbox, folder = Inbox(root=tmp_path, person=1), tmp_path / "1" / "new"
    awaited, forgotten, fresh = (inbox.put(photo(number)) for number in range(3))
    (folder / "killed.part").write_bytes(b"half")
    (folder / "written.part").write_bytes(b"half")
    for name, seconds in ((f"{awaited}.jpg", 90_000), (f"{forgotten}.jpg", 90_000), ("killed.part", 900)):
        age(folder / name, seconds)
    inbox.tidy({awaited})
    assert {file.name for file in folder.iterdir()} == {f"{awaited}.jpg", f"{fresh}.jpg", "written.part"}


def test_a_photo_whose_job_waited_for_a_day_is_read_all_the_same(shop: Shop) -> None:
    client = client_of(shop, "mina", "shopper")
    for colour in (NAVY, RED):
        sent = client.post("/api/v1/closet", files=[("photo", ("a.jpg", jpeg(colour), "image/jpeg"))])
        assert sent.status_code == 202
        for file in shop.catalogue.place.beside("closet").rglob("*.jpg"):
            age(file, 90_000)
    assert work(shop) == 2
    assert client.get("/api/v1/closet").json()["count"] == 2


def test_a_request_that_comes_again_when_its_job_is_done_leaves_nothing_in_the_inbox(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, headers = client_of(shop, "mina", "shopper"), {"Idempotency-Key": "k"}
    file = {"photo": ("a.jpg", jpeg(), "image/jpeg")}
    with monkeypatch.context() as dying:  # after the job stood, and before its answer was kept
        dying.setattr("meot.catalogue.replies.Replies.keep", lambda *_: None)
        first = client.post("/api/v1/closet", files=file, headers=headers)
    assert work(shop) == 1
    monkeypatch.setattr("meot.catalogue.replies.SILENT_S", -1.0)
    answer = client.post("/api/v1/closet", files=file, headers=headers)
    assert (answer.json(), client.get("/api/v1/closet").json()["count"]) == (first.json(), 1)
    mina = People(database=shop.catalogue.database).find("mina")
    assert list((shop.catalogue.place.beside("closet") / str(mina.key) / "new").iterdir()) == []
    assert work(shop) == 0


def died(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_drafts_photo_has_its_name_only_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr("meot.service.sell.photos.os.link", refuse)
    kept = DraftPhotos(root=tmp_path)
    first, same, other = (kept.keep(1, "A12.jpg", photo(number)) for number in (0, 0, 1))
    assert (first.name, same, other.name) == ("A12.jpg", first, "A12 (2).jpg")
    assert {file.name for file in (tmp_path / "1").iterdir()} == {"A12.jpg", "A12 (2).jpg"}
    assert photos.load(first).pixels.shape == (128, 96, 3)
    assert first.stat().st_mode & 0o777 == 0o644
    if links:
        monkeypatch.setattr("meot.service.sell.photos.os.link", died)
        with pytest.raises(KeyboardInterrupt):
            kept.keep(1, "B7.jpg", photo(2))
        assert not (tmp_path / "1" / "B7.jpg").exists()


def refuse(*_: object) -> None:
    raise OSError(errno.EPERM, "this file system knows no links")


def test_what_a_killed_process_began_to_write_goes_with_the_next_photos(tmp_path: Path) -> None:
    kept = DraftPhotos(root=tmp_path)
    kept.tidy(1)  # nobody sent a photo yet
    whole = kept.keep(1, "A12.jpg", photo())
    killed, written = whole.with_name(".1.part"), whole.with_name(".2.part")
    for part in (killed, written):
        part.write_bytes(b"half")
    for file in (whole, killed):
        age(file, 90_000)
    kept.tidy(1)
    assert {file.name for file in whole.parent.iterdir()} == {"A12.jpg", ".2.part"}
