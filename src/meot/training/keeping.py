"""Arrays that take long to compute, kept in files beside what they were made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meot.data.aside import aside


def kept(file: Path, made_from: object, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """The array in ``file`` (.npy) when it was made from the same things, else what ``make`` returns, kept there.

    made_from: anything JSON can say, such as a digest; it stands in ``file`` with the suffix .json. OSError when the
    array cannot be read or written.
    """
    note = file.with_suffix(".json")
    if file.is_file() and note.is_file() and json.loads(note.read_text(encoding="utf-8")) == made_from:
        return np.asarray(np.load(file))
    found = make()
    file.parent.mkdir(parents=True, exist_ok=True)
    note.unlink(missing_ok=True)  # first, so that no note ever speaks of another array
    with aside(file) as part, part.open("wb") as opened:
        np.save(opened, found)
    with aside(note) as part:
        part.write_text(json.dumps(made_from), encoding="utf-8")
    return found
