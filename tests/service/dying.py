"""``meot`` with little patience, whose processes die (kill -9) at a moment that a test chose.

A file of its own, so that the processes that answer begin with it, too. In the folder that MEOT_TEST_MOMENTS names lies
a file for each moment at which the next process that reaches it dies; it takes the file with it. With MEOT_TEST_NO_TIME
who asked too often may not ask again, however long the test lasts.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from meot.catalogue import jobs, replies

jobs.BEAT_S, jobs.SILENT_S = 0.5, 5.0
replies.BEAT_S, replies.SILENT_S = 0.5, 3.0

from meot.service.api import pace, shared_buckets  # noqa: E402
from meot.service.closet import inbox  # noqa: E402 - these take the patience from above with them
from meot.service.sell import photos, selling, waiting  # noqa: E402

BEFORE, AFTER = "before", "after"
MOMENTS: dict[str, tuple[Any, str, str]] = {
    "the key is taken": (replies.Replies, "begin", AFTER),
    "a draft's photo is half kept": (photos, "_name", BEFORE),
    "a closet's photo is half kept": (inbox, "_name", BEFORE),
    "a ZIP's photo is kept": (waiting.Waiting, "put", AFTER),
    "a ZIP's photo is copied": (waiting.Waiting, "copy", AFTER),
    "the job half stands": (jobs, "put", AFTER),
    "the job stands": (selling.Selling, "begin", AFTER),
    "the answer is to be kept": (replies.Replies, "keep", BEFORE),
    "the answer is kept": (replies.Replies, "keep", AFTER),
    "the job is taken": (jobs.Jobs, "take", AFTER),
    "the job is to be over": (jobs.Jobs, "finish", BEFORE),
}


def _die(moment: str) -> None:
    try:
        (Path(os.environ["MEOT_TEST_MOMENTS"]) / moment).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _deadly(moment: str, do: Callable[..., Any], when: str) -> Callable[..., Any]:
    def done(*given: Any, **named: Any) -> Any:
        if when == BEFORE:
            _die(moment)
        result = do(*given, **named)
        if when == AFTER and (result is not None or do.__name__ != "take"):
            _die(moment)
        return result

    return done


if "MEOT_TEST_MOMENTS" in os.environ:
    for _moment, (_owner, _name, _when) in MOMENTS.items():
        setattr(_owner, _name, _deadly(_moment, getattr(_owner, _name), _when))

if "MEOT_TEST_NO_TIME" in os.environ:
    vars(shared_buckets)["pour"] = lambda known, *, most, now: pace.pour(known, most=most, now=known[1])

if __name__ == "__main__":
    from meot.cli import main

    main()
