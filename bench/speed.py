"""How long a full read takes once loaded, how much of it the bare nets take, its memory, and how fast meot starts."""

from __future__ import annotations

import operator
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from bench.table import arguments, show
from meot import photos, wiring
from meot.data.sources import ccp
from meot.models.session import OnnxSession
from meot.settings import Settings
from meot.types import Photo, Reader


def main() -> None:
    """Print medians over single photos of 550x830, one at a time."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--runs", type=int, default=40, help="photos to time")
    options = parser.parse_args()
    started = time.perf_counter()
    reader = wiring.build_reader(Settings(models=options.models))
    loaded = time.perf_counter() - started
    files = [row.photo for row in ccp.read(options.data / "ccp", "validation", masked_only=False)][: options.runs]
    shown = [_at_size(photos.load(f)) for f in files]
    for photo in shown[:3]:
        reader.read(photos.decode(photo))
    walls, cpus, nets, garments = [], [], [], []
    for data in shown:
        wall, cpu = time.perf_counter(), time.process_time()
        look = reader.read(photos.decode(data))
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
        nets.append(_nets_ms(reader, data))
        garments.append(len(look.garments))
    start = statistics.median(_import_ms() for _ in range(5))
    show(
        "Speed",
        [
            {"what": "full read, JPEG bytes to look, median", "value": statistics.median(walls), "unit": "ms"},
            {"what": "the same, processor time", "value": statistics.median(cpus), "unit": "ms"},
            {"what": "processor time of the bare nets, run again", "value": statistics.median(nets), "unit": "ms"},
            {"what": "full read / that", "value": statistics.median(map(operator.truediv, walls, nets)), "unit": ""},
            {"what": "full read, 95th percentile", "value": sorted(walls)[int(0.95 * len(walls))], "unit": "ms"},
            {"what": "garments a photo, mean", "value": statistics.mean(garments), "unit": ""},
            {"what": "loading the models", "value": loaded * 1000, "unit": "ms"},
            {
                "what": "peak memory of this process",
                "value": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "unit": "MB",
            },
            {"what": "import meot", "value": start, "unit": "ms"},
        ],
        as_json=options.json,
    )


def _nets_ms(reader: Reader, data: bytes) -> float:
    """Processor time of the nets alone on what a read of the photo shows them: what no other code can undercut."""
    ran: list[tuple[OnnxSession, Mapping[str, NDArray[np.float32]]]] = []
    plain = OnnxSession.run

    def noting(session: OnnxSession, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        ran.append((session, inputs))
        return plain(session, inputs)

    with mock.patch.object(OnnxSession, "run", noting):
        reader.read(photos.decode(data))
    started = time.process_time()
    for session, inputs in ran:
        plain(session, inputs)
    return (time.process_time() - started) * 1000


def _at_size(photo: Photo) -> bytes:
    """The photo as a JPEG of 550x830, the size the claim is about."""
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(photo.pixels).resize((550, 830)).save(file, "JPEG", quality=90)
    return file.getvalue()


def _import_ms() -> float:
    code = "import time; t = time.perf_counter(); import meot; print((time.perf_counter() - t) * 1000)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
