"""Brings photos and feeds into a folder beside the catalogue, once each, and only from public hosts."""

from __future__ import annotations

import hashlib
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urljoin

from meot.catalogue.sources.fetch.address import Address, Refused, resolve, take_apart, without_secrets
from meot.catalogue.sources.fetch.ask import Answer, Limits, ask
from meot.catalogue.sources.fetch.kept import Addresses, Kept, name_feed, name_photo, write
from meot.catalogue.sources.fetch.pace import Pace
from meot.catalogue.sources.fetch.robots import AGENT, LARGEST, Robots
from meot.errors import CatalogueError, PhotoError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


class _Failed(Exception):
    """An address brought nothing, and why."""


@dataclass(frozen=True, slots=True)
class _Want:
    """What is asked for. kind: "photo", "feed" or "robots". polite: whether robots.txt is asked first.

    secrets: headers that only the host of the first address is sent.
    """

    kind: str
    headers: Mapping[str, str]
    most: int
    whole_s: float
    polite: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Got:
    """status: of the last answer. file: with its body, None without one. sha256: of the body."""

    status: int
    etag: str
    modified: str
    file: Path | None
    sha256: str


class Fetcher:
    """Fetches into ``folder``, which is made when the first file comes. Safe to use from several threads.

    private_hosts: lets addresses lead into private networks, for a shop of your own and for tests.
    headers: sent to the host of each feed (a key of an interface), never to another.
    """

    def __init__(
        self,
        *,
        folder: Path,
        limits: Limits | None = None,
        private_hosts: bool = False,
        headers: Mapping[str, str] | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._folder, self._limits = folder, limits or Limits()
        self.private_hosts, self._headers = private_hosts, dict(headers or {})
        self._pace = Pace(limits=self._limits, sleep=sleep)
        self._robots: dict[str, Robots] = {}
        self._feeds: dict[str, Path] = {}
        self._addresses: Addresses | None = None
        self._opening = threading.Lock()
        self._closed = False

    def _kept(self) -> Addresses:
        with self._opening:
            if self._closed:
                raise _Failed("it was stopped")
            if self._addresses is None:
                self._addresses = Addresses(folder=self._folder)
            return self._addresses

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def close(self) -> None:
        """Let go of the folder; what still waits for a host fails."""
        self._pace.stop()
        with self._opening:
            self._closed = True
            if self._addresses is not None:
                self._addresses.close()
            self._addresses = None

    def photo(self, address: str) -> Path:
        """The file of a photo, named by its sha256. After a day its host is asked whether it changed, never before.

        PhotoError when it cannot be brought or is no photo.
        """
        fresh = self.at_hand(address)
        if fresh is not None:
            return fresh
        known = self._kept().find(address)
        want = _Want("photo", {"Accept": "image/*"}, self._limits.photo_bytes, self._limits.whole_s)
        try:
            return self._bring(address, want, known)
        except _Failed as error:
            raise PhotoError(f"{without_secrets(address)}: cannot be fetched ({error}); check the address") from None

    def at_hand(self, address: str) -> Path | None:
        """The file of a photo whose host needs not be asked yet; None when it has to be."""
        try:
            known = self._kept().find(address)
        except _Failed:
            return None
        if known is None or not 0 <= time.time() - known.checked < self._limits.fresh_s:
            return None
        return self._folder / known.file

    def feed(self, address: str, *, polite: bool) -> Path:
        """The file of a feed or page, asked for once by each fetcher. CatalogueError when it cannot be brought.

        polite: robots.txt is asked first, as for every page that is made for people.
        """
        if address in self._feeds:
            return self._feeds[address]
        headers = {"Accept": "*/*", "Accept-Encoding": "gzip"}
        want = _Want("feed", headers, self._limits.feed_bytes, self._limits.feed_s, polite, self._headers)
        try:
            self._feeds[address] = self._bring(address, want, self._kept().find(address))
        except _Failed as error:
            raise CatalogueError(
                f"{without_secrets(address)}: cannot be fetched ({error}); check the address, or save it as a file"
            ) from None
        return self._feeds[address]

    def _bring(self, address: str, want: _Want, known: Kept | None) -> Path:
        """The file of an address: fetched, or the known one when the server says that it did not change."""
        asked = {"If-None-Match": known.etag, "If-Modified-Since": known.modified} if known else {}
        headers = {**want.headers, **{name: value for name, value in asked.items() if value}}
        got = self._follow(address, replace(want, headers=headers))
        if got.status == 304 and known:
            self._kept().put(address, known._replace(checked=time.time()))
            return self._folder / known.file
        if got.file is None:
            raise _Failed(f"the host answered {got.status}")
        try:
            file = name_feed(address) if want.kind == "feed" else name_photo(got.file, got.sha256)
            if file is None:
                raise _Failed("expected a photo, got something else")
            (self._folder / file).parent.mkdir(parents=True, exist_ok=True)
            size = got.file.stat().st_size
            got.file.replace(self._folder / file)
        except OSError as error:
            raise CatalogueError(
                f"{self._folder}: cannot be written ({error.strerror}); check space and rights"
            ) from None
        finally:
            got.file.unlink(missing_ok=True)
        self._kept().put(address, Kept(file, size, got.etag, got.modified, time.time()))
        return self._folder / file

    def _follow(self, text: str, want: _Want) -> _Got:
        """The answer at the end of the redirects; each hop is checked as the first was."""
        first = None
        for _ in range(self._limits.redirects + 1):
            try:
                address = take_apart(text)
                first = first or address
                if want.polite:
                    self._check_robots(address)
                same_host = address[:3] == first[:3]
                got, location = self._insist(address, want if same_host else replace(want, secrets={}))
            except Refused as error:
                raise _Failed(str(error)) from None
            if got.status not in _REDIRECTS or not location:
                return got
            text = urljoin(text, location)
        raise _Failed(f"it redirects more than {self._limits.redirects} times")

    def _insist(self, address: Address, want: _Want) -> tuple[_Got, str]:
        """The answer of one host, asked again while it is busy or breaks off; and where it redirects to."""
        host = f"{address.host}:{address.port}"
        for attempt in range(self._limits.attempts):
            self._pace.wait(host)
            wait, reason = "", ""
            try:
                ip = resolve(address, private_hosts=self.private_hosts)
                with self._ask(address, ip, want) as answer:
                    wait = answer.header("Retry-After")
                    if answer.status not in _BUSY:
                        got = self._save(answer, want)
                        self._pace.note(host, answered=True)
                        return got, answer.header("Location")
                    reason = f"the host answered {answer.status}"
            except ssl.SSLCertVerificationError as error:
                raise Refused(f"the host's certificate is not valid ({error.verify_message})") from None
            except OSError as error:
                reason = str(error.strerror or error)
            last = attempt + 1 == self._limits.attempts
            if last or not self._pace.back_off(host, attempt, wait):
                break
        self._pace.note(host, answered=False)
        raise _Failed(f"{reason}, {attempt + 1} times" if attempt else reason)

    def _ask(self, address: Address, ip: str, want: _Want) -> AbstractContextManager[Answer]:
        always = {"User-Agent": f"{AGENT} (reads product feeds)", "Accept-Encoding": "identity"}
        headers = {**always, **want.headers, **want.secrets}
        return ask(address, ip=ip, headers=headers, limits=self._limits, whole_s=want.whole_s, context=self._context)

    def _save(self, answer: Answer, want: _Want) -> _Got:
        """The answer with its body in a file of its own, when it has one that is wanted."""
        digest, file = hashlib.sha256(), None
        if answer.status == 200:
            out = self._kept().new_file()
            file = Path(out.name)
            try:
                with out:
                    for block in answer.body(want.most):
                        digest.update(block)
                        write(out, block)
            except BaseException:
                file.unlink(missing_ok=True)
                raise
        return _Got(answer.status, answer.header("ETag"), answer.header("Last-Modified"), file, digest.hexdigest())

    def _check_robots(self, address: Address) -> None:
        """Refused where the host's robots.txt forbids the address, or cannot be asked for."""
        root = f"{address.scheme}://{address.host_header}"
        if root not in self._robots:
            self._robots[root] = Robots(text=self._robots_text(root))
        if not self._robots[root].allows(address.target):
            raise Refused("the host's robots.txt does not allow it")

    def _robots_text(self, root: str) -> str:
        """What a host's robots.txt says; nothing when there is none (4xx), all forbidden when it cannot be reached."""
        try:
            got = self._follow(f"{root}/robots.txt", _Want("robots", {}, LARGEST * 2, self._limits.whole_s))
        except _Failed as error:
            raise Refused(f"its robots.txt cannot be asked for: {error}") from None
        if got.file is None:
            return "" if 400 <= got.status < 500 else "User-agent: *\nDisallow: /"
        text = got.file.read_bytes()[:LARGEST].decode("utf-8", "replace")
        got.file.unlink()
        return text.lstrip("\ufeff")
