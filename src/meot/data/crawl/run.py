"""Starts a crawl in a process of its own, shows how far it is, and hands back what came of it."""

from __future__ import annotations

import importlib.util
import json
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

from meot.data.crawl.plan import OUTCOMES, Plan, Summary
from meot.errors import DataError

_MOST_REASONS = 20
_GRACE = 90.0
"""Seconds that a stopped crawl has to end what is under way."""


def collect(plan: Plan, *, show: bool = True) -> Summary:
    """Run a plan. show: a progress bar on standard error.

    A keyboard interrupt lets what is under way end; the summary then says that the run is not finished. DataError
    without the collect extra, for a folder that cannot be written, and for one that another run is collecting in.
    """
    if importlib.util.find_spec("scrapy") is None:
        raise DataError("collecting needs Scrapy, which is not installed; run: pip install 'meot[collect]'")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as trouble, _bar(plan, show) as bar:
        with _process(plan, trouble) as process:
            heard = _Heard(bar)
            _listen(process, heard)
        if heard.end is None and heard.stopped:
            raise KeyboardInterrupt
        if heard.broken or heard.end is None:
            trouble.seek(0)
            last = trouble.read().strip().rpartition("\n")[2]
            raise DataError(
                heard.broken or f"the crawl ended unexpectedly ({last or process.returncode}); run it again"
            )
    return Summary(
        counts={outcome: heard.counts[outcome] for outcome in OUTCOMES},
        pages=heard.pages,
        photos=heard.end["photos"],
        table=Path(heard.end["table"]),
        finished=heard.end["end"],
        reasons=tuple(heard.reasons),
    )


class _Heard:
    """What the crawl has said so far."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self.counts: Counter[str] = Counter()
        self.pages = 0
        self.reasons: list[str] = []
        self.broken = ""
        self.stopped = False
        self.end: dict[str, Any] | None = None

    def take(self, event: dict[str, Any]) -> None:
        """One event."""
        if "begin" in event:
            self._bar.n = self._bar.initial = event["begin"]
        elif "page" in event:
            self.pages += 1
        elif "outcome" in event:
            self.counts[event["outcome"]] += 1
            if event["outcome"] == "failed" and len(self.reasons) < _MOST_REASONS:
                self.reasons.append(f"{event['address']}: {event['reason']}")
            self._bar.n = event["photos"]
            self._bar.update(0)
        elif "broken" in event:
            self.broken = event["broken"]
        else:
            self.end = event
        self._bar.set_postfix({"pages": self.pages, **self.counts}, refresh=False)


def _listen(process: subprocess.Popen[str], heard: _Heard) -> None:
    """Take events until there are no more; at an interrupt ask the crawl to end, and listen on."""
    assert process.stdout is not None
    while True:
        try:
            for line in process.stdout:
                heard.take(json.loads(line))
            return
        except KeyboardInterrupt:
            if heard.stopped:
                raise
            heard.stopped = True
            process.send_signal(signal.SIGINT)


@contextmanager
def _process(plan: Plan, trouble: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """The crawl's process, in a session of its own so that a terminal's interrupt comes here first."""
    command = [sys.executable, "-m", "meot.data.crawl"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=trouble, text=True, encoding="utf-8", start_new_session=True
    ) as process:
        assert process.stdin is not None
        try:
            process.stdin.write(plan.as_json() + "\n")
            process.stdin.close()
            yield process
            process.wait(_GRACE)
        finally:
            process.kill()


def _bar(plan: Plan, show: bool) -> Any:
    return tqdm(total=plan.most, desc=plan.name or "photos", unit=" photos", disable=not show, mininterval=0.5)
