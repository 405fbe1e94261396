"""All checks, one behind the other; what one finds wrong does not keep the others from being made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from meot import settings
from meot.errors import MeotError
from meot.service.checkup import machine, shop
from meot.service.checkup.finding import Finding, refused, wrong
from meot.settings import Settings


def check(database: Path | str | None) -> Iterator[Finding]:
    """What there is to say of this machine, and of the catalogue in ``database`` when one is named."""
    yield from machine.check_versions()
    yield from machine.check_settings()
    try:
        chosen = settings.load()
    except MeotError:
        chosen = Settings()  # what is wrong with it was told; the rest is checked all the same
    yield from machine.check_models(chosen)
    yield from machine.check_fonts()
    if database is None:
        yield from machine.check_clock()
        return
    yield from _guarded("database", lambda: _check_shop(database, chosen))


def _check_shop(database: Path | str, chosen: Settings) -> Iterator[Finding]:
    from meot.catalogue.store import Catalogue

    with Catalogue.open(database, create=False, data=chosen.data) as catalogue:
        yield from shop.check_database(catalogue.database)
        yield from _guarded("photos", lambda: shop.check_files(catalogue.database))
        if chosen.index:
            yield from _guarded("index", lambda: machine.check_workers(chosen.index))
        else:
            yield from _guarded("index", lambda: shop.check_index(catalogue, _models(chosen)))
        with catalogue.database.reading() as connection:
            yield from shop.check_accounts(connection, accounts=chosen.accounts)
            yield from shop.check_jobs(connection)
            newest = shop.newest_moment(connection)
        yield from machine.check_clock(newest)


def _models(chosen: Settings) -> Mapping[str, str]:
    from meot import wiring

    return wiring.build_reader(chosen).models


def _guarded(name: str, findings: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from findings()
    except MeotError as error:
        yield refused(name, error)
    except (SQLAlchemyError, OSError) as error:
        said = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        yield wrong(name, said, "mend what it names; what is damaged comes back with `meot restore`")
