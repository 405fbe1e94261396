"""``meot serve``: open a catalogue in the browser."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from meot.cli.options import encoder_option

if TYPE_CHECKING:
    from meot.settings import Settings
    from meot.wiring import Shop

_LAST_WORDS_SECONDS = 5
"""How long answers under way may take once the service is asked to stop."""
_MOST_CONNECTIONS = 128
_SILENT_SECONDS = 30
"""How long a process may give no sign before it is replaced; on a busy machine it takes some only to start."""
_CANNOT_START = 3
_SERVER: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "lifespan": "on",
    "timeout_graceful_shutdown": _LAST_WORDS_SECONDS,
    "limit_concurrency": _MOST_CONNECTIONS,
}


@click.command()
@click.argument("database", envvar="MEOT_SHOP")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--language", type=click.Choice(["en", "ko"]), help="Language where a visitor's browser does not say.")
@click.option("--log", type=click.Choice(["quiet", "text", "json"]), help="What to write down; quiet: faults only.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer, each whole."
)
@click.option("--create", is_flag=True, help="Make an empty catalogue where there is none yet.")
@encoder_option
def command(
    database: str,
    host: str,
    port: int,
    language: str | None,
    log: str | None,
    workers: int,
    create: bool,
    encoder: str | None,
) -> None:
    """Open the catalogue in DATABASE in the browser: find its products by photo or words. Stop with Ctrl-C.

    DATABASE may also stand in the environment as MEOT_SHOP.
    """
    from dataclasses import replace

    from meot import settings

    chosen = settings.load()
    chosen = replace(
        chosen, language=language or chosen.language, encoder=encoder or chosen.encoder, log=log or chosen.log
    )
    if create:
        from meot.catalogue.database import Database

        Database.open(database, create=True, data=chosen.data).close()
    with _stopping_quietly(), listen(host, port) as listener:
        if workers > 1:
            run_several(database, chosen, listener, workers)
            click.echo("meot: stopped", err=True)
            return
        from meot import wiring

        shop = wiring.open_shop(database, chosen)
        try:
            run(shop, chosen, listener)
        finally:
            shop.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to that address. SettingsError when it is taken or not ours."""
    from meot.errors import SettingsError

    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {host} port {port} ({error.strerror or error}); choose another with --host or --port"
        ) from None


def run(shop: Shop, settings: Settings, listener: socket.socket, *, say: Callable[[str], None] = click.echo) -> None:
    """Serve an open shop on a bound socket until SIGINT or SIGTERM; ``say`` is told the address."""
    import uvicorn

    from meot.service import create_app, logs

    logs.set_up(settings.log)
    config = uvicorn.Config(create_app(shop, settings, works=True), **_SERVER)
    say(f"meot: open {address_of(listener)} in a browser; stop with Ctrl-C")
    uvicorn.Server(config).run(sockets=[listener])


def run_several(
    database: str, settings: Settings, listener: socket.socket, workers: int, *, say: Callable[[str], None] = click.echo
) -> None:
    """Serve ``database`` from several processes on one socket until SIGINT or SIGTERM; one that dies is replaced.

    CatalogueError when it cannot be opened; SettingsError when the processes cannot start.
    """
    import uvicorn

    from meot.catalogue.database import Database
    from meot.errors import SettingsError
    from meot.service import logs
    from meot.service.processes import Processes
    from meot.service.shared_folder import shared_folder

    logs.set_up(settings.log)
    Database.open(database, create=False, data=settings.data).close()  # once, should it be brought up to date
    config = uvicorn.Config(
        "meot.service.factory:build",
        factory=True,
        workers=workers,
        timeout_worker_healthcheck=_SILENT_SECONDS,
        **_SERVER,
    )
    with shared_folder() as shared:
        _hand_down(database, settings, shared)
        say(f"meot: open {address_of(listener)} in a browser; stop with Ctrl-C")
        supervisor = Processes(config, sockets=[listener])
        supervisor.run()
    if any(process.exitcode == _CANNOT_START for process in supervisor.processes):
        raise SettingsError("a process of the service could not start; mend what it said above, then start it again")


def _hand_down(database: str, settings: Settings, shared: Path) -> None:
    """Put into the environment what the processes take from it."""
    told = {"MEOT_SHOP": database, "MEOT_LANGUAGE": settings.language, "MEOT_LOG": settings.log}
    if settings.encoder is not None:
        told["MEOT_ENCODER"] = settings.encoder
    (shared / "counts").mkdir()
    os.environ.update(told, MEOT_SHARED=str(shared), PROMETHEUS_MULTIPROC_DIR=str(shared / "counts"))


def address_of(listener: socket.socket) -> str:
    """The address under which a browser on this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


@contextmanager
def _stopping_quietly() -> Iterator[None]:
    """SIGINT and SIGTERM end the block, what it opened is closed, and the command succeeds.

    The server finishes its answers first and then raises the signal again for whoever was there before: us.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except _Stopped:
        click.echo("meot: stopped", err=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Stopped(Exception):
    """Someone asked the service to stop."""
