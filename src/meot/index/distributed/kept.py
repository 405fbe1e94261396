"""Shards in files of the workers' machines: how their folders are called, and who has which."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from meot.cluster import Cluster
from meot.index.files import MANIFEST

_NAME = re.compile(r"([0-9]+)-of-([0-9]+)")


def folder_of(folder: Path, number: int, count: int) -> Path:
    """Where one of so many shards is kept."""
    return folder / f"{number}-of-{count}"


def listed(folder: Path) -> list[tuple[int, int]]:
    """(number, count) of the shards that were saved in a folder of this machine; none where it cannot be read."""
    try:
        named = [(path, found) for path in folder.iterdir() if (found := _NAME.fullmatch(path.name))]
        return [(int(found[1]), int(found[2])) for path, found in named if (path / MANIFEST).is_file()]
    except OSError:
        return []


def find_kept(cluster: Cluster, folder: Path) -> dict[tuple[int, int], set[str]]:
    """(number, count) of shards that are kept -> the workers that see its files. ClusterError when nobody is there."""
    cluster.wait()
    kept: dict[tuple[int, int], set[str]] = {}
    for worker, shards in cluster.client.run(listed, folder, on_error="ignore").items():
        for shard in shards:
            kept.setdefault(shard, set()).add(worker)
    return kept


def count_of(kept: dict[tuple[int, int], set[str]]) -> int | None:
    """How many shards the most complete index among the kept has; None when none is kept."""
    there = Counter(count for _, count in kept)
    return max(there, key=lambda count: (there[count] / count, count), default=None)
