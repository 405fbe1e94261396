"""Who sent a request: nobody known, the person of a session cookie or an API token, or whoever sits at this machine."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from meot.catalogue.passwords import AccountError
from meot.catalogue.people import People, Person
from meot.service.headers import split_address
from meot.service.problems import ForeignRequestError, NotAllowedError, SignInError

SESSION_S = 30 * 24 * 3600.0
COOKIE = "session"
_SAFE = ("GET", "HEAD", "OPTIONS")
_OWNER = "me"


@dataclass(frozen=True, slots=True)
class Visitor:
    """person: None for somebody unknown. scopes: what an API token may ("read", "write"); None where all is allowed."""

    person: Person | None
    scopes: tuple[str, ...] | None = None
    local: bool = False


class Visitors:
    """Tells who a request is from.

    With ``accounts`` people sign in: a cookie holds a secret that the database knows by its hash, signed so that
    made-up ones never reach it. Without, a browser on this very machine is the one person there is, and may do
    everything; from elsewhere one may look only.

    A request that would change something counts as its visitor's only when the browser says that this site sent it
    (Sec-Fetch-Site, or Origin; the defence that OWASP's cheat sheet on cross-site request forgery describes). API
    tokens are sent by programs, never by a browser of its own accord, and need none of it.
    """

    def __init__(self, *, people: People, accounts: bool, key: bytes) -> None:
        self._people, self.accounts, self._key = people, accounts, key

    def of(self, request: Request) -> Visitor:
        """Who sent it; found out once a request. ForeignRequestError when another site had it sent."""
        known = getattr(request.state, "visitor", None)
        if not isinstance(known, Visitor):
            known = self._find(request)
            request.state.visitor = known
        return known

    def person(self, request: Request, role: str = "shopper") -> Person:
        """The person who sent it, of ``role`` or above. SignInError for nobody known, NotAllowedError below it."""
        visitor = self.of(request)
        if visitor.person is None:
            raise SignInError("sign in first" if self.accounts else "this is for the person at the machine itself")
        scope = "read" if request.method in _SAFE else "write"
        if visitor.scopes is not None and scope not in visitor.scopes:
            raise NotAllowedError(f"this token may not {scope}; make one with that scope")
        if not visitor.person.may(role):
            raise NotAllowedError(f"this is for a {role}, {visitor.person.name} is a {visitor.person.role}")
        return visitor.person

    def sign_in(self, response: Response, person: Person, *, secure: bool) -> None:
        """Give the browser a new session; secure: whether the page came over HTTPS."""
        secret = self._people.issue(person, "session", lasts_s=SESSION_S)
        value = f"{secret}.{self._sign(secret)}"
        response.set_cookie(
            COOKIE, value, max_age=int(SESSION_S), httponly=True, samesite="lax", secure=secure, path="/"
        )

    def sign_out(self, request: Request, response: Response) -> None:
        """End the browser's session."""
        secret = self._secret(request)
        found = None if secret is None else self._people.bearer(secret, "session")
        if found is not None:
            self._people.revoke(found[0], found[1].key)
        response.delete_cookie(COOKIE, path="/")

    def _find(self, request: Request) -> Visitor:
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            found = self._people.bearer(secret.strip(), "api")
            if found is None:
                raise SignInError("this token is unknown or taken back; make another")
            return Visitor(found[0], found[1].scopes)
        if not self.accounts:
            return self._owner(request)
        cookie = self._secret(request)
        session = None if cookie is None else self._people.bearer(cookie, "session")
        if session is None:
            return Visitor(None)
        check_origin(request, strict=True)
        return Visitor(session[0])

    def _owner(self, request: Request) -> Visitor:
        if not is_local(request):
            return Visitor(None)
        check_origin(request, strict=False)
        known = {person.name: person for person in self._people.all()}
        return Visitor(known.get(_OWNER) or self._add_owner(), local=True)

    def _add_owner(self) -> Person:
        try:
            return self._people.add(_OWNER, None, role="admin")
        except AccountError:  # another request was faster
            return self._people.find(_OWNER)

    def _secret(self, request: Request) -> str | None:
        secret, _, signed = request.cookies.get(COOKIE, "").rpartition(".")
        return secret if secret and hmac.compare_digest(signed.encode(), self._sign(secret).encode()) else None

    def _sign(self, secret: str) -> str:
        return hmac.new(self._key, secret.encode(), sha256).hexdigest()


def check_origin(request: Request, *, strict: bool) -> None:
    """ForeignRequestError when a request that may change something was sent by another site's page.

    strict: also when the request says nothing of where it comes from, which no browser of these years does.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        own = site in ("same-origin", "none")
    elif origin is not None:
        own = split_address(origin).netloc == (request.headers.get("host") or None)
    else:
        own = not strict
    if not own:
        raise ForeignRequestError("another site sent this request; open the page here and do it again")


def is_local(request: Request) -> bool:
    """Whether a request comes from this machine and was meant for it: no proxy between, no other site's name."""
    if request.client is None or "forwarded" in request.headers or "x-forwarded-for" in request.headers:
        return False
    host = split_address(f"//{request.headers.get('host', '')}").hostname or ""
    return _is_loopback(request.client.host) and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
