"""People who go while something of theirs is on its way."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from tests.service.conftest import jpeg
from tests.service.office import client_of

from meot.catalogue.jobs import Jobs
from meot.catalogue.people import People
from meot.cli.people import command
from meot.service import uploads
from meot.wiring import Shop


@pytest.mark.parametrize("to", ["/api/v1/closet", "/closet/photos", "/api/v1/drafts", "/sell/photos"])
def test_photos_that_come_after_their_sender_went_are_not_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    client, database, decode = client_of(shop, "mina"), shop.catalogue.database, uploads.decode

    def decode_slowly(upload: uploads.Upload) -> Any:
        if People(database=database).count():
            gone = CliRunner().invoke(command, ["remove", database.place.name, "mina", "--yes"])
            assert gone.exit_code == 0, gone.output
        return decode(upload)

    monkeypatch.setattr(uploads, "decode", decode_slowly)
    sent = [("photo", (f"{place}.jpg", jpeg((place, 90, 90)), "image/jpeg")) for place in (10, 200)]
    answer = client.post(to, files=sent, headers={"Idempotency-Key": "one"})
    assert answer.status_code in (401, 303), answer.text
    assert answer.headers.get("location", "/signin").startswith("/signin")
    folders = [database.place.beside(name) for name in ("closet", "drafts")]
    assert [file for folder in folders for file in folder.rglob("*") if file.is_file()] == []
    assert (People(database=database).count(), Jobs(database=database).all()) == (0, [])
