"""What the service counts, in Prometheus' text format. Labels are routes, statuses and states: nobody's name or key."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from meot.catalogue.jobs import Jobs
from meot.errors import MeotError
from meot.service.observed import Observation

if TYPE_CHECKING:
    from meot.wiring import Shop

CONTENT_TYPE = CONTENT_TYPE_LATEST
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The environment's name for a folder in which the processes of one service count together."""
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_KEPT_S = 10.0


class Metrics:
    """Counts requests and photos, and tells of the catalogue when it is asked. Each application has its own."""

    def __init__(self, *, shop: Shop, jobs: Jobs) -> None:
        self._shared = os.environ.get(SHARED)
        self._registry = CollectorRegistry()
        home = None if self._shared else self._registry
        self._requests = Histogram(
            "meot_http_request_seconds",
            "How long requests took to answer.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=home,
        )
        self._photos = Counter(
            "meot_photos", "Photos of visitors that were let in to be read, or refused.", ("outcome",), registry=home
        )
        self._waiting = Gauge(
            "meot_photos_waiting",
            "Photos of visitors that wait to be read.",
            registry=home,
            multiprocess_mode="livesum",
        )
        self._catalogue = _CatalogueCollector(shop=shop, jobs=jobs)
        if self._shared:
            _forget_dead(Path(self._shared))
        else:
            self._registry.register(self._catalogue)
            ProcessCollector(registry=self._registry)

    def observe(self, seen: Observation) -> None:
        """Count a request."""
        self._requests.labels(seen.method, seen.route, str(seen.status)).observe(seen.seconds)

    def watch_gate(self, what: str, waiting: int) -> None:
        """Count what happens at the gate, see :data:`meot.service.gate.Watch`."""
        self._waiting.set(waiting)
        if what != "wait":
            self._photos.labels(what).inc()

    def render(self) -> bytes:
        """Everything, of all processes of the service together."""
        if not self._shared:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, self._shared)  # type: ignore[no-untyped-call]
        registry.register(self._catalogue)
        return generate_latest(registry)


class _CatalogueCollector(Collector):
    """Looks into the catalogue when it is asked, every few seconds at most."""

    def __init__(self, *, shop: Shop, jobs: Jobs) -> None:
        self._shop, self._jobs = shop, jobs
        self._found: list[Metric] = []
        self._at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        """The catalogue's figures; only that it cannot be read when it cannot."""
        if time.monotonic() - self._at > _KEPT_S:
            self._found, self._at = list(self._look()), time.monotonic()
        yield from self._found

    def _look(self) -> Iterator[Metric]:
        try:
            counts, states = self._shop.catalogue.counts(), self._jobs.counts()
            generation = self._shop.catalogue.generation()
        except (MeotError, SQLAlchemyError):
            yield GaugeMetricFamily("meot_database_up", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("meot_database_up", "Whether the database answers.", 1)
        yield GaugeMetricFamily("meot_catalogue_generation", "Grows with every change of the catalogue.", generation)
        stored = GaugeMetricFamily("meot_catalogue_rows", "What the catalogue holds.", labels=["kind"])
        for kind, count in counts.items():
            stored.add_metric([kind], count)
        yield stored
        working = GaugeMetricFamily("meot_jobs", "Jobs by what has become of them.", labels=["state"])
        for state, count in states.items():
            working.add_metric([state], count)
        yield working
        size = self._shop.search.describe()["vectors"]
        yield GaugeMetricFamily("meot_index_vectors", "Vectors in this process' index.", float(size))


def _forget_dead(folder: Path) -> None:
    """Take processes that were killed out of what is counted as it is now."""
    for file in folder.glob("gauge_live*_*.db"):
        number = file.stem.rpartition("_")[2]
        try:
            os.kill(int(number), 0)
        except (ProcessLookupError, ValueError):
            mark_process_dead(number, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            continue
