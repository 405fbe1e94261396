"""What to gather from where, and what came of it: the two values that the command and the crawl exchange."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import quote_plus, urlsplit

from meot.data.duplicates import DISTANCE
from meot.data.sources.files import split_named
from meot.errors import DataError

Outcome = Literal["taken", "duplicate", "small", "unreadable", "robots", "reserved", "failed"]
"""What came of a picture or page. small: a side below the plan's. unreadable: no photo, damaged, or far too large.
robots: robots.txt does not allow it. reserved: the page or the picture's answer asks not to be used so."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_UNFIT = set('/\\:*?"<>|\0')


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to gather. DataError for what cannot be meant.

    addresses: pages (or pictures) to begin with, http or https. folder: where to. name: the class they show, "" when
    that is not known; question: what it answers. follow: regular expression that the address of a page must contain to
    be followed, None to follow none; depth: how many links away. most: photos of this class in the folder, at which
    the run ends. pages: asked for at most. min_side: px. delay: seconds between two requests to one host, at least.
    private_hosts: names that may lead into a private network; "*" for any. distance: bits of 64 between duplicates.
    patience: the longest that a host may ask to be left alone and is still waited for, seconds.
    """

    addresses: tuple[str, ...]
    folder: Path
    name: str = ""
    question: str = "category"
    follow: str | None = None
    depth: int = 0
    most: int | None = None
    pages: int = 1000
    min_side: int = 200
    delay: float = 1.0
    private_hosts: tuple[str, ...] = ()
    distance: int = DISTANCE
    patience: float = 300.0

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if not self.addresses:
            raise DataError("no page to collect from; name at least one address that starts with http:// or https://")
        for address in self.addresses:
            check_address(address)
        name = self.name
        if name != name.strip() or name.startswith(".") or set(name) & _UNFIT or not name.isprintable():
            raise DataError(f'class {name!r} cannot name a folder; leave out / \\ : * ? " < > | and a dot in front')
        if split_named(name) and re.fullmatch(r"\w+", name):
            raise DataError(f"class {name!r} would be read as a split of the data; give it another name")
        try:
            re.compile(self.follow or "")
        except re.error as error:
            raise DataError(f"--follow {self.follow!r} is no regular expression ({error}); mend it") from None

    @property
    def digest(self) -> str:
        """What tells this run from others in the same folder: 16 hexadecimal digits."""
        asked = [sorted(self.addresses), self.name, self.question, self.follow, self.depth, self.min_side]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]

    def as_json(self) -> str:
        """The plan as one line, for :meth:`from_json`."""
        return json.dumps(asdict(self) | {"folder": str(self.folder)})

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan in a line that :meth:`as_json` wrote."""
        said: dict[str, Any] = json.loads(text)
        for key in ("addresses", "private_hosts"):
            said[key] = tuple(said[key])
        return cls(**said | {"folder": Path(said["folder"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of a run. counts: outcome -> pictures and pages. pages: read. photos: of the class in the folder now.
    table: of all photos in the folder. finished: False when it was stopped and can go on. reasons: some failures."""

    counts: Mapping[str, int]
    pages: int
    photos: int
    table: Path
    finished: bool
    reasons: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The summary as JSON values."""
        return asdict(self) | {"table": str(self.table), "counts": dict(self.counts)}


def check_address(address: str) -> None:
    """DataError for what is no http(s) address of a host, and for one with a password in it."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise DataError(
            f"{address}: expected an address that starts with http:// or https://; copy it from the browser"
        )
    if "@" in parts.netloc:
        raise DataError("an address has a name or password in it, which would be written down; leave it out")


def fill(addresses: Sequence[str], keywords: Sequence[str]) -> tuple[str, ...]:
    """The addresses with ``{keyword}`` in place of each keyword, percent-encoded; those without it as they are.

    DataError when there are keywords and no place for them, or a place and no keyword.
    """
    places = [address for address in addresses if "{keyword}" in address]
    if bool(places) != bool(keywords):
        raise DataError("--keyword and {keyword} in an address belong together; give both or neither")
    filled = [address.replace("{keyword}", quote_plus(word)) for address in places for word in keywords]
    return (*filled, *(address for address in addresses if "{keyword}" not in address))
