"""``meot people``: the accounts of a service, for who runs it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from meot.errors import QueryError

if TYPE_CHECKING:
    from meot.catalogue.database import Database
    from meot.catalogue.people import People

_LINK_S = 24 * 3600.0
_ROLE = click.Choice(["shopper", "seller", "admin"])


@click.group()
def command() -> None:
    """Keep the accounts of a service: who there is, what each may, a new password."""


@command.command()
@click.argument("database")
@click.argument("name")
@click.option("--role", type=_ROLE, default="shopper", show_default=True, help="What the person may.")
def add(database: str, name: str, role: str) -> None:
    """Add a person called NAME (letters and digits, or a mail address) to DATABASE; the password is asked for."""
    with _people(database, create=True) as people:
        password = _ask_password()
        person = people.add(name, password, role=role)
        click.echo(f"{person.name}: added as {person.role}")


@command.command(name="list")
@click.argument("database")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_people(database: str, as_json: bool) -> None:
    """Print who has an account in DATABASE."""
    with _people(database) as people:
        found = people.all()
    if as_json:
        click.echo(json.dumps([{"name": p.name, "role": p.role, "created_at": p.created_at} for p in found]))
        return
    if not found:
        click.echo("nobody has an account here; add someone with `meot people add`", err=True)
    for person in found:
        click.echo(f"{person.name}\t{person.role}")


@command.command()
@click.argument("database")
@click.argument("name")
@click.argument("role", type=_ROLE)
def role(database: str, name: str, role: str) -> None:
    """Give the person called NAME another ROLE."""
    with _people(database) as people:
        people.set_role(people.find(name), role)
    click.echo(f"{name}: {role} from now on")


@command.command()
@click.argument("database")
@click.argument("name")
@click.option("--site", default="", metavar="ADDRESS", help="Where the service is reached, as https://shop.example.")
def reset(database: str, name: str, site: str) -> None:
    """Print a link with which the person called NAME sets a new password; it works once, for a day."""
    with _people(database) as people:
        secret = people.issue(people.find(name), "reset", lasts_s=_LINK_S)
    click.echo(f"{site.rstrip('/')}/reset/{secret}")


@command.command()
@click.argument("database")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask whether that is meant.")
def remove(database: str, name: str, yes: bool) -> None:
    """Delete the account called NAME and everything of that person's: closet, drafts, photos, sessions, tokens."""
    from meot.catalogue.closet import Closet
    from meot.catalogue.people import People
    from meot.service.sell.photos import DraftPhotos

    with _opened(database) as opened:
        person = People(database=opened).find(name)
        if not yes:
            click.confirm(f"Delete {person.name} and everything of theirs? It cannot be undone", abort=True)
        DraftPhotos(root=opened.place.beside("drafts")).forget(person.key)
        Closet(database=opened, person=person.name).forget()
    click.echo(f"{person.name}: gone, with everything that was theirs")


def _ask_password() -> str:
    """A new password: asked for at a terminal, else the same on the first two lines of the input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    first, second = (sys.stdin.readline().rstrip("\r\n") for _ in range(2))
    if first != second:
        raise QueryError("expected the same password on two lines of the input, got two that differ; mend them")
    return first


@contextmanager
def _people(database: str, *, create: bool = False) -> Iterator[People]:
    from meot.catalogue.people import People

    with _opened(database, create=create) as opened:
        yield People(database=opened)


def _opened(database: str, *, create: bool = False) -> Database:
    from meot import settings
    from meot.catalogue.database import Database

    return Database.open(database, create=create, data=settings.load().data)
