"""Copies of shards on workers: who holds which, and who takes a lost one's place."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meot.cluster import Cluster, ClusterError
from meot.index.distributed.shard import Shard

PATIENCE = 60.0
"""Seconds after which a worker that does not answer counts as lost."""


_TO_BEGIN = 10.0  # for a new, empty shard


class ShardLostError(ClusterError):
    """A worker died with the only copy of a shard, and nothing is there to make it again from."""


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """A copy of a shard. actor: the proxy of a :class:`meot.index.distributed.shard.Shard`. worker: its address."""

    actor: Any
    worker: str

    def begin(self, method: str, *args: Any) -> Any:
        """Begin a call; :func:`result` waits for it. None when the worker is known to be lost."""
        try:
            return getattr(self.actor, method)(*args)
        except (OSError, RuntimeError):  # Dask's words for a lost actor
            return None


def result(call: Any, patience: float | None = PATIENCE) -> Any:
    """What a call answered; whatever the shard raised is raised. :class:`Lost` when its worker is lost."""
    if call is None:
        raise Lost
    try:
        return call.result(patience)
    except (OSError, RuntimeError) as error:
        raise Lost from error


class Lost(Exception):
    """The worker of a call is gone; no error of the program, since another copy may answer."""


def place(
    cluster: Cluster,
    shards: Sequence[Sequence[Copy]],
    number: int,
    *,
    folder: Path | None = None,
    having: Collection[str] = (),
) -> Copy:
    """A new, empty copy of shard ``number`` on the live worker with the fewest, if possible one without that shard.

    folder: where its worker keeps it; of the workers ``having`` its files one is taken, if possible. ClusterError when
    no worker is there or none takes it.
    """
    until = time.monotonic() + PATIENCE
    burden = Counter(copy.worker for copies in shards for copy in copies)
    holding = {copy.worker for copy in shards[number]}
    while True:  # a worker may die between being listed and being asked
        where = min(
            cluster.wait(), key=lambda worker: (worker in holding, worker not in having, burden[worker], worker)
        )
        with cluster.client.as_current():  # an actor's proxy keeps the client that is current when it is made
            made = cluster.client.submit(
                Shard, folder, actor=True, workers=[where], allow_other_workers=True, pure=False
            )
            try:
                actor = made.result(_TO_BEGIN)
            except (OSError, RuntimeError) as error:
                made.cancel()
                if time.monotonic() < until:
                    continue
                raise ClusterError(f"{where} takes no shard ({error}); look at its log, and start it again") from error
        return Copy(actor, str(actor._address))
