"""Photos read while those before them are stored: in this thread, in several, or (``workers``) in other processes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

from meot import photos
from meot.types import Look, Reader

Item = TypeVar("Item")
Begun = TypeVar("Begun")


class Reading(Protocol):
    """A look that is on its way."""

    def done(self) -> bool:
        """Whether :meth:`result` answers at once."""

    def result(self) -> Look:
        """The look, once it is there. PhotoError when the photo cannot be read."""


class Pool(Protocol):
    """Reads photos beside the caller. Looks may come without their pixels and region map."""

    @property
    def models(self) -> Mapping[str, str]:
        """Part -> name of the model that does it, as :attr:`meot.types.Reader.models`."""

    @property
    def ahead(self) -> int:
        """How many photos are best on their way at once."""

    def submit(self, data: bytes, name: str) -> Reading:
        """Begin to read the photo in ``data``; ``name`` is for messages."""

    def close(self) -> None:
        """Forget what was not begun yet."""


class Inline:
    """Reads in the caller's own thread, one photo after the other."""

    ahead = 1

    def __init__(self, *, reader: Reader) -> None:
        self._reader = reader

    @property
    def models(self) -> Mapping[str, str]:
        """Those of the reader."""
        return self._reader.models

    def submit(self, data: bytes, name: str) -> Reading:
        """Read now."""
        future: Future[Look] = Future()
        try:
            future.set_result(self._reader.read(photos.decode(data, name=name)))
        except Exception as error:  # handed on to whoever asks for the result
            future.set_exception(error)
        return future

    def close(self) -> None:
        """Nothing is left to forget."""


class Threads:
    """Reads several photos at once with one reader, which must be thread-safe.

    A net gains less from several threads on each of its layers than from one thread for each of several photos.
    """

    def __init__(self, *, reader: Reader, threads: int) -> None:
        self._reader, self._threads = reader, threads
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="meot-read")

    @property
    def models(self) -> Mapping[str, str]:
        """Those of the reader."""
        return self._reader.models

    @property
    def ahead(self) -> int:
        """One being read for each thread, and one waiting for it, so that no thread waits for the writer."""
        return 2 * self._threads

    def submit(self, data: bytes, name: str) -> Reading:
        """Begin to decode and read."""
        return self._executor.submit(self._read, data, name)

    def _read(self, data: bytes, name: str) -> Look:
        return self._reader.read(photos.decode(data, name=name))

    def close(self) -> None:
        """Forget what was not begun yet; what was is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def in_order(
    items: Iterable[Item], begin: Callable[[Item], Begun], *, ahead: int, ready: Callable[[Begun], bool]
) -> Iterator[Begun]:
    """What ``begin`` makes of each item, in their order, at most ``ahead`` begun and not yet taken.

    One that is ready is given as soon as those before it were.
    """
    waiting: deque[Begun] = deque()
    for item in items:
        waiting.append(begin(item))
        while waiting and (len(waiting) >= ahead or ready(waiting[0])):
            yield waiting.popleft()
    yield from waiting
