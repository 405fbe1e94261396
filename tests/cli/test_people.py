from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from meot.catalogue.database import Database
from meot.catalogue.passwords import AccountError
from meot.catalogue.people import People
from meot.catalogue.store import Catalogue
from meot.cli.people import command
from meot.errors import QueryError

PASSWORD = "a good long one"


def test_an_operator_adds_raises_and_helps_a_person(tmp_path: Path) -> None:
    shop, run = str(tmp_path / "shop.db"), CliRunner()
    added = run.invoke(command, ["add", shop, "Mina", "--role", "seller"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert (added.exit_code, PASSWORD in added.output) == (0, False)
    run.invoke(command, ["role", shop, "mina", "admin"])
    listed = json.loads(run.invoke(command, ["list", shop, "--json"]).output)
    assert [(person["name"], person["role"]) for person in listed] == [("mina", "admin")]
    refused = run.invoke(command, ["role", shop, "mina", "shopper"]).exception
    assert "make somebody else an administrator first" in str(refused)
    link = run.invoke(command, ["reset", shop, "mina", "--site", "https://shop.example/"]).output.strip()
    assert link.startswith("https://shop.example/reset/meot_")
    with Database.open(shop, create=False) as database:
        people = People(database=database)
        assert people.redeem(link.rpartition("/")[2], "another long one").name == "mina"
        assert people.check("mina", "another long one").role == "admin"


def test_a_script_gives_the_password_past_a_terminal_that_is_there(tmp_path: Path) -> None:
    """Whoever asks the terminal itself waits there for ever while the password lies on the input."""
    leader, follower = os.openpty()
    shop, lines = str(tmp_path / "shop.db"), f"{PASSWORD}\n{PASSWORD}\n".encode()
    line = [sys.executable, "-m", "tests.cli.at_terminal", os.ttyname(follower), "people", "add", shop, "mina"]
    done = subprocess.run(line, input=lines, capture_output=True, timeout=120, start_new_session=True, check=False)
    os.close(leader)
    os.close(follower)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"mina: added as shopper\n", b"")


def test_two_passwords_on_the_input_are_refused(tmp_path: Path) -> None:
    answer = CliRunner().invoke(command, ["add", str(tmp_path / "a.db"), "jun"], input=f"{PASSWORD}\n{PASSWORD}r\n")
    assert isinstance(answer.exception, QueryError)
    assert PASSWORD not in str(answer.exception)


def test_a_person_goes_with_their_photos_and_nobody_elses(tmp_path: Path) -> None:
    shop, run = tmp_path / "shop.db", CliRunner()
    with Catalogue.open(shop, create=True) as catalogue:
        people = People(database=catalogue.database)
        jun, mina = (people.add(name, PASSWORD) for name in ("jun", "mina"))
        folders = [tmp_path / f"shop.{kind}" / str(who.key) for kind in ("closet", "drafts") for who in (jun, mina)]
        for folder in folders:
            folder.mkdir(parents=True)
            (folder / "a.jpg").write_bytes(b"a photo")
    refused = run.invoke(command, ["remove", str(shop), "Jun"], input="n\n")
    assert (refused.exit_code, all(folder.exists() for folder in folders)) == (1, True)
    done = run.invoke(command, ["remove", str(shop), "Jun", "--yes"])
    assert (done.exit_code, done.output) == (0, "jun: gone, with everything that was theirs\n")
    assert [folder.exists() for folder in folders] == [False, True, False, True]
    assert run.invoke(command, ["list", str(shop)]).output == "mina\tshopper\n"


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
