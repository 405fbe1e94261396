"""A service under load: people who look at pages, search by words and by photos, for a while.

The drawn catalogue of ``meot demo`` is served by one process, or by several. Every person does one thing after another,
with a pause of 1 to 5 seconds between; three of ten look at a page, six search by words, one sends a photo. "queue" is
what an answer took beyond the quickest of its kind.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import subprocess
import tempfile
import time
from collections import Counter, defaultdict

import httpx
import numpy as np
from PIL import Image

from bench.serving import MEOT, Service, serving
from bench.table import show
from meot.demo import draw_query

WORDS = (
    "셔츠",
    "navy shirt",
    "조거팬츠",
    "red dress",
    "striped",
    "청바지",
    "nvay",
    "blue",
    "코트",
    "black tank top",
    "sneakers",
)
SHARES = {"page": 0.3, "words": 0.6, "photo": 0.1}


def photos() -> list[bytes]:
    """Some photos as a phone sends them."""
    found = []
    for seed in range(8):
        data = io.BytesIO()
        Image.fromarray(draw_query(seed=seed)).save(data, "JPEG", quality=90)
        found.append(data.getvalue())
    return found


async def ask(client: httpx.AsyncClient, kind: str, dice: random.Random, sent: list[bytes]) -> int:
    """Do one thing of a kind; the status of the answer."""
    if kind == "photo":
        files = {"photo": ("photo.jpg", dice.choice(sent), "image/jpeg")}
        return (await client.post("/api/v1/search/photo", files=files)).status_code
    if kind == "words":
        return (await client.get("/", params={"q": dice.choice(WORDS)})).status_code
    return (await client.get(dice.choice(("/", f"/product/{dice.randint(1, 60)}", "/trends")))).status_code


async def live(
    base: str, seed: int, sent: list[bytes], until: float, told: dict[str, list[float]], faults: Counter[str]
) -> None:
    """One person, who may send one of some photos."""
    dice = random.Random(seed)
    async with httpx.AsyncClient(base_url=base, timeout=60.0) as client:
        await asyncio.sleep(dice.uniform(0, 5))
        while time.monotonic() < until:
            kind = dice.choices(list(SHARES), list(SHARES.values()))[0]
            began = time.perf_counter()
            try:
                status = await ask(client, kind, dice, sent)
            except httpx.HTTPError as error:
                faults[f"{kind}: {type(error).__name__}"] += 1
                continue
            told[kind].append((time.perf_counter() - began) * 1000)
            if status != 200:
                faults[f"{kind}: {status}"] += 1
            await asyncio.sleep(dice.uniform(1, 5))


async def watch(service: Service, until: float, seen: list[float]) -> None:
    """Note the memory every ten seconds."""
    while time.monotonic() < until:
        seen.append(service.resident())
        await asyncio.sleep(10)


async def run(
    service: Service, people: int, seconds: float
) -> tuple[dict[str, list[float]], Counter[str], list[float]]:
    """Everybody at once; milliseconds by kind, faults, memory over time."""
    told: dict[str, list[float]] = defaultdict(list)
    faults: Counter[str] = Counter()
    memory: list[float] = []
    sent = photos()
    until = time.monotonic() + seconds
    everybody = (live(service.base, seed, sent, until, told, faults) for seed in range(people))
    await asyncio.gather(watch(service, until, memory), *everybody)
    return told, faults, memory


def main() -> None:
    """Print times by kind, errors and memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=1, help="processes that answer")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="meot-load-") as folder:
        subprocess.run([*MEOT, "demo", "--out", folder], check=True, capture_output=True)
        where, settings = f"{folder}/shop.db", {"MEOT_RATE": "0"}
        with serving(where, workers=options.workers, port=options.port, settings=settings) as service:
            told, faults, memory = asyncio.run(run(service, options.people, 60 * options.minutes))
    rows: list[dict[str, object]] = []
    for kind, times in told.items():
        found = np.array(times)
        p95 = float(np.quantile(found, 0.95))
        row: dict[str, object] = {
            "kind": kind,
            "answers": len(found),
            "median ms": float(np.median(found)),
            "p95 ms": p95,
        }
        rows.append(row | {"p95 queue ms": p95 - float(found.min()), "slowest ms": float(found.max())})
    show(
        f"{options.people} people, {options.minutes:g} minutes, workers: {options.workers}; "
        f"errors: {dict(faults) or 'none'}",
        rows,
        as_json=options.json,
    )
    third = max(1, len(memory) // 3)
    print(f"memory: {np.mean(memory[:third]):.0f} MB in the first third, {np.mean(memory[-third:]):.0f} MB in the last")


if __name__ == "__main__":
    main()
