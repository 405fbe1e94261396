from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import argon2
import pytest
from sqlalchemy import select

from meot.catalogue import passwords
from meot.catalogue.database import Database
from meot.catalogue.passwords import AccountError
from meot.catalogue.people import People
from meot.catalogue.tables import metadata

PASSWORD = "a good long one"


@pytest.fixture
def database(where: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("meot.catalogue.passwords.hasher", lambda: quick)
    passwords.decoy.cache_clear()
    with Database.open(where, create=False) as database:
        yield database


@pytest.fixture
def people(database: Database) -> People:
    return People(database=database)


def test_who_signs_up_can_sign_in_however_the_name_is_written(people: People) -> None:
    mina = people.add(" Mina@Example.com ", PASSWORD)
    assert (mina.name, mina.role) == ("mina@example.com", "shopper")
    assert people.check("MINA@example.COM", PASSWORD) == mina
    with pytest.raises(AccountError, match="is taken"):
        people.add("mina@example.com", PASSWORD)
    assert people.count() == 1


@pytest.mark.parametrize(
    ("name", "password"), [("mina", "wrong one too"), ("nobody", PASSWORD), ("", ""), ("x" * 999, "")]
)
def test_a_wrong_name_and_a_wrong_password_say_the_same(people: People, name: str, password: str) -> None:
    people.add("mina", PASSWORD)
    with pytest.raises(AccountError, match="name or password is wrong"):
        people.check(name, password)


def test_who_has_no_password_cannot_sign_in(people: People) -> None:
    people.add("me", None)
    for password in ("", PASSWORD):
        with pytest.raises(AccountError, match="is wrong"):
            people.check("me", password)


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [
        ("x", PASSWORD, "2 to 100"),
        ("a b", PASSWORD, "2 to 100"),
        ("<script>", PASSWORD, "2 to 100"),
        ("mina", "short", "10 to 200"),
        ("mina", "x" * 201, "10 to 200"),
        ("mina", "aaaaaaaaaaaa", "repeat a few signs"),
        ("mina", "hello Mina hello", "must not hold the name"),
    ],
)
def test_names_and_passwords_that_will_not_do(people: People, name: str, password: str, reason: str) -> None:
    with pytest.raises(AccountError, match=reason):
        people.add(name, password)
    assert people.all() == []


