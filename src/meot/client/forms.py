"""Photos in forms."""

from __future__ import annotations

from pathlib import Path

from meot.errors import PhotoError

Photo = Path | str | bytes
"""A photo's file, or its bytes."""


def file_of(photo: Photo) -> tuple[str, bytes]:
    """A form's file. PhotoError when it cannot be read."""
    if isinstance(photo, bytes):
        return "photo", photo
    try:
        return Path(photo).name, Path(photo).read_bytes()
    except OSError as error:
        raise PhotoError(f"{photo}: cannot be read ({error.strerror}); check the path") from None


def form_of(photo: Photo | None, **instead: str | None) -> dict[str, object]:
    """The fields of a form for one photo, or what stands for it. PhotoError unless exactly one of them is given."""
    given: dict[str, object] = {name: said for name, said in instead.items() if said}
    if photo is not None:
        given["photo"] = file_of(photo)
    if len(given) != 1:
        raise PhotoError(f"expected a photo or one of {', '.join(instead)}, got {len(given)} of them; give one")
    return given
