"""The machine and its settings: versions, variables of the environment, models, fonts, the clock."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import metadata

from meot import fonts, settings
from meot.errors import MeotError, nearest
from meot.service.checkup.finding import Finding, note, ok, refused, wrong
from meot.settings import Settings

_NEEDED = ("numpy", "onnxruntime", "sqlalchemy", "faiss-cpu", "fastapi", "uvicorn")
_OTHERS = frozenset({"MEOT_SHOP", "MEOT_SHARED"})
_PREFIXES = ("MEOT_HEADER_", "MEOT_TEST_")
_BUILT = 1_760_000_000.0
"""A moment before this version was made, in seconds since 1970; an earlier clock is wrong."""


def check_versions() -> Iterator[Finding]:
    """Python and the libraries that answers stand on."""
    try:
        versions = ", ".join(f"{name} {metadata.version(name)}" for name in _NEEDED)
    except metadata.PackageNotFoundError as error:
        yield wrong("versions", f"{error.name} is not installed", "run pip install meot again")
        return
    yield ok("versions", f"meot {metadata.version('meot')}, Python {platform.python_version()}, {versions}")


def check_settings(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """``meot.toml`` and the environment: values that cannot be, and names that mean nothing."""
    known = {f"MEOT_{field.name.upper()}" for field in fields(Settings)} | _OTHERS
    strange = [
        name
        for name in sorted(environ)
        if name.startswith("MEOT_") and name not in known and not name.startswith(_PREFIXES)
    ]
    for name in strange:
        yield wrong("settings", f"{name} means nothing to meot: {nearest(name, known)}", f"correct or unset {name}")
    try:
        chosen = settings.load()
    except MeotError as error:
        yield refused("settings", error)
        return
    if not strange:
        yield ok("settings", f"log {chosen.log}, metrics {chosen.metrics}, accounts {_word(chosen.accounts)}")
    if chosen.metrics == "public":
        yield note(
            "metrics",
            "whoever reaches the service can read /metrics",
            "keep it behind a proxy that hides that address, or unset MEOT_METRICS and give Prometheus a token",
        )


def check_models(chosen: Settings) -> Iterator[Finding]:
    """The models: there, undamaged, and loadable."""
    from meot import wiring

    try:
        models = wiring.build_reader(chosen).models
        wiring.load_likeness(chosen)
    except MeotError as error:
        yield refused("models", error)
        return
    yield ok("models", ", ".join(f"{part} {name}" for part, name in models.items()))


def check_workers(scheduler: str) -> Iterator[Finding]:
    """The machines that hold the index. ClusterError when none answers."""
    from meot import cluster

    reached = cluster.connect(scheduler)
    try:
        yield ok("index", f"{scheduler} answers, {len(reached.wait())} of its workers hold the vectors")
    finally:
        reached.close()


def check_fonts() -> Iterator[Finding]:
    """A font with Hangul, for pictures with Korean words."""
    found = fonts.korean_font()
    if found is None:
        yield note("fonts", "no font with Hangul here: pictures show boxes for it", "install fonts-nanum, or Noto CJK")
    else:
        yield ok("fonts", found)


def check_clock(newest: float | None = None) -> Iterator[Finding]:
    """The clock. newest: the latest moment that is written in the catalogue, seconds since 1970."""
    now = time.time()
    behind = max(_BUILT, newest or 0.0) - now
    if behind > 300:
        yield wrong(
            "clock", f"this machine's clock is at least {behind / 60:.0f} minutes behind", "set it, with NTP for good"
        )
    else:
        yield ok("clock", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now)))


def _word(value: bool) -> str:
    return "on" if value else "off"
