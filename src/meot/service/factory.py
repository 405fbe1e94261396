"""One of several processes of a service: opens the shop that the environment names, and closes it at the end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from meot.errors import MeotError

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from fastapi import FastAPI

SHOP = "MEOT_SHOP"
"""The environment's name for the catalogue that is served: a file or a server's address."""
SHARED = "MEOT_SHARED"
"""The environment's name for a folder that the processes share while they live."""
_CANNOT_START = 3
"""The exit status by which the server knows that starting again is of no use."""


def build() -> FastAPI:
    """The application of this process. It ends the process with one sentence when the shop cannot be opened."""
    from meot import settings, wiring
    from meot.service import logs
    from meot.service.app import create_app

    _follow(multiprocessing.parent_process())
    try:
        chosen = settings.load()
        logs.set_up(chosen.log)
        shop = wiring.open_shop(os.environ[SHOP], chosen)
        shared = Path(os.environ[SHARED])
        return create_app(shop, chosen, works=True, shared=shared, close=shop.close)
    except MeotError as error:
        print(f"meot: {error}", file=sys.stderr)
        sys.exit(_CANNOT_START)


def _follow(watcher: BaseProcess | None) -> None:
    """Stop, as when asked to, once the process that watches over this one is gone: nobody would replace or stop it."""
    if watcher is None:
        return

    def wait() -> None:
        watcher.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="meot-follow", daemon=True).start()
