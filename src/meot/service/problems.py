"""What can go wrong in a request: one table from error to status and words, as a problem document or a page."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import JSONResponse

from meot.catalogue.passwords import AccountError
from meot.catalogue.replies import UnderWayError
from meot.catalogue.roles import DemotedError
from meot.errors import CatalogueError, MeotError, PhotoError, QueryError
from meot.service import next_steps
from meot.service.texts import Texts


class NoPhotoError(PhotoError):
    """A form came without a photo, or with an empty file."""


class UploadTooLargeError(PhotoError):
    """A request is larger than the service takes."""


class NotAPhotoError(PhotoError):
    """The bytes are of no image format that is read here."""


class HeicPhotoError(NotAPhotoError):
    """A phone's HEIC photo, which is not read here."""


class PhotoTooSmallError(PhotoError):
    """A photo has too few pixels to see anything."""


class PhotoTooLongError(PhotoError):
    """A photo is so much longer than wide that too few pixels are left to see anything."""


class TooManyPixelsError(PhotoError):
    """A photo has more pixels than is safe to decode."""


class PhotoGoneError(PhotoError):
    """A photo that waited to be read is there no more."""


class UnpackableError(PhotoError):
    """A ZIP of photos is damaged, locked, or packed in a way that is not read here."""


class TooManyPhotosError(PhotoError):
    """A ZIP holds more photos than are taken at once."""


class UnpackedTooLargeError(PhotoError):
    """A ZIP unpacks to more than is taken at once."""


class LinkRefusedError(PhotoError):
    """A photo's address that is not asked: not of the web, or of a host that is not public."""


class LinkFailedError(PhotoError):
    """A photo's address that brought nothing."""


class BusyError(MeotError):
    """More photos wait to be read than the service takes."""


class NoProductError(MeotError):
    """No product of the catalogue has that number."""


class SignInError(MeotError):
    """The page or answer is for people who are signed in."""


class NotAllowedError(MeotError):
    """Who is signed in may not do that."""


class ForeignRequestError(MeotError):
    """Another site sent this request in the visitor's name."""


class NotThereError(MeotError):
    """Nothing of the visitor's has that number: a draft, a job, a source."""


class TooOftenError(MeotError):
    """Somebody asks more often than the service answers them. wait_s: after how many seconds they may again."""

    def __init__(self, message: str, wait_s: int) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class KeyReusedError(MeotError):
    """A key that stood on one request stands on another."""


class ReplyNotKeptError(MeotError):
    """A request was done before, and its answer is not kept."""


class ChangedMeanwhileError(MeotError):
    """What is to be changed is no longer as who changes it saw it."""


class QuotaReachedError(MeotError):
    """Somebody keeps as many photos as the service lets one person keep."""


class LookGoneError(MeotError):
    """A photo of an earlier request is no longer kept."""


class Kind(NamedTuple):
    """A kind of problem: its HTTP status and the key of its sentence in ``texts.toml``."""

    status: int
    key: str


KINDS: dict[type[Exception], Kind] = {
    NoPhotoError: Kind(422, "no_photo"),
    UploadTooLargeError: Kind(413, "upload_too_large"),
    NotAPhotoError: Kind(415, "not_a_photo"),
    HeicPhotoError: Kind(415, "heic_photo"),
    PhotoTooSmallError: Kind(422, "photo_too_small"),
    PhotoTooLongError: Kind(422, "photo_too_long"),
    TooManyPixelsError: Kind(413, "too_many_pixels"),
    PhotoGoneError: Kind(404, "photo_gone"),
    UnpackableError: Kind(422, "unpackable"),
    TooManyPhotosError: Kind(413, "too_many_photos"),
    UnpackedTooLargeError: Kind(413, "unpacked_too_large"),
    LinkRefusedError: Kind(422, "link_refused"),
    LinkFailedError: Kind(422, "link_failed"),
    PhotoError: Kind(422, "photo_damaged"),
    QueryError: Kind(400, "bad_question"),
    NoProductError: Kind(404, "no_product"),
    NotThereError: Kind(404, "not_there"),
    LookGoneError: Kind(404, "look_gone"),
    SignInError: Kind(401, "sign_in_first"),
    NotAllowedError: Kind(403, "not_allowed"),
    ForeignRequestError: Kind(403, "foreign_request"),
    DemotedError: Kind(403, "not_allowed"),
    AccountError: Kind(422, "account"),
    TooOftenError: Kind(429, "too_often"),
    UnderWayError: Kind(409, "under_way"),
    ReplyNotKeptError: Kind(409, "reply_not_kept"),
    QuotaReachedError: Kind(409, "quota_reached"),
    ChangedMeanwhileError: Kind(412, "changed_meanwhile"),
    KeyReusedError: Kind(422, "key_reused"),
    CatalogueError: Kind(503, "catalogue_unavailable"),
    BusyError: Kind(503, "busy"),
    Exception: Kind(500, "broken"),
}
"""The nearest class of an error's ancestry counts."""

OTHER_STATUSES = {404: "no_page", 405: "no_method"}
BUSY_SECONDS = 5
"""After how long a client that was told "busy" may come again."""


def kind_of(error: Exception) -> Kind:
    """The kind of ``error``; anything unforeseen is a defect of ours: status 500."""
    return next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)


def headers_of(kind: Kind) -> dict[str, str]:
    """The HTTP headers that go with a kind of problem."""
    if kind.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": str(BUSY_SECONDS)} if kind.status == 503 or kind.key == "under_way" else {}


def build_document(kind: Kind, detail: str, texts: Texts, *, language: str = "en", megabytes: int = 16) -> JSONResponse:
    """An RFC 9457 problem document; from status 500 on it tells no ``detail``, which may hold paths of the server.

    detail: the sentence of an error, whose commands become operations of the API. language: of its title.
    megabytes: what the service takes, for titles that tell it.
    """
    title = texts.say(language, f"problem.{kind.key}", megabytes=megabytes)
    body = {
        "type": f"urn:meot:problem:{kind.key}",
        "title": title,
        "status": kind.status,
        "detail": next_steps.for_programs(detail) if kind.status < 500 else title,
    }
    headers = {**headers_of(kind), "Content-Language": language, "Cache-Control": "no-store"}
    return JSONResponse(body, kind.status, headers, media_type="application/problem+json")
