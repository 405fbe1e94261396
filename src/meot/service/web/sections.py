"""The sections of the service, as its navigation names them: who sees which, and where one is."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI
from starlette.routing import Match

from meot.service.accounts.visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """key: of its name (``nav.<key>``) and its icon. role: who may see it; None for everybody.

    inside: the beginnings of the addresses that belong to it, besides ``path``.
    """

    key: str
    path: str
    role: str | None = None
    inside: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether the page at ``path`` is one of this section's."""
        return path == self.path or any(path.startswith(f"{start}/") for start in self._starts())

    def _starts(self) -> tuple[str, ...]:
        return self.inside if self.path == "/" else (self.path, *self.inside)


SECTIONS = (
    Section(key="find", path="/", inside=("/look", "/product")),
    Section(key="closet", path="/closet", role="shopper"),
    Section(key="sell", path="/sell", role="seller"),
    Section(key="trends", path="/trends"),
    Section(key="manage", path="/manage", role="admin"),
)


def sections_of(app: FastAPI) -> tuple[Section, ...]:
    """The sections that an application has a page for."""

    def has(path: str) -> bool:
        asked = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": [], "app": app}
        return any(route.matches(asked)[0] is Match.FULL for route in app.routes)

    return tuple(section for section in SECTIONS if has(section.path))


def sections_for(visitor: Visitor | None, known: tuple[Section, ...], *, accounts: bool) -> list[Section]:
    """Those of the sections ``known`` that a visitor may see.

    Who is not signed in is shown what a shopper may, for the way there leads past the sign-in page.
    """
    person = None if visitor is None else visitor.person

    def may(role: str | None) -> bool:
        if role is None:
            return True
        return person.may(role) if person is not None else accounts and role == "shopper"

    return [section for section in known if may(section.role)]
