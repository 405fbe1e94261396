from __future__ import annotations

import time
from collections.abc import Iterator

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
