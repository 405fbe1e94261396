"""The pages for signing up, in and out, for a new password, and for what a person may change about themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from meot.catalogue.passwords import AccountError
from meot.catalogue.people import People, Person, plain_name
from meot.service.accounts.visitor import Visitors, check_origin
from meot.service.api.pace import address_of
from meot.service.fields import read_fields
from meot.service.web.render import Renderer
from meot.service.web.views import is_own_address

_QUARTER = 900.0
_NAME_TRIES, _ADDRESS_TRIES = 10, 50
Forget = Callable[[Person], None]
"""Deletes the files of a person's that lie outside of the database."""


class AccountPages:
    """Sign up, in and out; account. signup: whether anybody may make an account."""

    def __init__(
        self, *, people: People, visitors: Visitors, renderer: Renderer, signup: bool, forget: tuple[Forget, ...] = ()
    ) -> None:
        self._people, self._visitors, self._renderer = people, visitors, renderer
        self._signup, self._forget = signup, forget

    def build_router(self) -> APIRouter:
        """All routes; none is part of the API's description."""
        router = APIRouter(include_in_schema=False)
        shown: dict[str, Callable[..., object]] = {
            "/signin": self.show_sign_in,
            "/signup": self.show_sign_up,
            "/reset/{secret}": self.show_reset,
        }
        shown["/account"] = self.show_account
        for address, show in shown.items():
            router.add_api_route(address, show, methods=["GET"], response_model=None)
        done: dict[str, Callable[..., object]] = {
            "/signin": self.sign_in,
            "/signup": self.sign_up,
            "/signout": self.sign_out,
            "/reset/{secret}": self.reset,
            "/account/password": self.change_password,
            "/account/tokens": self.make_token,
            "/account/tokens/{number}/revoke": self.revoke_token,
            "/account/delete": self.delete,
        }
        for address, do in done.items():
            router.add_api_route(address, do, methods=["POST"], response_model=None)
        return router

    def show_sign_in(self, request: Request) -> Response:
        """The form to sign in; to the account for who is."""
        if self._visitors.of(request).person is not None:
            return RedirectResponse("/account", 303)
        return self._form(request, "signin")

    async def sign_in(self, request: Request) -> Response:
        """Sign in, then back to where the visitor was."""
        check_origin(request, strict=False)
        form = await read_fields(request)
        return await run_in_threadpool(self._sign_in, request, form)

    def _sign_in(self, request: Request, form: dict[str, str]) -> Response:
        name = form.get("name", "")
        try:
            self._limit(request, name)
            person = self._people.check(name, form.get("password", ""))
        except AccountError as error:
            return self._form(request, "signin", error=error, name=name, to=form.get("to", ""))
        response = _back(form)
        self._visitors.sign_in(response, person, secure=request.url.scheme == "https")
        return response

    def show_sign_up(self, request: Request) -> Response:
        """The form to make an account."""
        return self._form(request, "signup") if self._signup else RedirectResponse("/signin", 303)

    async def sign_up(self, request: Request) -> Response:
        """Make an account and sign in."""
        check_origin(request, strict=False)
        form = await read_fields(request)
        return await run_in_threadpool(self._sign_up, request, form)

    def _sign_up(self, request: Request, form: dict[str, str]) -> Response:
        if not self._signup:
            return RedirectResponse("/signin", 303)
        name = form.get("name", "")
        try:
            self._limit(request)
            role = "seller" if form.get("seller") else "shopper"
            person = self._people.add(name, form.get("password", ""), role=role)
        except AccountError as error:
            return self._form(request, "signup", error=error, name=name, to=form.get("to", ""))
        response = _back(form)
        self._visitors.sign_in(response, person, secure=request.url.scheme == "https")
        return response

    def sign_out(self, request: Request) -> Response:
        """Sign out."""
        self._visitors.of(request)
        response = RedirectResponse("/", 303)
        self._visitors.sign_out(request, response)
        return response

    def show_reset(self, request: Request, secret: str) -> Response:
        """The form for a new password; whether the link is good is told when it is sent."""
        response = self._form(request, "reset", secret=secret)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    async def reset(self, request: Request, secret: str) -> Response:
        """Set the new password and sign in with it."""
        check_origin(request, strict=False)
        form = await read_fields(request)

        def redeem() -> Response:
            try:
                self._limit(request)
                person = self._people.redeem(secret, form.get("password", ""))
            except AccountError as error:
                return self._form(request, "reset", error=error, secret=secret)
            response = RedirectResponse("/account", 303)
            self._visitors.sign_in(response, person, secure=request.url.scheme == "https")
            return response

        return await run_in_threadpool(redeem)

    def show_account(self, request: Request) -> Response:
        """Who one is, the API tokens one has, and how to go."""
        return self._account(request, self._visitors.person(request))

    async def change_password(self, request: Request) -> Response:
        """Another password, for who knows the one before."""
        form = await read_fields(request)

        def change() -> Response:
            person = self._visitors.person(request)
            try:
                self._limit(request, person.name)
                self._people.check(person.name, form.get("old", ""))
                self._people.set_password(person, form.get("password", ""))
            except AccountError as error:
                return self._account(request, person, error=error)
            response = RedirectResponse("/account", 303)
            self._visitors.sign_in(response, person, secure=request.url.scheme == "https")
            return response

        return await run_in_threadpool(change)

    async def make_token(self, request: Request) -> Response:
        """A new API token, shown this once."""
        form = await read_fields(request)

        def make() -> Response:
            person = self._visitors.person(request)
            scopes = ("read", "write") if form.get("write") else ("read",)
            name = form.get("name", "").strip()
            try:
                secret = self._people.issue(person, "api", lasts_s=None, name=name, scopes=scopes)
            except AccountError as error:
                return self._account(request, person, error=error)
            response = self._account(request, person, secret=secret)
            response.headers["Cache-Control"] = "no-store"
            return response

        return await run_in_threadpool(make)

    def revoke_token(self, request: Request, number: Annotated[int, Path(ge=0, le=2**62)]) -> Response:
        """Take a token back."""
        self._people.revoke(self._visitors.person(request), number)
        return RedirectResponse("/account", 303)

    async def delete(self, request: Request) -> Response:
        """Delete the person with all that is theirs, photos and vectors included, for who gives the password again."""
        form = await read_fields(request)

        def go() -> Response:
            person = self._visitors.person(request)
            try:
                if self._visitors.accounts:
                    self._limit(request, person.name)
                    self._people.check(person.name, form.get("password", ""))
                    self._people.step_down(person)
                elif form.get("sure") != "yes":
                    raise AccountError("tick the box to say that you mean it", "not_sure")
            except AccountError as error:
                return self._account(request, person, error=error)
            for forget in self._forget:
                forget(person)
            self._people.delete(person)
            response = RedirectResponse("/", 303)
            self._visitors.sign_out(request, response)
            return response

        return await run_in_threadpool(go)

    def _form(self, request: Request, page: str, *, error: AccountError | None = None, **values: str) -> Response:
        known = {"name": "", "secret": "", "to": request.query_params.get("to", ""), **values}
        response = self._renderer.render(
            request, f"{page}.html", 200 if error is None else 422, error=error, signup=self._signup, **known
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _account(
        self, request: Request, person: Person, *, error: AccountError | None = None, secret: str = ""
    ) -> Response:
        return self._renderer.render(
            request,
            "account.html",
            200 if error is None else 422,
            person=person,
            tokens=self._people.tokens_of(person, "api"),
            secret=secret,
            error=error,
            accounts=self._visitors.accounts,
        )

    def _limit(self, request: Request, name: str = "") -> None:
        """AccountError when too much was tried from one address, or with a name, however it is written."""
        fine = self._people.try_once(f"from {address_of(request)}", most=_ADDRESS_TRIES, window_s=_QUARTER)
        if plain := _plain(name):
            fine &= self._people.try_once(f"sign in as {plain}", most=_NAME_TRIES, window_s=_QUARTER)
        if not fine:
            raise AccountError("too many attempts; wait a quarter of an hour, then try again", "attempts")


def _plain(name: str) -> str:
    """The name as it is looked up; "" for one that nobody can have."""
    try:
        return plain_name(name)
    except AccountError:
        return ""


def _back(form: dict[str, str]) -> Response:
    """To where the visitor was before they were asked who they are."""
    to = form.get("to", "")
    return RedirectResponse(to if is_own_address(to) else "/", 303)
