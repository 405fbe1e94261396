"""The database server goes away in the middle of an intake or a refresh, and comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import make_url
from tests.catalogue import servers
from tests.catalogue.faults.relay import Relay, relayed
from tests.catalogue.faults.rounds import contents, do, write_round

from meot.catalogue import insist
from meot.catalogue.complaints import UnreachableError
from meot.catalogue.database import Database
from meot.catalogue.store import Catalogue


@pytest.fixture(params=("postgresql", "mariadb"))
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty catalogue."""
    with servers.find(request.param).database("away") as address:
        Catalogue.open(address, create=True).close()
        yield address


@pytest.fixture
def relay(address: str) -> Iterator[Relay]:
    url = make_url(address)
    with relayed(
        url.host or "127.0.0.1", url.port or {"postgresql": 5432, "mariadb": 3306}[url.get_backend_name()]
    ) as relay:
        yield relay


def through(relay: Relay, address: str) -> str:
    return make_url(address).set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)


def test_it_goes_on_when_the_server_is_back(
    relay: Relay, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(insist, "FIRST_WAIT_S", 0.02)
    folder, random, stop = tmp_path / "in", np.random.default_rng(0), threading.Event()
    folder.mkdir()

    def disturb() -> None:
        calm = 1.0
        while not stop.wait(calm * float(random.uniform(0.05, 0.3))):
            relay.drop()
            relay.cut()
            stop.wait(float(random.uniform(0, 0.3)))
            relay.mend()
            calm *= 1.05  # a busy machine needs longer to get anything done in between

    with (
        Catalogue.open(tmp_path / "undisturbed.db", create=True) as undisturbed,
        Catalogue.open(through(relay, address), create=False, data=tmp_path) as catalogue,
    ):
        disturber = threading.Thread(target=disturb)
        disturber.start()
        try:
            for number, verb in enumerate(("add", "refresh", "refresh")):
                source = write_round(folder, number)
                do(verb, catalogue, source, delay=0.02)
                do(verb, undisturbed, source)
        finally:
            stop.set()
            disturber.join()
        assert "trying again in" in caplog.text
        assert contents(catalogue) == contents(undisturbed)


def test_after_its_patience_it_says_so_and_the_next_run_goes_on(
    relay: Relay, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Database.persisting
    monkeypatch.setattr(Database, "persisting", lambda self: whole(self, 0.3))
    (tmp_path / "in").mkdir()
    source = write_round(tmp_path / "in", 0)
    with Catalogue.open(through(relay, address), create=False, data=tmp_path) as catalogue:
        do("add", catalogue, source)
        source = write_round(tmp_path / "in", 1)
        relay.cut()
        with pytest.raises(UnreachableError, match="everything added before is safe"):
            do("refresh", catalogue, source)
        relay.mend()
        do("refresh", catalogue, source)
        with Catalogue.open(tmp_path / "undisturbed.db", create=True) as undisturbed:
            do("add", undisturbed, write_round(tmp_path / "in", 0))
            do("refresh", undisturbed, write_round(tmp_path / "in", 1))
            assert contents(catalogue) == contents(undisturbed)


def test_who_answers_people_does_not_wait(relay: Relay, address: str) -> None:
    with Catalogue.open(through(relay, address), create=False) as catalogue:
        relay.cut()
        with pytest.raises(UnreachableError):
            catalogue.lessons()
