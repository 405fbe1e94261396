"""A service under load: people who look at pages, search by words and by photos, for a while.

The drawn catalogue of ``meot demo`` is served by a process of its own. Every person does one thing after another, with
a pause of 1 to 5 seconds between; three of ten look at a page, six search by words, one sends a photo. "queue" is what
an answer took beyond the quickest of its kind.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

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
_START_S = 120.0


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


def resident(process: int) -> float:
    """Megabytes that a process holds in memory (Linux)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


async def watch(process: int, until: float, seen: list[float]) -> None:
    """Note the memory every ten seconds."""
    while time.monotonic() < until:
        seen.append(resident(process))
        await asyncio.sleep(10)


async def run(
    base: str, process: int, people: int, seconds: float
) -> tuple[dict[str, list[float]], Counter[str], list[float]]:
    """Everybody at once; milliseconds by kind, faults, memory over time."""
    told: dict[str, list[float]] = defaultdict(list)
    faults: Counter[str] = Counter()
    memory: list[float] = []
    sent = photos()
    until = time.monotonic() + seconds
    everybody = (live(base, seed, sent, until, told, faults) for seed in range(people))
    await asyncio.gather(watch(process, until, memory), *everybody)
    return told, faults, memory


def main() -> None:
    """Print times by kind, errors and memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    meot = [sys.executable, "-c", "from meot.cli import main; main()"]
    with tempfile.TemporaryDirectory(prefix="meot-load-") as folder:
        subprocess.run([*meot, "demo", "--out", folder], check=True, capture_output=True)
        command = [*meot, "serve", f"{folder}/shop.db", "--port", str(options.port), "--log", "quiet"]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"MEOT_RATE": "0"})
        base = f"http://127.0.0.1:{options.port}"
        try:
            wait(base)
            told, faults, memory = asyncio.run(run(base, server.pid, options.people, 60 * options.minutes))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
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
        f"{options.people} people, {options.minutes:g} minutes; errors: {dict(faults) or 'none'}",
        rows,
        as_json=options.json,
    )
    third = max(1, len(memory) // 3)
    print(f"memory: {np.mean(memory[:third]):.0f} MB in the first third, {np.mean(memory[-third:]):.0f} MB in the last")


def wait(base: str) -> None:
    """Until the service is ready."""
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        try:
            if httpx.get(f"{base}/readyz").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise SystemExit(f"the service at {base} did not become ready; look at what it says")


if __name__ == "__main__":
    main()
