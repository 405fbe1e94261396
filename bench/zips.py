"""A ZIP of hundreds of photos is sent to a service while others use it: how long its sender and the others wait.

Real photos are packed, some of them blown up to the 12 megapixels of a phone. Others search by words and look at pages,
with a pause of half a second between: first alone, then while the ZIP is sent and answered, then while its job goes on.
"processor s" is the service's own time, which a busy machine makes no longer, with what it takes to answer the others.
"""

from __future__ import annotations

import asyncio
import io
import os
import random
import subprocess
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from bench.load import ask
from bench.serving import MEOT, Service, serving
from bench.table import arguments, show

_ALONE_S = 15.0
_PAUSE_S = 0.5
_PATIENCE_S = 1800.0
_PHONE = (3000, 4000)
_BLOWN_UP = 10


def choose(data: Path, count: int, large: int) -> list[bytes]:
    """So many photos of people and flat lays, the first ``large`` of them as large as a phone's."""
    found = [path for folder in ("clothing", "ccp") for path in sorted((data / folder).rglob("*.jpg"))]
    chosen = random.Random(0).sample(found, count)
    blown_up = [_blow_up(path) for path in chosen[: min(large, _BLOWN_UP)]]
    phone = [blown_up[place % _BLOWN_UP] + str(place).encode() for place in range(large)]  # each another file
    return phone + [path.read_bytes() for path in chosen[large:]]


def _blow_up(path: Path) -> bytes:
    with Image.open(path) as photo:
        written = io.BytesIO()
        photo.convert("RGB").resize(_PHONE, Image.Resampling.BICUBIC).save(written, "JPEG", quality=90)
        return written.getvalue()


def pack(photos: Sequence[bytes], product: int = 4) -> bytes:
    """A ZIP of them, so many in a folder."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as packing:
        for place, photo in enumerate(photos):
            packing.writestr(f"P{place // product:04}/{place % product}.jpg", photo)
    return written.getvalue()


@asynccontextmanager
async def others(service: Service, count: int, what: str) -> AsyncIterator[dict[str, object]]:
    """So many people who ask for as long as the block takes; what that was like is told when it is over."""
    told, held, row = list[float](), list[float](), dict[str, object]()

    async def one(seed: int) -> None:
        dice = random.Random(seed)
        async with httpx.AsyncClient(base_url=service.base, timeout=60.0) as client:
            while True:
                began = time.perf_counter()
                status = await ask(client, dice.choice(("words", "page")), dice, [])
                told.append((time.perf_counter() - began) * 1000 if status == 200 else float("inf"))
                await asyncio.sleep(_PAUSE_S)

    async def watch() -> None:
        while True:
            held.append(service.resident())
            await asyncio.sleep(0.1)

    tasks = [asyncio.create_task(each) for each in (watch(), *(one(seed) for seed in range(count)))]
    began, before = time.perf_counter(), _processor_s(service)
    try:
        yield row
        row |= {"what": what, "seconds": time.perf_counter() - began, "processor s": _processor_s(service) - before}
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for fault in ended:
        if not isinstance(fault, asyncio.CancelledError) and isinstance(fault, BaseException):
            raise fault
    median, p95, slowest = np.quantile(told or [0.0], (0.5, 0.95, 1.0)).tolist()
    row |= {"answers": len(told), "median ms": median, "p95 ms": p95, "slowest ms": slowest, "most MB": max(held)}


def _processor_s(service: Service) -> float:
    """Seconds that the service's process took of a processor (Linux)."""
    told = Path(f"/proc/{service.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


async def run(service: Service, to: str, zips: Sequence[bytes], people: int, *, job: bool) -> list[dict[str, object]]:
    """A row for each of the three whiles; without ``job`` for the first two."""
    async with others(service, people, "others alone") as alone:
        await asyncio.sleep(_ALONE_S)
    async with httpx.AsyncClient(base_url=service.base, timeout=_PATIENCE_S) as client:
        async with others(service, people, "until it is answered") as sending:
            files = [("photo", (f"{place}.zip", data, "application/zip")) for place, data in enumerate(zips)]
            answers = await asyncio.gather(*(client.post(to, files=[file]) for file in files))
            for answer in answers:
                answer.raise_for_status()
        if not job:
            return [alone, sending]
        async with others(service, people, "until its job is done") as working:
            for answer in answers:
                asked = f"/api/v1/jobs/{answer.json()['job']}"
                while (await client.get(asked)).json()["state"] in ("waiting", "running"):
                    await asyncio.sleep(0.5)
    return [alone, sending, working]


def main() -> None:
    """Print how long everybody waited."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--count", type=int, default=500, help="photos in a ZIP")
    parser.add_argument("--large", type=int, default=100, help="of those as large as a phone's")
    parser.add_argument("--zips", type=int, default=1, help="sent at once, each by a request of its own")
    parser.add_argument("--people", type=int, default=5, help="others who ask meanwhile")
    parser.add_argument("--to", choices=("closet", "drafts"), default="closet")
    parser.add_argument("--no-job", action="store_true", help="do not wait for its job")
    options = parser.parse_args()
    photos = choose(options.data, options.count * options.zips, options.large * options.zips)
    zips = [pack(photos[place :: options.zips]) for place in range(options.zips)]
    with tempfile.TemporaryDirectory(prefix="meot-zips-") as folder:
        subprocess.run([*MEOT, "demo", "--out", folder], check=True, capture_output=True)
        with serving(f"{folder}/shop.db", settings={"MEOT_RATE": "0"}) as service:
            rows = asyncio.run(run(service, f"/api/v1/{options.to}", zips, options.people, job=not options.no_job))
    size = sum(map(len, zips)) >> 20
    title = f"{options.zips} ZIP(s) of {options.count} photos, {options.large} of 12 megapixels, {size} MB"
    show(title, rows, as_json=options.json)


if __name__ == "__main__":
    main()
