"""How well collecting tells copies from other photos, and how fast it is, on a site of real photos on this machine.

Protocol: the photos of a set stand on pages of 50, and each fifth one stands there a second time as a copy: smaller,
cut by 3 % at each edge, darker, or recompressed, by turns. There is no delay. A copy is found when it is noted as the
duplicate of its own photo. A photo that is noted as another's duplicate is lost, and named, to be looked at: some sets
have true ones.
"""

from __future__ import annotations

import io
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from PIL import Image, ImageEnhance

from bench.table import arguments, show
from meot import photos
from meot.data.crawl.collection import RECORDS
from meot.data.crawl.plan import Plan
from meot.data.crawl.run import collect
from meot.data.duplicates import DISTANCE

KINDS = ("smaller", "cut", "darker", "recompressed")
_PAGE, _EVERY = 50, 5


def copy(file: Path, kind: str) -> bytes:
    """The bytes of a changed copy of a photo."""
    image = Image.open(file).convert("RGB")
    width, height = image.size
    if kind == "smaller":
        image = image.resize((round(0.6 * width), round(0.6 * height)))
    elif kind == "cut":
        image = image.crop((round(0.03 * width), round(0.03 * height), round(0.97 * width), round(0.97 * height)))
    elif kind == "darker":
        image = ImageEnhance.Brightness(image).enhance(0.92)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=45 if kind == "recompressed" else 85)
    return data.getvalue()


class _Visit(BaseHTTPRequestHandler):
    server: _Site

    def do_GET(self) -> None:
        body = self.server.answer(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html" if self.path.startswith("/page") else "image/jpeg")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Site(ThreadingHTTPServer):
    def __init__(self, files: list[Path]) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self._files = files
        names = [f"/{i}.jpg" for i in range(len(files))]
        self.copies = {f"/{i}-{KINDS[i // _EVERY % 4]}.jpg": names[i] for i in range(0, len(files), _EVERY)}
        self._names = [*names, *self.copies]

    def answer(self, path: str) -> bytes:
        """A page, a photo or a copy; nothing for any other path."""
        name = path.strip("/")
        if name.startswith("page"):
            start = int(name[4:]) * _PAGE
            shown = "".join(f"<img src={one}>" for one in self._names[start : start + _PAGE])
            return (f"{shown}<a href=/page{int(name[4:]) + 1}>next</a>" if shown else "").encode()
        number, _, kind = name.removesuffix(".jpg").partition("-")
        if not number.isdigit():
            return b""
        file = self._files[int(number)]
        return copy(file, kind) if kind else file.read_bytes()


@contextmanager
def _serve(files: list[Path]) -> Iterator[tuple[_Site, str]]:
    with _Site(files) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        try:
            yield site, f"http://127.0.0.1:{site.server_address[1]}"
        finally:
            site.shutdown()


def collected(files: list[Path], distance: int) -> tuple[list[dict[str, str]], dict[str, str], dict[str, object]]:
    """The records of a crawl (addresses as paths), copy -> its original, and what the crawl cost."""
    with _serve(files) as (site, address), tempfile.TemporaryDirectory() as folder:
        asked = {
            "follow": "/page",
            "depth": 10_000,
            "delay": 0.0,
            "min_side": 32,
            "private_hosts": ("*",),
            "distance": distance,
        }
        plan = Plan(addresses=(f"{address}/page0",), folder=Path(folder), **asked)  # type: ignore[arg-type]
        began = time.perf_counter()
        summary = collect(plan)
        seconds = time.perf_counter() - began
        lines = (Path(folder) / RECORDS).read_text("utf-8").splitlines()[1:]
    records = [json.loads(line) for line in lines]
    for record in records:
        record["image"] = record["image"].removeprefix(address)
    cost: dict[str, object] = {
        "pictures": len(records),
        "pages": summary.pages,
        "seconds": round(seconds, 1),
        "ms each": round(1000 * seconds / max(len(records), 1), 1),
        "memory, MB": round(getrusage(RUSAGE_CHILDREN).ru_maxrss / 1024),
    }
    return records, site.copies, cost


def found(records: list[dict[str, str]], copies: dict[str, str]) -> list[dict[str, object]]:
    """A row a kind of copy, and one of photos that were taken for another one."""
    path = {record["sha256"]: record["image"] for record in records}
    like = {record["image"]: path[record["of"]] for record in records if record["outcome"] == "duplicate"}
    rows: list[dict[str, object]] = []
    for kind in KINDS:
        of_kind = [name for name in copies if kind in name]
        hits = sum(like.get(name) == copies[name] or like.get(copies[name]) == name for name in of_kind)
        rows.append({"photo": f"copy, {kind}", "n": len(of_kind), "noted as that photo's duplicate": hits})
    others = [name for name, other in like.items() if copies.get(name, name) != copies.get(other, other)]
    print("taken for another photo: " + (", ".join(f"{name} for {like[name]}" for name in others[:20]) or "none"))
    rows.append({"photo": "any, as another's", "n": len(records), "noted as that photo's duplicate": len(others)})
    return rows


def main() -> None:
    """Print for each set of photos what became of its copies, and what the crawl cost."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--distance", type=int, default=DISTANCE, help="bits of 64 between duplicates")
    options = parser.parse_args()
    for name in ("ccp/photos", "clothing/images"):
        files = list(photos.find(options.data / name))[: options.limit]
        records, copies, cost = collected(files, options.distance)
        show(f"{name}: what was found", found(records, copies), as_json=options.json)
        show(f"{name}: the crawl", [cost], as_json=options.json)


if __name__ == "__main__":
    main()
