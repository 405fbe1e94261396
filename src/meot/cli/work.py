"""``meot work``: do the jobs of a service in a process of its own."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import click

from meot.cli.options import encoder_option

if TYPE_CHECKING:
    from meot.service.jobs.worker import Worker

_LOOK_S = 0.1


@click.command()
@click.argument("database", envvar="MEOT_SHOP")
@click.option("--once", is_flag=True, help="End when no job waits.")
@click.option("--log", type=click.Choice(["quiet", "text", "json"]), help="What to write down; quiet: faults only.")
@encoder_option
def command(database: str, once: bool, log: str | None, encoder: str | None) -> None:
    """Do the jobs that wait in DATABASE, one behind the other, until Ctrl-C.

    As many of these as you like may work on the same database, on any machine that sees its photos. `meot serve` does
    jobs itself unless MEOT_JOBS=0. What is under way when this is stopped goes back to wait.
    """
    from dataclasses import replace

    from meot import settings, wiring
    from meot.catalogue.jobs import Jobs
    from meot.service import logs
    from meot.service.jobs.kinds import build_kinds
    from meot.service.jobs.worker import Worker

    chosen = settings.load()
    chosen = replace(chosen, encoder=encoder or chosen.encoder, log=log or chosen.log)
    logs.set_up(chosen.log)
    shop = wiring.open_shop(database, chosen)
    try:
        worker = Worker(jobs=Jobs(database=shop.catalogue.database), kinds=build_kinds(shop, chosen))
        work(worker, once=once)
    finally:
        shop.close()


def work(worker: Worker, *, once: bool) -> None:
    """Let a worker work until SIGINT or SIGTERM, or with ``once`` until it has nothing to do."""
    with _stops() as stopped:
        worker.start(once=once)
        while worker.is_alive() and not stopped:
            time.sleep(_LOOK_S)
        worker.stop()
        if stopped:
            click.echo("meot: stopped", err=True)


@contextmanager
def _stops() -> Iterator[list[int]]:
    """The signals that asked to stop, as they come."""
    got: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        got.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield got
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
