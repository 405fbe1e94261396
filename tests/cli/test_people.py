from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from meot.catalogue.database import Database
from meot.catalogue.passwords import AccountError
from meot.catalogue.people import People
from meot.cli.people import command

PASSWORD = "a good long one"


def test_an_operator_adds_raises_and_helps_a_person(tmp_path: Path) -> None:
    shop, run = str(tmp_path / "shop.db"), CliRunner()
    added = run.invoke(command, ["add", shop, "Mina", "--role", "seller"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert (added.exit_code, PASSWORD in added.output) == (0, False)
    run.invoke(command, ["role", shop, "mina", "admin"])
    listed = json.loads(run.invoke(command, ["list", shop, "--json"]).output)
    assert [(person["name"], person["role"]) for person in listed] == [("mina", "admin")]
    link = run.invoke(command, ["reset", shop, "mina", "--site", "https://shop.example/"]).output.strip()
    assert link.startswith("https://shop.example/reset/meot_")
    with Database.open(shop, create=False) as database:
        people = People(database=database)
        assert people.redeem(link.rpartition("/")[2], "another long one").name == "mina"
        assert people.check("mina", "another long one").role == "admin"


def test_who_is_not_there_is_named(tmp_path: Path) -> None:
    shop = tmp_path / "shop.db"
    Database.open(shop, create=True).close()
    answer = CliRunner().invoke(command, ["reset", str(shop), "jun"])
    assert isinstance(answer.exception, AccountError)
    assert "nobody is called jun" in str(answer.exception)
    assert "nobody has an account" in CliRunner().invoke(command, ["list", str(shop)]).output


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaa"])
def test_a_weak_password_is_refused(tmp_path: Path, password: str) -> None:
    answer = CliRunner().invoke(command, ["add", str(tmp_path / "a.db"), "jun"], input=f"{password}\n{password}\n")
    assert isinstance(answer.exception, AccountError)
