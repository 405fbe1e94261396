"""Names of the tests' databases, which say whose they are, so that what a killed run left behind can be told."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import time
from pathlib import Path

DAY = 86_400
_NAME = re.compile(r"meot_test_([0-9a-f]{6})_([0-9]+)_([0-9]+)(_.*)?")


def _place() -> str:
    """The machine and, where there are containers, the one of them, whose process ids these are; 6 letters."""
    ids = Path("/proc/self/ns/pid")
    told = f"{socket.gethostname()} {os.readlink(ids) if ids.is_symlink() else ''}"
    return hashlib.sha256(told.encode()).hexdigest()[:6]


PLACE = _place()
STARTED = int(time.time())


def named(what: str = "") -> str:
    """The name of a database of this process, ``what`` telling it from its others."""
    return f"meot_test_{PLACE}_{os.getpid()}_{STARTED}" + (f"_{what}" if what else "")


def is_stale(name: str, *, now: float | None = None) -> bool:
    """Whether a database was left by a test run that is over: its process is gone, or it began more than a day ago.

    False for every name that :func:`named` does not make. Processes of other machines are only judged by their age.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return False
    place, process, started, _ = found.groups()
    if (time.time() if now is None else now) - int(started) > DAY:
        return True
    return place == PLACE and not _runs(int(process))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    return True
