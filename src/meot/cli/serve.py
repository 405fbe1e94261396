"""``meot serve``: open a catalogue in the browser."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import click

from meot.cli.options import encoder_option

if TYPE_CHECKING:
    from meot.settings import Settings
    from meot.wiring import Shop

_LAST_WORDS_SECONDS = 5
"""How long answers under way may take once the service is asked to stop."""
_MOST_CONNECTIONS = 128


@click.command()
@click.argument("database")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--language", type=click.Choice(["en", "ko"]), help="Language where a visitor's browser does not say.")
@encoder_option
def command(database: str, host: str, port: int, language: str | None, encoder: str | None) -> None:
    """Open the catalogue in DATABASE in the browser: find its products by photo or words. Stop with Ctrl-C."""
    from dataclasses import replace

    from meot import settings, wiring

    chosen = settings.load()
    chosen = replace(chosen, language=language or chosen.language, encoder=encoder or chosen.encoder)
    with _stopping_quietly(), listen(host, port) as listener:
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

    from meot.service import create_app

    config = uvicorn.Config(
        create_app(shop, settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_LAST_WORDS_SECONDS,
        limit_concurrency=_MOST_CONNECTIONS,
    )
    say(f"meot: open {address_of(listener)} in a browser; stop with Ctrl-C")
    uvicorn.Server(config).run(sockets=[listener])


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
