"""Files from the net: downloaded with resume, verified, without being led to private addresses.

Where nobody states a checksum, the one of the first download is written beside the file and verified from then on
(trust on first use).
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import time
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import OpenerDirector, Request, build_opener

from tqdm import tqdm

from meot.data.redirects import Careful
from meot.errors import DataError

_CHUNK = 1 << 18
_WAITS = (1.0, 3.0, 9.0, 27.0)
_TIMEOUT = 60.0


class Fetched(NamedTuple):
    """A file that is there. new: whether it was downloaded now; proven: by whom the checksum is known."""

    file: Path
    sha256: str
    new: bool
    proven: str


def name_of(url: str) -> str:
    """The file name in a URL. DataError for what is no http(s) address of a file."""
    parts = urlsplit(url)
    name = unquote(PurePosixPath(parts.path).name)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or name in ("", ".", "..")
        or {"/", "\\"} & set(name)
    ):
        raise DataError(f"{url}: expected an http or https address of a file; copy it from the set's page")
    return name


def fetch(
    url: str,
    folder: Path,
    *,
    checksum: str | None = None,
    name: str = "",
    waits: tuple[float, ...] = _WAITS,
    show: bool = True,
) -> Fetched:
    """Download a file into ``folder``, going on from ``NAME.part`` where a run was cut off, and verify it.

    name: of the file, "" for that in the address. checksum: "sha256:..." or "md5:...". A finished file is not fetched
    again, only verified; ``NAME.sha256`` beside it holds the checksum of the first download. waits: seconds before each
    new try after a cut line or a 5xx answer.
    DataError for an address that cannot be had, a wrong checksum, a redirect to a private address, a full disk.
    """
    file = folder / (name or name_of(url))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = not file.exists()
        _refuse_other(file, url)
        part = _download(url, file, waits, show) if new else file
        found, proven = _verify(part, file, checksum, fresh=new)
        if new:
            os.replace(part, file)
            _part_note(file).unlink(missing_ok=True)
            _trusted(file).write_text(f"{found}  {file.name}\n# {url}\n", encoding="utf-8")
    except OSError as error:
        raise DataError(
            f"{error.filename or file}: {error.strerror or error}; mend that and run it again: it goes on where it was"
        ) from None
    return Fetched(file, found, new, proven)


def _part(file: Path) -> Path:
    return file.with_name(file.name + ".part")


def _part_note(file: Path) -> Path:
    return file.with_name(file.name + ".part.json")


def _trusted(file: Path) -> Path:
    return file.with_name(file.name + ".sha256")


def _refuse_other(file: Path, url: str) -> None:
    """DataError when the file that is there came from another address."""
    noted = _trusted(file).read_text("utf-8").splitlines() if file.exists() and _trusted(file).exists() else []
    if len(noted) > 1 and noted[1] != f"# {url}":
        raise DataError(f"{file}: came from {noted[1][2:]}, not from {url}; name another folder")


def digest(file: Path, kind: str = "sha256") -> str:
    """The checksum of a file, hexadecimal. kind: "sha256" or "md5"."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, kind).hexdigest()


def _verify(part: Path, file: Path, checksum: str | None, *, fresh: bool) -> tuple[str, str]:
    """SHA-256 of the file and who proves it. DataError when it is another than expected; a fresh download goes."""
    found = digest(part)
    wanted = []
    if checksum is not None:
        kind, _, value = checksum.partition(":")
        if kind not in ("sha256", "md5") or len(value) != {"sha256": 64, "md5": 32}[kind]:
            raise DataError(f"checksum {checksum!r}: expected sha256: or md5: and its hexadecimal digits")
        wanted.append((kind, value.lower(), "the stated checksum"))
    if not fresh and _trusted(file).exists():
        wanted.append(("sha256", _trusted(file).read_text("utf-8").split()[0], "the checksum of the first download"))
    for kind, value, name in wanted:
        got = found if kind == "sha256" else digest(part, kind)
        if got != value:
            if fresh:
                part.unlink()
                _part_note(file).unlink(missing_ok=True)
            raise DataError(
                f"{file}: expected {kind} {value} ({name}), got {got}; "
                + (
                    "the download is deleted: ask the publisher which is right"
                    if fresh
                    else "delete it and get it again"
                )
            )
    return found, wanted[0][2] if wanted else "nobody yet: noted beside the file and verified from now on"


