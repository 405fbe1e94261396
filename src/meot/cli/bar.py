"""A progress bar for what comes in, products or other things."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm


class Bar:
    """A progress bar on stderr that appears with the first news."""

    def __init__(self, unit: str = "product") -> None:
        self._unit = unit
        self._bar: tqdm[Any] | None = None

    def show(self, done: int, total: int) -> None:
        """Move the bar to ``done`` of ``total``, 0 where nobody knows how many there are."""
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(
                unit=self._unit,
                file=sys.stderr,
                dynamic_ncols=True,
                mininterval=0.1 if sys.stderr.isatty() else 5.0,
            )
        self._bar.total = total or None
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it stands; the next news begin another."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None
