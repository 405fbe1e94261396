"""What runs beside the answers for as long as the service does: the index is made ready, jobs are worked on."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from types import FrameType

from fastapi import FastAPI

from meot.errors import MeotError
from meot.service.health import Readiness
from meot.service.jobs.worker import Worker

_PATIENCE_S = 1.0
_HOUR_S = 3600.0
Sweeps = Sequence[Callable[[], object]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build_lifespan(
    readiness: Readiness, workers: Sequence[Worker], sweeps: Sweeps, close: Callable[[], None]
) -> Lifespan:
    """From the first to the last answer. sweeps: called at the start and every hour. close: called at the very end."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        readiness.prepare()
        for worker in workers:
            worker.start()
        _hear_of_the_end(workers)
        ended = threading.Event()
        sweeping = threading.Thread(target=_sweep, args=(sweeps, ended), name="meot-sweep", daemon=True)
        sweeping.start()
        try:
            yield
        finally:
            ended.set()
            for worker in workers:
                worker.stop_soon()
            await asyncio.to_thread(sweeping.join, _PATIENCE_S)
            for worker in workers:
                await asyncio.to_thread(worker.stop)
            await asyncio.to_thread(readiness.wait, _PATIENCE_S)
            close()

    return lifespan


def _sweep(sweeps: Sweeps, ended: threading.Event) -> None:
    while True:
        for sweep in sweeps:
            with suppress(MeotError, OSError):  # who is there cannot be asked now: in an hour, then
                sweep()
        if ended.wait(_HOUR_S):
            return


def _hear_of_the_end(workers: Sequence[Worker]) -> None:
    """Let workers stop with the signal, while the server still finishes its answers."""
    if not workers or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()

    def chain(number: signal.Signals) -> None:
        before = signal.getsignal(number)

        def stop(got: int, frame: FrameType | None) -> None:
            for worker in workers:
                loop.call_soon_threadsafe(worker.stop_soon)
            if callable(before):
                before(got, frame)

        signal.signal(number, stop)

    for number in (signal.SIGINT, signal.SIGTERM):
        chain(number)
