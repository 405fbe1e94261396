"""Photos read on the workers of a Dask cluster; only their files and what was read from them travel."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from dataclasses import replace
from functools import cache
from threading import Lock
from typing import Any

import numpy as np

from meot import photos
from meot.catalogue.pool import Reading
from meot.cluster import Cluster, ClusterError
from meot.errors import PhotoError
from meot.types import Look, Photo, Reader

_APART = 4 << 20
"""A photo of more bytes goes straight to a worker, past the scheduler."""
_PATIENCE = 60.0
"""Seconds after which it is asked whether there is a worker at all."""
_building = Lock()


class Workers:
    """A :class:`meot.catalogue.pool.Pool` whose photos are read in other processes, on this machine or on others.

    A worker builds its reader once. When one dies, Dask gives its photos to another.
    """

    def __init__(
        self,
        *,
        cluster: Cluster,
        build: Callable[[], Reader],
        models: Callable[[], Mapping[str, str]],
        expected: Mapping[str, str],
        finish: Callable[[Look], Look] = lambda look: look,
    ) -> None:
        """build: makes a worker's reader; it is pickled. expected: the models that reader must have.

        finish: what is done here with a look; models: those of the finished look.
        """
        self._cluster, self._models, self._expected, self._finish = cluster, models, dict(expected), finish
        self._build = pickle.dumps(build)
        self._threads = cluster.threads()

    @property
    def models(self) -> Mapping[str, str]:
        """Part -> name of the model that does it."""
        return self._models()

    @property
    def ahead(self) -> int:
        """Two photos for each thread of a worker, so that none waits for the network."""
        return 2 * self._threads + 2

    def submit(self, data: bytes, name: str) -> Reading:
        """Begin to read the photo on whichever worker is free."""
        client = self._cluster.client
        sent = client.scatter(data, hash=False) if len(data) > _APART else data
        return _Task(client.submit(read, self._build, sent, name, pure=False), name, self._check, self._cluster)

    def _check(self, look: Look) -> Look:
        if dict(look.models) != self._expected:
            raise ClusterError(
                f"expected workers that read with {_text(self._expected)}, got {_text(look.models)}; install the same "
                "meot and models everywhere and start the workers again"
            )
        return self._finish(look)

    def close(self) -> None:
        """Let go of the cluster; what was not begun yet is forgotten."""
        self._cluster.close()


class _Task:
    """A photo that a worker reads."""

    def __init__(self, future: Any, name: str, check: Callable[[Look], Look], cluster: Cluster) -> None:
        self._future, self._name, self._check, self._cluster = future, name, check, cluster

    def done(self) -> bool:
        """Whether the worker is through."""
        return bool(self._future.done())

    def result(self) -> Look:
        """The look. PhotoError when the photo cannot be read, ClusterError when the cluster is gone."""
        from distributed import KilledWorker

        try:
            while True:
                try:
                    return self._check(self._future.result(_PATIENCE))
                except TimeoutError:
                    self._cluster.wait()  # raises once nobody is left to read it
        except KilledWorker as error:
            raise PhotoError(
                f"{self._name}: every worker that was given it died; look at their logs, or leave the photo out"
            ) from error
        except (OSError, CancelledError) as error:  # what Dask raises when its scheduler is gone
            raise ClusterError(
                "the scheduler is gone; what is in is safe: start it, its workers and the same command again"
            ) from error


def read(build: bytes, data: bytes, name: str) -> Look:
    """On a worker: the look of the photo in ``data``, without pixels and region map, which nobody stores."""
    with _building:
        reader = _reader(build)
    look = reader.read(photos.decode(data, name=name))
    photo = Photo(np.zeros((1, 1, 3), np.uint8), look.photo.sha256, look.original)
    return replace(look, photo=photo, regions=np.zeros((1, 1), np.uint8))


@cache
def _reader(build: bytes) -> Reader:
    made: Reader = pickle.loads(build)()  # from the scheduler's own clients: see docs/scale.md on closed networks
    return made


def _text(models: Mapping[str, str]) -> str:
    return ", ".join(f"{part} {name}" for part, name in sorted(models.items()))
