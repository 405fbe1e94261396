"""How fast a catalogue is filled, beside the bare models in the same run: photos a second, and their ratio."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bench.table import arguments, show
from meot import photos, wiring
from meot.catalogue import intake
from meot.catalogue.store import Catalogue
from meot.models.session import cores
from meot.settings import Settings
from meot.types import Look, Photo, Reader

ROUNDS = 20
"""Parts that every way reads in turn, so that what else a machine does falls on all of them."""


class Replay:
    """A reader that knows the looks already: what is left is decoding, hashing and writing."""

    def __init__(self, looks: Mapping[str, Look], models: Mapping[str, str]) -> None:
        self._looks, self.models = looks, models

    def read(self, photo: Photo) -> Look:
        """The look that was read before."""
        return self._looks[photo.sha256]

    def read_many(self, photos: Iterable[Photo]) -> Iterator[Look]:
        """Looks in the order of the photos."""
        return map(self.read, photos)


class Timer:
    """Seconds of the clock and of the processor, and photos, by way of reading."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}

    def run(self, way: str, count: int, work: Callable[[], object]) -> None:
        """Time ``work`` on so many photos."""
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        spent = self.spent.setdefault(way, [0.0, 0.0, 0.0])
        for i, value in enumerate((time.perf_counter() - wall, time.process_time() - cpu, count)):
            spent[i] += value


def main() -> None:
    """Print photos a second of the bare models, one and several photos at once, and of filling a catalogue."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--threads", type=int, default=0, help="cores to use; 0 for all, at most 4")
    parser.add_argument("--workers", help="also fill it with so many processes, or on the cluster at an address")
    options = parser.parse_args()
    settings = Settings(models=options.models, threads=options.threads)
    files = sorted((options.data / "catalogue" / "images").glob("*.jpg"))[: options.limit or 320]
    timer, threads = Timer(), cores(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        looks, models = _in_turns(timer, files, settings, threads, Path(folder))
        source = _linked(files, Path(folder) / "all")
        timer.run("writing alone", len(files), lambda: _fill(Path(folder) / "replay.db", source, Replay(looks, models)))
        if options.workers:
            _with_workers(timer, files, settings, options.workers, Path(folder))
        sizes = _sizes(Path(folder) / "replay.db")
    bare = [timer.spent[way] for way in ("bare models, one photo at a time", _at_once(threads))]
    wall, cpu = (min(spent[clock] for spent in bare) / len(files) for clock in (0, 1))
    rows: list[dict[str, object]] = [
        {
            "what": way,
            "photos/s": count / walls,
            "of the fastest bare": wall * count / walls,
            "processor ms a photo": 1000 * cpus / count,
            "of the least bare": cpu * count / cpus,
        }
        for way, (walls, cpus, count) in timer.spent.items()
    ]
    show(f"Reading {len(files)} photos, {threads} threads", rows, as_json=options.json)
    show("The catalogue made", sizes, as_json=options.json)


def _at_once(threads: int) -> str:
    return f"bare models, {threads} photos at once"


def _in_turns(
    timer: Timer, files: list[Path], settings: Settings, threads: int, folder: Path
) -> tuple[dict[str, Look], Mapping[str, str]]:
    """Time the bare models and filling a catalogue on the same photos; the looks by hash, and the models."""
    alone = wiring.build_reader(settings)
    shop = wiring.open_shop(folder / "shop.db", replace(settings, threads=1), create=True)
    looks: dict[str, Look] = {}
    for file in files[:4]:
        alone.read(photos.load(file)), shop.reader.read(photos.load(file))
    parts = [files[number::ROUNDS] for number in range(ROUNDS)]
    for number, part in enumerate(parts):
        decoded, source = [photos.load(file) for file in part], _linked(part, folder / str(number))
        ways = [
            ("bare models, one photo at a time", lambda shown=decoded: list(map(alone.read, shown))),
            (_at_once(threads), lambda shown=decoded: _at_once_read(shop.reader, shown, threads, looks)),
            ("meot catalogue add", lambda source=source: _add(shop, source, settings)),
        ]
        for way, work in ways[number % 3 :] + ways[: number % 3]:
            timer.run(way, len(part), work)
    models = dict(shop.reader.models)
    shop.close()
    return looks, models


def _at_once_read(reader: Reader, shown: list[Photo], threads: int, looks: dict[str, Look]) -> None:
    with ThreadPoolExecutor(threads) as pool:
        looks.update((look.photo.sha256, look) for look in pool.map(reader.read, shown))


def _add(shop: wiring.Shop, source: Path, settings: Settings) -> None:
    with closing(wiring.build_pool(shop, settings)) as pool:
        summary = intake.add(shop.catalogue, shop.reader, source, pool=pool)
    assert not summary.failed, summary.failed


def _fill(database: Path, source: Path, reader: Reader) -> None:
    with Catalogue.open(database, create=True) as catalogue:
        intake.add(catalogue, reader, source)


def _with_workers(timer: Timer, files: list[Path], settings: Settings, workers: str, folder: Path) -> None:
    """Time filling a catalogue with other processes, which have read a few photos before."""
    shop = wiring.open_shop(folder / "workers.db", replace(settings, threads=1), create=True)
    with closing(wiring.build_pool(shop, settings, wiring.reach_workers(workers))) as pool:
        intake.add(shop.catalogue, shop.reader, _linked(files[:16], folder / "warm"), pool=pool)
        source = _linked(files[16:], folder / "rest")
        way = f"meot catalogue add --workers {workers}"
        timer.run(way, len(files) - 16, lambda: intake.add(shop.catalogue, shop.reader, source, pool=pool))
    shop.close()


def _sizes(database: Path) -> list[dict[str, object]]:
    """What the catalogue in a file takes, once it is closed."""
    with Catalogue.open(database, create=False) as catalogue:
        garments = catalogue.counts()["garments"]
        products = catalogue.counts()["products"]
    size = database.stat().st_size
    return [
        {"what": "garments a photo", "value": garments / products},
        {"what": "bytes of the database a garment", "value": size / garments},
    ]


def _linked(files: Iterable[Path], folder: Path) -> Path:
    """A folder of links to photos."""
    folder.mkdir()
    for file in files:
        (folder / file.name).symlink_to(file.resolve())
    return folder


if __name__ == "__main__":
    main()
