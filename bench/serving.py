"""A service in processes of its own, as `meot serve` starts it, for those who measure one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

MEOT = (sys.executable, "-c", "from meot.cli import main; main()")
_START_S = 240.0
_STOP_S = 120.0


@dataclass(frozen=True, slots=True)
class Service:
    """base: its address. process: the one that was started; with several workers it watches over the others."""

    base: str
    process: subprocess.Popen[str]

    def workers(self) -> list[int]:
        """The numbers of the processes that a watcher has started to answer (Linux); [] where one does all."""
        return [child for child in _children(self.process.pid) if "spawn_main" in _command(child)]

    def resident(self) -> float:
        """Megabytes that all of its processes hold in memory (Linux)."""
        return sum(_resident(process) for process in [self.process.pid, *self.workers()])

    def wait(self) -> None:
        """Until it is ready."""
        until = time.monotonic() + _START_S
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.base}/readyz").status_code == 200:
                    return
            time.sleep(0.2)
        raise SystemExit(f"the service at {self.base} did not become ready; look at what it says")

    def stop(self) -> int:
        """Ask it to stop, and wait until it has; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOP_S)


@contextmanager
def serving(
    where: str,
    *,
    workers: int = 1,
    port: int = 0,
    settings: Mapping[str, str] | None = None,
    command: Sequence[str] = MEOT,
    folder: Path | None = None,
) -> Iterator[Service]:
    """A service of the catalogue at ``where``, ready to answer; it is gone at the end, whatever happens.

    settings: for its environment. command: what stands for ``meot``. folder: where it works.
    """
    options = ["--workers", str(workers), "--port", str(port), "--log", "quiet"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"} | dict(settings or {})
    with subprocess.Popen(
        [*command, "serve", where, *options], stdout=subprocess.PIPE, text=True, env=environment, cwd=folder
    ) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        if found is None:
            raise SystemExit("the service did not start; look at what it says above")
        service = Service(found[0], process)
        try:
            service.wait()
            yield service
        finally:
            left = service.workers()
            if process.poll() is None:
                service.stop()
            for worker in left:
                if "spawn_main" in _command(worker):
                    with suppress(ProcessLookupError):  # it ended by itself
                        os.kill(worker, signal.SIGKILL)


def _children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def _resident(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
