from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable
from tests.builders import NAVY, build_product, write_photo
from tests.catalogue import servers

from meot.catalogue.complaints import UnreachableError
from meot.catalogue.place import Place
from meot.catalogue.store import Catalogue
from meot.catalogue.tables import metadata
from meot.errors import CatalogueError

KINDS = ("postgresql", "mariadb")


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> servers.Server:
    return servers.find(request.param)


@pytest.fixture
def address(server: servers.Server) -> Iterator[str]:
    """An empty database, without tables."""
    with server.database("b") as address:
        yield address


def test_a_database_becomes_a_catalogue_only_when_asked(address: str) -> None:
    with pytest.raises(CatalogueError, match="no catalogue here; make one with"):
        Catalogue.open(address, create=False)
    Catalogue.open(address, create=True).close()
    with Catalogue.open(address, create=False) as catalogue:
        assert catalogue.counts()["products"] == 0


def test_programs_that_make_it_at_once_make_one(address: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Catalogue.open(address, create=True).close(), range(4)))
    with Catalogue.open(address, create=False) as catalogue:
        assert catalogue.generation() == 0


@pytest.mark.parametrize("made", [1, 2, len(metadata.tables), len(metadata.tables) + 1])
@pytest.mark.parametrize("how", [RuntimeError, KeyboardInterrupt])
def test_one_that_died_while_making_it_is_made_whole(address: str, made: int, how: type[BaseException]) -> None:
    died = _Dying(made, how)
    with died, pytest.raises(how):
        Catalogue.open(address, create=True)
    assert died.seen == made
    with pytest.raises(CatalogueError, match="no catalogue here; make one with"):
        Catalogue.open(address, create=False)
    with Catalogue.open(address, create=True) as catalogue:
        assert catalogue.generation() == 0


class _Dying:
    """For a block, whoever makes tables dies once so many were made."""

    def __init__(self, most: int, how: type[BaseException]) -> None:
        self.most, self.how, self.seen = most, how, 0

    def __enter__(self) -> None:
        event.listen(Engine, "after_cursor_execute", self._count)

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "after_cursor_execute", self._count)

    def _count(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.seen += statement.lstrip().startswith("CREATE TABLE")
        if self.seen == self.most:
            raise self.how


def test_tables_of_another_program_are_left_alone(server: servers.Server, address: str) -> None:
    with server.engine(address.rpartition("/")[2]).connect() as connection:
        connection.execute(text("CREATE TABLE products (name VARCHAR(20))"))
    with pytest.raises(CatalogueError, match="got another program's database"):
        Catalogue.open(address, create=True)


def test_korean_emoji_and_ids_that_differ_in_case_are_kept(catalogue: Catalogue, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "1.png", NAVY)
    numbers = [catalogue.put_product(build_product(id, f"{id} 셔츠 👕"), [photo]) for id in ("a", "A")]
    assert len(set(numbers)) == 2
    assert catalogue.product(numbers[1]).title == "A 셔츠 👕"


def test_writers_wait_for_each_other(catalogue: Catalogue, where: str, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "1.png", NAVY)
    before = catalogue.generation()

    def put(writer: int) -> None:
        with Catalogue.open(where, create=False) as own:
            for number in range(10):
                own.put_product(build_product(f"{writer}-{number % 5}", f"shirt {number}"), [photo])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(4)))
    assert catalogue.counts()["products"] == 20
    assert catalogue.generation() == before + 40
    changed = catalogue.changes(before)
    assert len(changed.numbers) == 20


def test_a_reader_sees_one_state_while_others_write(catalogue: Catalogue, where: str, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "1.png", NAVY)
    done = threading.Event()

    def put() -> None:
        with Catalogue.open(where, create=False) as own:
            for number in range(30):
                own.put_product(build_product(str(number), "shirt"), [photo])
        done.set()

    writer = threading.Thread(target=put)
    writer.start()
    last = -1
    while not done.is_set():
        changes = catalogue.changes(-1)
        assert len(changes.numbers) == changes.generation  # one product a state
        assert changes.generation >= last
        last = changes.generation
    writer.join()
    assert len(catalogue.changes(-1).numbers) == 30


def test_a_server_that_goes_and_comes_back(server: servers.Server, address: str, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "1.png", NAVY)
    name = address.rpartition("/")[2]
    with Catalogue.open(address, create=True) as catalogue:
        catalogue.put_product(build_product("1", "shirt"), [photo])
        with server.engine().connect() as connection:
            if server.kind == "postgresql":
                connection.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
                )
            else:
                processes = text("SELECT id FROM information_schema.processlist WHERE db = :name")
                for (number,) in connection.execute(processes, {"name": name}).all():
                    connection.execute(text(f"KILL {number}"))
        assert catalogue.product(1).title == "shirt"  # the next question connects again
        catalogue.put_product(build_product("2", "skirt"), [photo])
        assert catalogue.counts()["products"] == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_away_is_said_in_one_sentence(kind: str) -> None:
    port = 9  # where nothing listens
    with pytest.raises(UnreachableError, match=r"cannot be reached.*start it") as refused:
        Catalogue.open(f"{kind}://me:secret@127.0.0.1:{port}/shop", create=False)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_whose_name_leads_nowhere_may_be_asked_again(kind: str) -> None:
    with pytest.raises(UnreachableError, match=r"leads nowhere; .*%40") as refused:
        Catalogue.open(f"{kind}://me:secret@nowhere.invalid/shop", create=False)
    assert "secret" not in str(refused.value)


def test_words_that_later_servers_keep_for_themselves_are_quoted() -> None:
    later = {"vector", "manual", "parallel", "qualify", "tablesample"}  # MariaDB 11.7, MySQL 8.4 and 9
    made = [str(CreateTable(table).compile(dialect=mysql.dialect())) for table in metadata.sorted_tables]
    assert [name for name in later if re.search(rf"\b(?<!`){name}\b(?!`)", "".join(made).lower())] == []
    assert "`vector`" in "".join(made)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_postgresql_database_that_cannot_hold_every_word_is_refused(encoding: str) -> None:
    server = servers.find("postgresql")
    with server.database("encoded") as address:
        name = address.rpartition("/")[2]
        server.run(f"DROP DATABASE {name}")
        server.run(f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        with pytest.raises(CatalogueError, match=f"UTF8, got one in {encoding}; .*createdb"):
            Catalogue.open(address, create=True)


def test_a_database_that_is_not_there_is_named(server: servers.Server) -> None:
    with pytest.raises(CatalogueError, match="the server has no such database"):
        Catalogue.open(server.address("meot_never"), create=True)


def test_folders_lie_beside_a_file_and_where_the_settings_say_for_a_server(tmp_path: Path) -> None:
    assert Place.of(tmp_path / "shop.db").beside("photos") == tmp_path / "shop.photos"
    assert Place.of("postgresql://h/shop", data=tmp_path).beside("index") == tmp_path / "shop.index"
    assert Place.of("mysql://me:secret@h/shop").name == "mysql://me:***@h/shop"