def _download(url: str, file: Path, waits: tuple[float, ...], show: bool) -> Path:
    """The whole file as ``NAME.part``, over as many connections as it takes."""
    opener = build_opener(Careful(url))
    reason = ""
    for wait in (0.0, *waits):
        time.sleep(wait)
        try:
            with _open(opener, url, file) as answer:
                if _receive(answer, file, show):
                    return _part(file)
                reason = "the connection was cut"
        except HTTPError as error:
            if error.code == 416 and _complete(file):
                return _part(file)
            if error.code == 416:
                _part(file).unlink(missing_ok=True)
            elif error.code < 500 and error.code not in (408, 429):
                raise DataError(
                    f"{url}: the server answers {error.code} {error.reason}; look at the set's page"
                ) from None
            reason = f"the server answers {error.code} {error.reason}"
        except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", None) or error or type(error).__name__)
    raise DataError(f"{url}: {reason}; run it again: it goes on where it was cut off")


def _open(opener: OpenerDirector, url: str, file: Path) -> Any:
    """Ask for what is still missing, on condition that the file has not changed since."""
    request = Request(url, headers={"User-Agent": "meot", "Accept-Encoding": "identity"})
    part, note = _part(file), _note(file)
    if part.exists() and part.stat().st_size and note.get("url") == url and note.get("version"):
        request.add_header("Range", f"bytes={part.stat().st_size}-")
        request.add_header("If-Range", note["version"])
    return opener.open(request, timeout=_TIMEOUT)


def _note(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(_part_note(file).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _complete(file: Path) -> bool:
    total = _note(file).get("total")
    return total is not None and _part(file).exists() and _part(file).stat().st_size == total


def _receive(answer: Any, file: Path, show: bool) -> bool:
    """Write an answer's bytes behind those that are there (206), or from the start (200); whether all came."""
    part = _part(file)
    start = part.stat().st_size if answer.status == 206 and part.exists() else 0
    total = _total(answer, start)
    if total is not None and total - start > shutil.disk_usage(file.parent).free:
        raise DataError(f"{file}: needs {total - start:,} bytes more than the disk has free; make room, then go on")
    version = _version(answer.headers)
    _part_note(file).write_text(json.dumps({"url": answer.request_url, "version": version, "total": total}), "utf-8")
    with (
        part.open("r+b" if start else "wb") as data,
        tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=file.name, disable=not show) as bar,
    ):
        data.seek(start)
        data.truncate()
        while chunk := answer.read(_CHUNK):
            data.write(chunk)
            bar.update(len(chunk))
        return total is None or data.tell() == total


def _total(answer: Any, start: int) -> int | None:
    """Bytes of the whole file; None when the server does not say. DataError for a part that does not fit."""
    if answer.status == 206:
        said = answer.headers.get("Content-Range", "")
        first, _, whole = said.removeprefix("bytes ").partition("/")
        if first.partition("-")[0] != str(start):
            raise http.client.HTTPException(f"asked for bytes from {start}, the server sends {said!r}")
        return int(whole) if whole.isdigit() else None
    length = answer.headers.get("Content-Length")
    return int(length) if length and length.isdigit() else None


def _version(headers: Any) -> str | None:
    """What names this version of the file to the server: a strong ETag, or when it was changed."""
    tag = headers.get("ETag")
    found = tag if tag and not tag.startswith("W/") else headers.get("Last-Modified")
    return str(found) if found else None
