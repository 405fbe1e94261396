"""Pictures that commands write where they are told to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from meot.errors import SettingsError

if TYPE_CHECKING:
    from PIL.Image import Image


def write_picture(image: Image, target: Path) -> None:
    """Save ``image`` as what the name's ending says. SettingsError when that cannot be."""
    try:
        image.save(target)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{target}: cannot be written ({error}); name a .jpg or .png in a folder with space that you may write to"
        ) from None
