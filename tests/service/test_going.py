"""People who go while something of theirs is on its way."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from tests.service.conftest import jpeg
from tests.service.office import client_of, work
from tests.service.test_packed import pack

from meot.catalogue.jobs import Jobs
from meot.catalogue.people import People
from meot.cli.people import command
from meot.service import create_app, uploads
from meot.service.accounts.going import sweep
from meot.settings import Settings
from meot.wiring import Shop


@pytest.mark.parametrize("packed", [False, True], ids=["photos", "ZIP"])
@pytest.mark.parametrize("to", ["/api/v1/closet", "/closet/photos", "/api/v1/drafts", "/sell/photos"])
def test_photos_that_come_after_their_sender_went_are_not_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, to: str, packed: bool
) -> None:
    client, database, decode = client_of(shop, "mina"), shop.catalogue.database, uploads.decode

    def decode_slowly(upload: uploads.Upload) -> Any:
        if People(database=database).count():
            gone = CliRunner().invoke(command, ["remove", database.place.name, "mina", "--yes"])
            assert gone.exit_code == 0, gone.output
        return decode(upload)

    monkeypatch.setattr(uploads, "decode", decode_slowly)
    monkeypatch.setattr(uploads, "check", decode_slowly)
    sent = [("photo", (f"{place}.jpg", jpeg((place, 90, 90)), "image/jpeg")) for place in (10, 200)]
    if packed:
        sent = [("photo", ("a.zip", pack({name: data for _, (name, data, _) in sent}), "application/zip"))]
    answer = client.post(to, files=sent, headers={"Idempotency-Key": "one"})
    assert answer.status_code in (401, 303), answer.text
    assert answer.headers.get("location", "/signin").startswith("/signin")
    folders = [database.place.beside(name) for name in ("closet", "drafts")]
    assert [file for folder in folders for file in folder.rglob("*") if file.is_file()] == []
    assert (People(database=database).count(), Jobs(database=database).all()) == (0, [])


@pytest.mark.parametrize("to", ["/api/v1/closet", "/api/v1/drafts"])
@pytest.mark.parametrize("packed", [False, True], ids=["photos", "ZIP"])
def test_what_a_killed_form_brought_for_who_is_gone_goes_with_the_next_start(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, to: str, packed: bool
) -> None:
    database = shop.catalogue.database
    mina, ana = client_of(shop, "mina"), client_of(shop, "ana")
    photo = pack({"a.jpg": jpeg()}) if packed else jpeg()
    files = {"photo": ("a.jpg", photo, "image/jpeg")}
    with monkeypatch.context() as dying:
        for who in ("closet.owning.Owning", "sell.selling.Selling"):
            dying.setattr(f"meot.service.{who}.begin", killed)
        for client in (mina, ana):
            with pytest.raises(KilledError):
                client.post(to, files=files)
    people = People(database=database)
    gone, there = people.find("mina").key, people.find("ana").key
    people.delete(people.find("mina"))
    root = database.place.beside(to.rpartition("/")[2])
    assert len(files_of(root / str(gone))) == len(files_of(root / str(there))) == 1
    assert sweep(database) == 0  # it may still be on its way
    for path in root.rglob("*"):
        os.utime(path, (time.time() - 3600,) * 2)
    copy = root / str(gone) / "kept.jpg"
    if root.name.endswith(".closet"):
        copy.write_bytes(b"what a closet keeps")
    app = create_app(shop, Settings(accounts=True))
    with TestClient(app):
        end = time.monotonic() + 120
        while files_of(root / str(gone)) not in ([], [copy]):
            assert time.monotonic() < end, "it was not swept"
            time.sleep(0.01)
    assert copy.exists() == root.name.endswith(".closet")
    assert len(files_of(root / str(there))) == 1


def files_of(folder: Path) -> list[Path]:
    """What lies there; folders may go while one looks."""
    return [Path(place) / name for place, _, names in os.walk(folder) for name in names]


class KilledError(BaseException):
    """Stands for the end of a process."""


def killed(*_: object, **__: object) -> None:
    raise KilledError


@pytest.mark.parametrize("to", ["/api/v1/closet", "/api/v1/drafts"])
def test_what_waits_for_no_job_goes_after_a_day(shop: Shop, monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    database, client = shop.catalogue.database, client_of(shop, "mina")
    root = database.place.beside(to.rpartition("/")[2])

    def send(colour: int) -> None:
        photo = pack({"a.jpg": jpeg((colour, 90, 90))})
        client.post(to, files={"photo": ("a.zip", photo, "application/zip")})

    def sweep_a_day_later() -> int:
        for path in root.rglob("*"):
            os.utime(path, (time.time() - 90_000,) * 2)
        return sweep(database)

    with monkeypatch.context() as dying:
        for who in ("closet.owning.Owning", "sell.selling.Selling"):
            dying.setattr(f"meot.service.{who}.begin", killed)
        with pytest.raises(KilledError):
            send(10)
    assert len(files_of(root)) == 1
    assert (sweep_a_day_later(), files_of(root)) == (0, [])
    send(200)
    sweep_a_day_later()
    assert len(files_of(root)) == 1  # its job is to come yet
    assert work(shop) == 1
    sweep_a_day_later()
    assert [file.parent.name == "new" for file in files_of(root)] == [False]


def test_where_nobody_is_nothing_is_swept(shop: Shop) -> None:
    copy = shop.catalogue.place.beside("drafts") / "1" / "A.jpg"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(jpeg())
    for path in (copy, copy.parent):
        os.utime(path, (time.time() - 3600,) * 2)
    assert (sweep(shop.catalogue.database), copy.exists()) == (0, True)  # its person's row is restored last
    People(database=shop.catalogue.database).delete(People(database=shop.catalogue.database).add("ana", None))
    client_of(shop, "mina")
    os.utime(copy.parent, (time.time() - 3600,) * 2)
    assert (sweep(shop.catalogue.database), copy.exists()) == (1, False)
