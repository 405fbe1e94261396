from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.catalogue import servers

from meot.catalogue.store import Catalogue

KINDS = ("sqlite", "postgresql", "mariadb")


@pytest.fixture(scope="session")
def _catalogues() -> Iterator[dict[str, str]]:
    """Kind -> name of a database that holds a catalogue for the tests of this process; filled on demand."""
    made: dict[str, str] = {}
    yield made
    for kind, name in made.items():
        servers.Server(kind).drop(name)


@pytest.fixture(params=KINDS)
def where(request: pytest.FixtureRequest, _catalogues: dict[str, str], tmp_path: Path) -> str:
    """The address of an empty catalogue, on each database in turn."""
    if request.param == "sqlite":
        Catalogue.open(tmp_path / "shop.db", create=True).close()
        return str(tmp_path / "shop.db")
    server = servers.find(request.param)
    if request.param in _catalogues:
        server.empty(_catalogues[request.param])
    else:
        name = _catalogues[request.param] = server.create()
        Catalogue.open(server.address(name), create=True).close()
    return server.address(_catalogues[request.param])


@pytest.fixture
def catalogue(where: str, tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue, on each database in turn."""
    with Catalogue.open(where, create=False, data=tmp_path) as catalogue:
        yield catalogue
