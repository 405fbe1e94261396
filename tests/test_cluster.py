from __future__ import annotations

import os
import signal
import time

import pytest

pytest.importorskip("distributed", reason="needs the distributed extra")

from dask import config

from meot import cluster


def test_a_worker_that_is_slow_to_come_back_is_waited_for() -> None:
    with config.set({"distributed.deploy.lost-worker-timeout": "0s"}):  # slower than that it always is
        started = cluster.start(1)
        try:
            (worker,) = started.wait()
            process = started.client.run(os.getpid)[worker]
            os.kill(process, signal.SIGKILL)
            while worker in started.workers():
                time.sleep(0.05)
            assert started.wait(patience=120) != [worker]
            assert process not in started.client.run(os.getpid).values()
        finally:
            started.close()