def test_no_secret_is_stored(people: People, database: Database) -> None:
    mina = people.add("mina", PASSWORD)
    secret = people.issue(mina, "api", lasts_s=None, name="my script", scopes=("read",))
    with database.reading() as connection:
        stored = [str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert not any(PASSWORD in row or secret in row for row in stored)
    assert any("$argon2id$" in row for row in stored)


def test_a_token_is_called_what_every_database_keeps(people: People) -> None:
    mina = people.add("mina", PASSWORD)
    people.issue(mina, "api", lasts_s=None, name="my\0 \ud800script\u202e")
    assert [token.name for token in people.tokens_of(mina, "api")] == ["my script"]


def test_a_token_stands_for_its_owner_until_it_is_over_or_taken_back(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    mina, jun = people.add("mina", PASSWORD), people.add("jun", PASSWORD)
    session = people.issue(mina, "session", lasts_s=60)
    api = people.issue(mina, "api", lasts_s=None, name="script", scopes=("read", "write"))
    assert people.bearer(session, "api") is None
    assert people.bearer(session + "x", "session") is None
    found = people.bearer(api, "api")
    assert found is not None
    assert (found[0], found[1].scopes, found[1].name) == (mina, ("read", "write"), "script")
    people.revoke(jun, found[1].key)
    assert people.bearer(api, "api") is not None
    people.revoke(mina, found[1].key)
    assert people.bearer(api, "api") is None
    now = time.time()
    monkeypatch.setattr("meot.catalogue.people.time.time", lambda: now + 61)
    assert people.bearer(session, "session") is None
    with pytest.raises(AccountError, match="no scope"):
        people.issue(mina, "api", lasts_s=None, scopes=("root",))


def test_a_reset_is_used_once_and_signs_everybody_out(people: People) -> None:
    mina = people.add("mina", PASSWORD)
    session, reset = people.issue(mina, "session", lasts_s=60), people.issue(mina, "reset", lasts_s=60)
    with pytest.raises(AccountError, match="10 to 200"):
        people.redeem(reset, "short")
    assert people.redeem(reset, "another long one") == mina
    assert people.bearer(session, "session") is None
    assert people.check("mina", "another long one") == mina
    with pytest.raises(AccountError, match="used up"):
        people.redeem(reset, "and a third long one")


def test_who_goes_leaves_no_row(people: People, database: Database) -> None:
    mina = people.add("mina", PASSWORD, role="seller")
    people.issue(mina, "session", lasts_s=60)
    people.delete(mina)
    with database.reading() as connection:
        for table in ("people", "tokens"):
            assert connection.execute(select(metadata.tables[table])).all() == []
    with pytest.raises(AccountError, match="nobody is called mina"):
        people.find("mina")


def test_roles_reach_as_far_as_they_say(people: People) -> None:
    mina = people.add("mina", PASSWORD, role="seller")
    assert [mina.may(role) for role in ("shopper", "seller", "admin")] == [True, True, False]
    people.set_role(mina, "admin")
    assert people.find("mina").may("admin")
    with pytest.raises(AccountError, match="no role is called 'root'"):
        people.set_role(mina, "root")


def test_attempts_are_counted_for_a_while(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = [people.try_once("sign in from 192.0.2.7", most=3, window_s=60) for _ in range(5)]
    assert tried == [True, True, True, False, False]
    assert people.try_once("sign in from 192.0.2.8", most=3, window_s=60)
    now = time.time()
    monkeypatch.setattr("meot.catalogue.people.time.time", lambda: now + 61)
    assert people.try_once("sign in from 192.0.2.7", most=3, window_s=60)


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """What each said when all began at the same moment: the kind of its refusal, "" when it was done."""
    start = threading.Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> str:
        start.wait(60)
        try:
            deed()
        except AccountError as error:
            return error.kind
        return ""

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(do, deeds))


def admins(people: People) -> list[str]:
    return [person.name for person in people.all() if person.may("admin")]


def test_administrators_who_demote_each_other_at_once_leave_one(people: People) -> None:
    ada, mina = (people.add(name, PASSWORD, role="admin") for name in ("ada", "mina"))
    for _ in range(5):
        for each in (ada, mina):
            people.set_role(each, "admin")
        said = at_once(
            lambda: people.set_role(mina, "shopper", by=ada), lambda: people.set_role(ada, "seller", by=mina)
        )
        assert said == ["", "demoted"]
        assert len(admins(people)) == 1


def test_administrators_who_demote_each_other_in_a_ring_leave_one(people: People) -> None:
    ring = [people.add(name, PASSWORD, role="admin") for name in ("ada", "mina", "jun")]
    at_once(*(partial(people.set_role, ring[i - 1], "shopper", by=ring[i]) for i in range(3)))
    assert admins(people)


def test_administrators_who_go_at_once_leave_one_where_others_stay(people: People) -> None:
    ada, mina = (people.add(name, PASSWORD, role="admin") for name in ("ada", "mina"))
    people.add("jun", PASSWORD)
    assert at_once(lambda: people.step_down(ada), lambda: people.step_down(mina)) == ["", "last"]
    assert len(admins(people)) == 1


def test_the_last_administrator_stays_one_while_somebody_else_is_there(people: People) -> None:
    ada = people.add("ada", PASSWORD, role="admin")
    people.add("me", None, role="admin")  # who sits at the machine where nobody signs in
    with pytest.raises(AccountError, match="make somebody else an administrator first"):
        people.set_role(ada, "shopper")
    jun = people.add("jun", PASSWORD, role="seller")
    with pytest.raises(AccountError, match="nobody else administers"):
        people.step_down(ada)
    people.delete(jun)
    people.step_down(ada)  # nobody is left behind
    assert people.find("ada").role == "shopper"


def test_attempts_from_several_machines_are_one_count(people: People, database: Database) -> None:
    others = [People(database=database) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        tried = list(pool.map(lambda each: each.try_once("sign in as ada", most=3, window_s=60), others))
    assert sum(tried) == 3
