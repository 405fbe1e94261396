"""Uploads: a form with a photo, held in memory only, its size checked while it streams in."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from meot import photos
from meot.errors import PhotoError, QueryError
from meot.service.problems import (
    HeicPhotoError,
    NoPhotoError,
    NotAPhotoError,
    PhotoTooLongError,
    PhotoTooSmallError,
    TooManyPixelsError,
    UploadTooLargeError,
)
from meot.types import Photo

_FORM_BYTES = 64 * 1024
"""What a form may weigh beside its photo."""
_DRAIN = 4
"""How many times the limit is read and thrown away, so that a browser gets its answer and no broken connection."""
_HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1", b"ftypavif")


@dataclass(frozen=True, slots=True)
class Upload:
    """A form as it came. data: the photo file's bytes. name: what its sender calls it. fields: the other fields."""

    data: bytes
    name: str
    fields: dict[str, str]


class _InMemory(MultiPartParser):
    """A parser that never writes to disk; how much it may hold is checked before it."""

    spool_max_size = photos.MOST_BYTES * 2


async def receive(request: Request, most_megabytes: int, *, instead: Sequence[str] = ()) -> Upload:
    """The form of a request. instead: fields that may stand for the photo; with one of them the data is empty.

    UploadTooLargeError as soon as it is larger than allowed, NoPhotoError when it has no photo in its field ``photo``,
    QueryError when it is no multipart form.
    """
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise QueryError(
            f"expected a multipart/form-data form with the field photo, got {kind[:80] or 'no content type'}; "
            "send the photo as a form's file",
            "no_form",
        )
    stream = bounded(request, most_megabytes)
    try:
        form = await _InMemory(request.headers, stream, max_files=2, max_fields=20, max_part_size=4096).parse()
    except MultiPartException as error:
        said = f"the form cannot be read ({error.message}); send it as multipart/form-data"
        raise QueryError(said, "bad_form", most=1) from None
    try:
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        for sent in form.getlist("photo"):  # a page has two ways to give a photo, of which one stays empty
            if isinstance(sent, UploadFile) and sent.size:
                return Upload(await sent.read(), plain_name(sent.filename or ""), fields)
    finally:
        await form.close()
    if any(fields.get(name, "").strip() for name in instead):
        return Upload(b"", "", fields)
    raise NoPhotoError("expected a photo in the form's field photo, got none or an empty file; choose one")


async def bounded(request: Request, most_megabytes: int) -> AsyncGenerator[bytes, None]:
    """A request's body as it comes; UploadTooLargeError at its end when it was larger than so many megabytes."""
    most = (most_megabytes << 20) + _FORM_BYTES
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen <= most:
            yield chunk
        elif seen > _DRAIN * most:
            break
    if seen > most:
        raise UploadTooLargeError(f"photo file must be at most {most_megabytes} MB, got a larger one; shrink it")


def plain_name(name: str) -> str:
    """The last part of a sender's file name, printable and short; only for messages, never for a path."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(character for character in last if character.isprintable())[:80] or "photo"


def check(upload: Upload) -> None:
    """Refuse an upload that is decoded later by what its header tells, as :func:`decode` would.

    What is taken may still turn out to be damaged.
    """
    if _kind_of_refusal(upload.data) is not PhotoError:
        decode(upload)


def decode(upload: Upload) -> Photo:
    """The photo of an upload; what its bytes are counts, not its name. A PhotoError of the fitting kind otherwise."""
    try:
        return photos.decode(upload.data, name=upload.name)
    except PhotoError as error:
        raise _kind_of_refusal(upload.data)(str(error)) from None


def _kind_of_refusal(data: bytes) -> type[PhotoError]:
    """Why a photo was refused, from its header alone."""
    if data[4:12] in _HEIC:
        return HeicPhotoError
    try:
        with Image.open(io.BytesIO(data), formats=photos.FORMATS) as image:
            width, height = image.size
    except UnidentifiedImageError:
        return NotAPhotoError
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return TooManyPixelsError
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError):
        return PhotoError
    if min(width, height) < photos.SMALLEST_SIDE:
        return PhotoTooSmallError
    if width * height > photos.MOST_PIXELS:
        return TooManyPixelsError
    is_too_long = max(width, height) * photos.SMALLEST_SIDE > min(width, height) * photos.LARGEST_SIDE
    return PhotoTooLongError if is_too_long else PhotoError
