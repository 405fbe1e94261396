"""How fast hosts are asked, and which are left alone because they do not answer."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

from meot.catalogue.sources.fetch.address import Refused
from meot.catalogue.sources.fetch.ask import Limits
from meot.hosts import retry_after


class Pace:
    """One for all requests; safe to use from several threads."""

    def __init__(self, *, limits: Limits, sleep: Callable[[float], object] | None = None) -> None:
        self._stopped = threading.Event()
        self._limits, self._sleep = limits, sleep or self._stopped.wait
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._failures: Counter[str] = Counter()

    def wait(self, host: str) -> None:
        """Until the host may be asked. Refused when it failed too often in a row."""
        with self._lock:
            if self._failures[host] >= self._limits.rest_after:
                raise Refused(f"{host} failed {self._limits.rest_after} times in a row and is left alone in this run")
            now = time.monotonic()
            at = max(now, self._next.get(host, now))
            self._next[host] = at + self._limits.pause_s
        if at > now:
            self._sleep(at - now)
        if self._stopped.is_set():
            raise Refused("it was stopped")

    def stop(self) -> None:
        """Let nobody wait any longer, nor ask."""
        self._stopped.set()

    def note(self, host: str, *, answered: bool) -> None:
        """That an address of the host was answered, or given up."""
        with self._lock:
            self._failures[host] = 0 if answered else self._failures[host] + 1

    def back_off(self, host: str, attempt: int, asked_for: str) -> bool:
        """Wait before the next attempt (from 0), as long as the host asks; False when that is longer than allowed."""
        seconds = retry_after(asked_for)
        if seconds is None:
            seconds = self._limits.first_wait_s * 2**attempt
        if seconds > self._limits.longest_wait_s:
            return False
        with self._lock:  # whoever else wants to ask the host waits as well
            self._next[host] = max(self._next.get(host, 0.0), time.monotonic() + seconds)
        self._sleep(seconds)
        return True
