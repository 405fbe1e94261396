"""The way to a cluster: a Dask scheduler somewhere, or worker processes of this machine."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from meot.errors import MeotError, SettingsError

SCHEMES = ("tcp", "tls")
_PATIENCE = 20.0
"""Seconds within which a scheduler must answer, and have a worker."""
_COMING_BACK = "1 day"
"""How long a dead worker of :func:`start` may take to be started again; Dask's own 15 s give up on a slow machine, and
on a worker that dies twice, for good.
"""


class ClusterError(MeotError):
    """A cluster cannot be reached, or lost what it was asked to keep."""


def address_of(text: str) -> str:
    """The scheduler's address in ``text``: "tcp://host:port", "tls://host:port", or "dask://host:port" for the first.

    SettingsError when it is none.
    """
    scheme, slashes, place = text.partition("://")
    host, _, port = place.rpartition(":")
    scheme = "tcp" if scheme == "dask" else scheme
    if not slashes or scheme not in SCHEMES or not host or not port.isdecimal():
        raise SettingsError(
            f"expected a scheduler's address such as tcp://10.0.0.5:8786, got {text!r}; `dask scheduler` prints its own"
        )
    return f"{scheme}://{place}"


class Cluster:
    """Worker processes, reached when they are first needed. Close it when done."""

    def __init__(self, *, reach: Callable[[], tuple[Any, Any]]) -> None:
        """reach: gives a ``distributed.Client``, and the cluster that ends with this object or None."""
        self._reach = reach
        self._reached: tuple[Any, Any] | None = None
        self._reaching = Lock()

    @property
    def client(self) -> Any:
        """The ``distributed.Client``; another one when the scheduler was lost and is back.

        ClusterError when nobody answers, or when there is no worker.
        """
        with self._reaching:
            if self._reached is None or self._reached[0].status == "closed":
                self._reached = self._reach()
            return self._reached[0]

    def workers(self) -> list[str]:
        """The addresses of the workers there are now, ascending. ClusterError when the scheduler is gone."""
        return sorted(self._known())

    def wait(self, patience: float = _PATIENCE) -> list[str]:
        """The addresses of the workers, once there is one: a supervisor starts a dead one again within seconds.

        ClusterError when none comes within ``patience`` seconds.
        """
        end = time.monotonic() + patience
        while not (found := self.workers()):
            if time.monotonic() > end:
                raise ClusterError("the scheduler has no worker; start some with `dask worker` and ask again")
            time.sleep(0.1)
        return found

    def threads(self) -> int:
        """How many tasks run at once on all workers together."""
        return sum(worker["nthreads"] for worker in self._known().values())

    def _known(self) -> dict[str, Any]:
        """Worker -> what the scheduler says of it."""
        try:
            return dict(self.client.scheduler_info(n_workers=-1)["workers"])
        except (OSError, RuntimeError, KeyError, AttributeError) as error:  # what Dask raises while it reconnects
            raise ClusterError(
                "the scheduler does not answer; start it and its workers again, then ask again"
            ) from error

    def close(self) -> None:
        """Let go of the workers; those of :func:`start` end."""
        with self._reaching:
            if self._reached is None:
                return
            client, owned = self._reached
            client.close()
            if owned is not None:
                owned.close()


def connect(address: str) -> Cluster:
    """The cluster whose scheduler is at ``address``, see :func:`address_of`; SettingsError for no address."""
    where = address_of(address)
    return Cluster(reach=lambda: (_client(where), None))


def start(workers: int, *, threads: int = 1) -> Cluster:
    """So many worker processes of this machine, each with ``threads``; they end with the cluster.

    SettingsError for less than one.
    """
    if workers < 1:
        raise SettingsError(f"workers must be 1 or more, got {workers}; give one for each core")

    def reach() -> tuple[Any, Any]:
        distributed = _load()
        from dask import config  # there when distributed is

        config.set({"distributed.deploy.lost-worker-timeout": _COMING_BACK})
        with _deaf():
            owned = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=threads,
                processes=True,
                dashboard_address="127.0.0.1:0",
                silence_logs=50,
            )
        return distributed.Client(owned, set_as_default=False, direct_to_workers=True), owned

    return Cluster(reach=reach)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started here leave Ctrl-C to this one, which ends them in good order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _client(where: str) -> Any:
    distributed = _load()
    try:
        client = distributed.Client(where, timeout=_PATIENCE, set_as_default=False, direct_to_workers=True)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"{where}: no scheduler answers ({error}); start one with `dask scheduler`, then `dask worker {where}`"
        ) from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except (TimeoutError, OSError) as error:
        client.close()
        raise ClusterError(f"{where}: the scheduler has no worker; start some with `dask worker {where}`") from error
    return client


def _load() -> Any:
    try:
        import distributed
    except ModuleNotFoundError:
        raise SettingsError(
            "several machines need Dask, which is not installed; run pip install 'meot[distributed]'"
        ) from None
    return distributed
