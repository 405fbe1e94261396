"""Who asks, and the tokens they have, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from meot.catalogue.passwords import AccountError
from meot.catalogue.people import People, Person, Token
from meot.service.accounts.visitor import Visitors
from meot.service.api import forms, fresh
from meot.service.api.documents import Document
from meot.service.problems import NotThereError

_DAY, _QUARTER = 86_400.0, 900.0
_TRIES = 10
_SECRET = {"Cache-Control": "no-store"}
Scope = Literal["read", "write"]
Limit = Annotated[int, Query(ge=1, le=100, description="Most tokens.")]
After = Annotated[int | None, Query(ge=0, le=2**62, description="The `next` of an answer, for the page behind it.")]


class MeDocument(Document):
    """Who asks. scopes: what the token may; null for who is signed in, who may everything of their role."""

    name: str = Field(examples=["mina"])
    role: Literal["shopper", "seller", "admin"] = Field(examples=["seller"])
    scopes: list[Scope] | None = Field(examples=[["read", "write"]])
    created_at: float = Field(examples=[1764000000.0], description="Seconds since 1970.")


class TokenDocument(Document):
    """A token of the asker's; what it is itself is told when it is made, and never again. Times: seconds since 1970."""

    number: int = Field(examples=[3])
    name: str = Field(examples=["stock sync"])
    scopes: list[Scope] = Field(examples=[["read"]])
    created_at: float = Field(examples=[1764000000.0])
    expires_at: float | None = Field(examples=[1771776000.0])


class TokensDocument(Document):
    """Tokens, the newest first."""

    tokens: list[TokenDocument]
    next: int | None = Field(examples=[3], description="Give it as `after` for the page behind this; null at the end.")


class NewTokenDocument(Document):
    """A token that was just made; ``secret`` is told this once."""

    token: TokenDocument
    secret: str = Field(examples=["meot_c2hvd24gb25jZQ"])


class TokenWish(Document):
    """What a new token shall be. days: how long it holds; null for until it is taken back."""

    name: str = Field(default="", max_length=100, examples=["stock sync"], description="What you call it.")
    scopes: list[Scope] = Field(default=["read"], min_length=1, max_length=2, examples=[["read"]])
    days: int | None = Field(default=None, ge=1, le=3650, examples=[90])


class Farewell(Document):
    """That one wants to go. password: where people sign in. sure: where whoever sits at the machine is the only one."""

    password: str = Field(default="", max_length=200, examples=["a good long one"])
    sure: bool = Field(default=False, examples=[True])


class PasswordWish(Document):
    """Another password, from who knows the one before."""

    old: str = Field(max_length=200, examples=["a good long one"])
    password: str = Field(max_length=200, examples=["another good long one"])


class PeopleApi:
    """``/me`` and ``/tokens``. forget: what deletes the files of a person who goes."""

    def __init__(self, *, people: People, visitors: Visitors, forget: Sequence[Callable[[Person], None]] = ()) -> None:
        self._people, self._visitors, self._forget = people, visitors, tuple(forget)

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(default_response_class=JSONResponse, tags=["account"])
        router.add_api_route(
            "/me",
            self.tell_me,
            methods=["GET"],
            response_model=MeDocument,
            summary="Who asks",
            **forms.for_people("shopper", tagged=True),
        )
        router.add_api_route(
            "/me",
            self.delete_me,
            methods=["DELETE"],
            status_code=204,
            response_class=Response,
            summary="Delete all that is the asker's, photos included",
            **forms.for_people("shopper", 422),
        )
        router.add_api_route(
            "/me/password",
            self.change_password,
            methods=["PUT"],
            status_code=204,
            response_class=Response,
            summary="Another password",
            **forms.for_people("shopper", 422),
        )
        router.add_api_route(
            "/tokens",
            self.list_tokens,
            methods=["GET"],
            response_model=TokensDocument,
            summary="The asker's tokens",
            **forms.for_people("shopper"),
        )
        router.add_api_route(
            "/tokens",
            self.make_token,
            methods=["POST"],
            status_code=201,
            response_model=NewTokenDocument,
            summary="A new token",
            **forms.for_people("shopper", 422),
        )
        router.add_api_route(
            "/tokens/{number}",
            self.revoke_token,
            methods=["DELETE"],
            status_code=204,
            response_class=Response,
            summary="Take a token back",
            **forms.for_people("shopper", 404),
        )
        return router

    def tell_me(self, request: Request) -> Response:
        """Name, role, and what the token may."""
        person, scopes = self._visitors.person(request), self._visitors.of(request).scopes
        told = {"name": person.name, "role": person.role, "created_at": person.created_at}
        return fresh.answer_own(request, person, {**told, "scopes": None if scopes is None else list(scopes)})

    def delete_me(self, request: Request, wish: Farewell) -> Response:
        """Everything of the person's: account, tokens, closet, drafts, photos and vectors. It cannot be undone."""
        person = self._visitors.person(request)
        if self._visitors.accounts:
            self._prove(person, wish.password)
            self._people.step_down(person)
        elif not wish.sure:
            raise AccountError("say sure: true, that you mean it", "not_sure")
        for forget in self._forget:
            forget(person)
        self._people.delete(person)
        return Response(status_code=204)

    def change_password(self, request: Request, wish: PasswordWish) -> Response:
        """Ends every session of theirs; tokens stay."""
        person = self._visitors.person(request)
        self._prove(person, wish.old)
        self._people.set_password(person, wish.password)
        return Response(status_code=204)

    def _prove(self, person: Person, password: str) -> None:
        """AccountError when it is not the person's password, or was guessed too often."""
        if not self._people.try_once(f"sign in as {person.name}", most=_TRIES, window_s=_QUARTER):
            raise AccountError("too many attempts; wait a quarter of an hour, then try again", "attempts")
        self._people.check(person.name, password)

    def list_tokens(self, request: Request, limit: Limit = 20, after: After = None) -> JSONResponse:
        """The newest first; none tells its secret."""
        mine = self._people.tokens_of(self._visitors.person(request), "api")
        behind = [token for token in mine if after is None or token.key < after]
        shown = behind[:limit]
        more = shown[-1].key if len(behind) > limit else None
        return JSONResponse({"tokens": [_token_json(token) for token in shown], "next": more}, headers=_SECRET)

    def make_token(self, request: Request, wish: TokenWish) -> JSONResponse:
        """A token that may what its scopes say, within its owner's role. Keep the secret: it is told this once."""
        person = self._visitors.person(request)
        lasts = None if wish.days is None else wish.days * _DAY
        scopes = tuple(sorted(set(wish.scopes)))
        secret = self._people.issue(person, "api", lasts_s=lasts, name=wish.name.strip(), scopes=scopes)
        found = self._people.bearer(secret, "api")
        assert found is not None  # it was made just now
        return JSONResponse({"token": _token_json(found[1]), "secret": secret}, 201, _SECRET)

    def revoke_token(self, request: Request, number: Annotated[int, Path(ge=0, le=2**62)]) -> Response:
        """From now on it stands for nobody."""
        person = self._visitors.person(request)
        if number not in {token.key for token in self._people.tokens_of(person, "api")}:
            raise NotThereError(f"you have no token {number}; see the list of your tokens")
        self._people.revoke(person, number)
        return Response(status_code=204)


def _token_json(token: Token) -> dict[str, Any]:
    told = {"number": token.key, "name": token.name, "scopes": list(token.scopes)}
    return {**told, "created_at": token.created_at, "expires_at": token.expires_at}
