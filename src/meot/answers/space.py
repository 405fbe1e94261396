"""Where words stand on a picture: beside what they name, over nothing that matters, never over each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meot.types import Box

_GAP = 3
"""Pixels between two plates."""
_STEPS = 28
"""Places tried across and down where the ones at the garment's corners are taken."""
_ON_TOP = 0.5
"""How much worse an upper corner of the picture is than a lower one: heads are up there."""
_BELOW = 0.05
"""Share of the picture's height by which the lower corners count as farther away than the upper ones."""


class Space:
    """What is still free on a picture.

    busy: (H, W) at the picture's size, 0 where a plate does no harm, larger where it hides more.
    """

    def __init__(self, *, busy: NDArray[np.uint8]) -> None:
        self.height, self.width = busy.shape
        self._sums = np.zeros((self.height + 1, self.width + 1), np.int64)
        np.cumsum(np.cumsum(busy, 1, dtype=np.int32), 0, out=self._sums[1:, 1:])
        self._taken: list[Box] = []

    @property
    def taken(self) -> int:
        """How many plates there are."""
        return len(self._taken)

    def forget(self, after: int) -> None:
        """Forget every plate behind the first ``after``."""
        del self._taken[after:]

    def take_corner(self, wide: int, tall: int) -> Box | None:
        """Take the corner of the picture that hides least, a lower one when they are alike; None: no room."""
        x, y = max(0, self.width - wide), max(0, self.height - tall)
        corners = np.array([(0, y), (x, y), (x, 0), (0, 0)], np.float64)
        return self._take(corners, self._hidden(corners, wide, tall) + np.array([0, 0, _ON_TOP, _ON_TOP]), wide, tall)

    def take_beside(self, box: Box, wide: int, tall: int) -> Box | None:
        """Take a place of that size in pixels at a corner of ``box``, or as near as there is room; None: no room."""
        places = np.concatenate([self._corners_of(box, wide, tall), self._grid(wide, tall)])
        away = self._away(places, box, wide, tall) / np.hypot(self.width, self.height)
        return self._take(places, self._hidden(places, wide, tall) + 8 * away, wide, tall)

    def _take(self, places: NDArray[np.float64], costs: NDArray[np.float64], wide: int, tall: int) -> Box | None:
        x, y = places.T
        free = (x >= 0) & (y >= 0) & (x + wide <= self.width) & (y + tall <= self.height)
        for t in self._taken:
            free &= (x >= t.x1 + _GAP) | (x + wide + _GAP <= t.x0) | (y >= t.y1 + _GAP) | (y + tall + _GAP <= t.y0)
        if not free.any():
            return None
        best = int(np.argmin(np.where(free, costs, np.inf)))
        found = Box(float(x[best]), float(y[best]), float(x[best]) + wide, float(y[best]) + tall)
        self._taken.append(found)
        return found

    def _corners_of(self, box: Box, wide: int, tall: int) -> NDArray[np.float64]:
        """(12, 2) left and top of plates outside and inside the corners of a box, moved into the picture."""
        x0, y0, x1, y1 = box
        across = [(x0, y0 - tall), (x0, y0), (x1 - wide, y0 - tall), (x1 - wide, y0)]
        down = [(x0, y1), (x0, y1 - tall), (x1 - wide, y1), (x1 - wide, y1 - tall)]
        beside = [(x1, y0), (x0 - wide, y0), (x1, y1 - tall), (x0 - wide, y1 - tall)]
        most = (max(0, self.width - wide), max(0, self.height - tall))
        return np.asarray(np.round(np.clip(np.array(across + beside + down, np.float64), 0, most)), np.float64)

    def _grid(self, wide: int, tall: int) -> NDArray[np.float64]:
        x = np.linspace(0, max(0, self.width - wide), _STEPS)
        y = np.linspace(0, max(0, self.height - tall), _STEPS)
        return np.asarray(np.floor(np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)), np.float64)

    def _away(self, places: NDArray[np.float64], box: Box, wide: int, tall: int) -> NDArray[np.float64]:
        """(N,) pixels from each plate to the corner of the box that is nearest to it."""
        x, y = places.T
        corners = ((box.x0, box.y0, 0.0), (box.x1, box.y0, 0.0), (box.x0, box.y1, _BELOW), (box.x1, box.y1, _BELOW))
        found = []
        for corner_x, corner_y, more in corners:
            across = np.maximum(0, np.maximum(x - corner_x, corner_x - x - wide))
            down = np.maximum(0, np.maximum(y - corner_y, corner_y - y - tall))
            found.append(np.hypot(across, down) + more * self.height)
        return np.asarray(np.min(found, 0), np.float64)

    def _hidden(self, places: NDArray[np.float64], wide: int, tall: int) -> NDArray[np.float64]:
        """(N,) mean of what is busy under each plate."""
        x0, y0 = places.astype(np.int64).T
        x1, y1 = np.minimum(x0 + wide, self.width), np.minimum(y0 + tall, self.height)
        inside = self._sums[y1, x1] - self._sums[y0, x1] - self._sums[y1, x0] + self._sums[y0, x0]
        return np.asarray(inside / max(1, wide * tall), np.float64)
