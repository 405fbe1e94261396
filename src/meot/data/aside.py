"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def aside(file: Path) -> Iterator[Path]:
    """A path beside ``file`` to write to; what lies there takes the file's place when the block ends.

    Whatever happens, a kill or a full disk too, the old file or the new one is there whole. After an error nothing
    else is. OSError as from renaming.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        yield part
        os.replace(part, file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
