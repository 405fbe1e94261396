"""A shop whose source changes from round to round, and all that a catalogue holds of it, whatever database holds it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from sqlalchemy import select
from tests.builders import ColourReader, write_photo

from meot.catalogue import intake
from meot.catalogue.feeds import Feeds
from meot.catalogue.refresh import refresh
from meot.catalogue.store import Catalogue
from meot.catalogue.tables import garments, offers, photos, prices, product_photos, products

KILLS = int(os.environ.get("MEOT_TEST_KILLS", "2"))
_ROOT = Path(__file__).parents[3]
_OF_A_RUN = {"number", "key", "changed", "first_seen", "seen", "at", "retired", "product", "photo", "offer", "modified"}
_SCRIPT = """
import sys
from pathlib import Path
from meot.catalogue.store import Catalogue
from tests.catalogue.faults.rounds import do
verb, where, source = sys.argv[1:]
with Catalogue.open(where, create=False) as catalogue:
    print("ready", flush=True)
    do(verb, catalogue, Path(source), delay=0.01)
"""


def write_round(folder: Path, number: int) -> Path:
    """The source as it is in a round: some prices change, some products come, some go, some come back."""
    random = np.random.default_rng(number)
    rows = []
    for product in sorted(random.choice(10 + number, 9, replace=False).tolist()):
        photo = folder / f"{product}.png"
        if not photo.exists():
            write_photo(photo, (product % 250, product // 250, 10), lower=(10, 10, product % 250))
        rows.append(f"{product},coat {product},{10 * product + random.integers(3)},{photo.name}\n")
    file = folder / "products.csv"
    file.write_text(f"id,title,price,image\n{''.join(rows)}")
    return file


def do(verb: str, catalogue: Catalogue, source: Path, *, delay: float = 0.0) -> None:
    """Add the source or refresh it, in this process; delay: seconds a photo."""
    reader = ColourReader(delay=delay)
    if verb == "add":
        intake.add(catalogue, reader, source)
        return
    fetcher = intake.build_fetcher(catalogue.place)
    with catalogue.database.persisting():
        feed = Feeds(database=catalogue.database).find(str(source))
    done = refresh(catalogue, reader, feed, fetcher=fetcher, force=True)
    assert not done.refused


def start(verb: str, where: str, source: Path) -> subprocess.Popen[str]:
    """The same in a process of its own, which is just about to begin."""
    environment = os.environ | {"PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'src'}", "OMP_NUM_THREADS": "1"}
    arguments = [sys.executable, "-c", _SCRIPT, verb, where, str(source)]
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> float:
    """Let it come to its end; how many seconds that took."""
    began = time.monotonic()
    assert process.wait(60) == 0
    assert process.stdout is not None
    process.stdout.close()
    return time.monotonic() - began


def kill(process: subprocess.Popen[str], after: float) -> bool:
    """Kill it after so many seconds; whether it was still at work."""
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    assert process.stdout is not None
    process.stdout.close()
    return process.wait() == -signal.SIGKILL


def contents(catalogue: Catalogue) -> dict[str, list[tuple[object, ...]]]:
    """All that the catalogue holds but numbers that databases give and the times of this run."""
    found: dict[str, list[tuple[object, ...]]] = {}
    product, photo = products.c.id.label("of_product"), photos.c.sha256.label("of_photo")
    asked = {
        "products": (select(products, (products.c.retired.is_(None)).label("lives")), products.c.id),
        "offers": (select(product, offers).join(products, products.c.number == offers.c.product), product),
        "prices": (
            select(product, prices).join(offers, offers.c.key == prices.c.offer)
            .join(products, products.c.number == offers.c.product),
            (product, prices.c.at, prices.c.key),
        ),
        "photos": (select(photos), photos.c.sha256),
        "ties": (
            select(product, photo, product_photos.c.place).select_from(product_photos)
            .join(products, products.c.number == product_photos.c.product)
            .join(photos, photos.c.key == product_photos.c.photo),
            (product, product_photos.c.place),
        ),
        "garments": (
            select(photo, garments).join(photos, photos.c.key == garments.c.photo), (photo, garments.c.place),
        ),
    }  # fmt: skip
    with catalogue.database.reading() as connection:
        for name, (query, order) in asked.items():
            rows = connection.execute(query.order_by(*(order if isinstance(order, tuple) else (order,)))).mappings()
            found[name] = [tuple((k, v) for k, v in row.items() if k not in _OF_A_RUN) for row in rows]
    return {name: sorted(rows, key=repr) if name != "prices" else rows for name, rows in found.items()}
