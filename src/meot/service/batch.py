"""Many photos in one form, as files or in a ZIP: each is taken or refused by itself, and none is held in memory beside
the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from meot.errors import PhotoError, QueryError
from meot.service import packed, problems, uploads
from meot.service.packed import Packed
from meot.service.problems import NoPhotoError, UploadTooLargeError
from meot.service.uploads import Upload

MOST_PHOTOS = 100
"""Files in one form."""
MOST_MEGABYTES = 512
"""Of a whole form."""
MOST_TABLE = 1 << 20
"""Bytes of a table beside the photos."""
_HEAD = 4

Take = Callable[[Upload], Awaitable[None]]
Naming = Callable[[Sequence[str]], Sequence[str]]
"""What the photos of a ZIP are called, of their paths in it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A photo that was not taken. name: what its sender calls it. key: of the sentence that says why
    (``problem.<key>``). reason: the same for programs.
    """

    name: str
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A form as it came. taken: how many photos were. fields: its other fields. fault: of the first photo refused."""

    taken: int
    refused: tuple[Refused, ...]
    fields: dict[str, str]
    fault: PhotoError | None

    @property
    def remembered(self) -> list[dict[str, str]]:
        """The refused photos as a job keeps them, to say why in the reader's language."""
        return [{"name": each.name, "key": each.key} for each in self.refused]


async def receive(
    request: Request,
    most_megabytes: int,
    take: Take,
    *,
    unpack: Take | None = None,
    naming: Naming = lambda paths: paths,
    tables: Mapping[str, Take] | None = None,
) -> Batch:
    """Give each photo of a form's field ``photo``, and each of the ZIPs there, to ``take``, whose PhotoError refuses
    that one photo.

    most_megabytes: of a photo. unpack: who takes those of ZIPs, of which there may be many, where that is not ``take``.
    tables: field -> who takes a file that may stand there and is no photo; it is given
    before any photo, and what it raises ends all. With one there need be no photo.
    UploadTooLargeError for a form that is too large, NoPhotoError for an empty one, QueryError when it is no multipart
    form, has too many photos, or a table of more than :data:`MOST_TABLE`.
    """
    form = await _parse(request)
    try:
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        beside = [await _take_table(form, name, take_table) for name, take_table in (tables or {}).items()]
        taking = _Taking(most_megabytes, take, unpack or take, naming)
        sent = [file for file in form.getlist("photo") if isinstance(file, UploadFile) and file.size]
        for file in sent:
            await taking.file(file)
    finally:
        await form.close()
    if not sent and not any(beside):
        raise NoPhotoError("expected photos in the form's field photo, got none or empty files; choose some")
    return Batch(taking.taken, tuple(taking.refused), fields, taking.fault)


@dataclass(slots=True)
class _Taking:
    """The photos of one form, taken one by one. room, room_bytes: how much more may come in ZIPs."""

    most_megabytes: int
    take: Take
    unpack: Take
    naming: Naming
    taken: int = 0
    room: int = field(default_factory=lambda: packed.MOST_PHOTOS)
    room_bytes: int = field(default_factory=lambda: packed.MOST_UNPACKED)
    refused: list[Refused] = field(default_factory=list)
    fault: PhotoError | None = None

    async def file(self, file: UploadFile) -> None:
        """A photo, or the photos in a ZIP; what the file's bytes are counts, not its name."""
        name, head = uploads.plain_name(file.filename or ""), await file.read(_HEAD)
        await file.seek(0)
        if not packed.is_packed(head):
            return await self._one(name, self.take, partial(self._read, file, name))
        open_ = partial(Packed, file.file, name=name, most=self.room, most_bytes=self.room_bytes)
        try:
            found = await run_in_threadpool(open_)
        except PhotoError as error:
            return self._refuse(name, error)
        self.room, self.room_bytes = self.room - len(found.paths), self.room_bytes - found.size
        for place, (path, called) in enumerate(zip(found.paths, self.naming(found.paths), strict=True)):
            read = partial(run_in_threadpool, found.read, place, self.most_megabytes)
            await self._one(uploads.plain_name(path), self.unpack, read, uploads.plain_name(called))

    async def _one(self, name: str, take: Take, read: Callable[[], Awaitable[bytes]], called: str = "") -> None:
        """Give a photo to ``take`` as what it is called here, "" for the name that its sender knows it by."""
        try:
            await take(Upload(await read(), called or name, {}))
            self.taken += 1
        except PhotoError as error:
            self._refuse(name, error)

    async def _read(self, file: UploadFile, name: str) -> bytes:
        if (file.size or 0) > self.most_megabytes << 20:
            raise UploadTooLargeError(f"{name} must be at most {self.most_megabytes} MB, got a larger one; shrink it")
        return await file.read()

    def _refuse(self, name: str, error: PhotoError) -> None:
        self.refused.append(Refused(name, problems.kind_of(error).key, str(error)))
        self.fault = self.fault or error


async def _parse(request: Request) -> FormData:
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise QueryError(
            f"expected a multipart/form-data form with the field photo, got {kind[:80] or 'no content type'}; "
            "send the photos as a form's files",
            "no_form",
        )
    stream = uploads.bounded(request, MOST_MEGABYTES)
    parser = MultiPartParser(request.headers, stream, max_files=MOST_PHOTOS + 3, max_fields=20, max_part_size=4096)
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise QueryError(
            f"the form cannot be read ({error.message}); send up to {MOST_PHOTOS} photos as multipart/form-data",
            "bad_form",
            most=MOST_PHOTOS,
        ) from None


async def _take_table(form: FormData, name: str, take: Take) -> bool:
    """Give the file in a field to ``take``; whether there was one."""
    file = form.get(name)
    if not isinstance(file, UploadFile) or not file.size:
        return False
    called = uploads.plain_name(file.filename or "")
    if file.size > MOST_TABLE:
        said = f"{called}: a table may have {MOST_TABLE >> 20} MB, got a larger one; send it in parts"
        raise QueryError(said, "table_too_large", file=called, megabytes=MOST_TABLE >> 20)
    await take(Upload(await file.read(), called, {}))
    return True
