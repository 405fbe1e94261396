"""Every format that products can be written in; a new one is a module and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from meot.catalogue.export import google, naver, page, shopify, table
from meot.catalogue.export.item import Item
from meot.errors import QueryError, nearest


def _id(item: Item) -> str:
    return item.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """problems: what the format's own rules have against an item. write: items without problems -> the file's text.

    source: the name of the source that reads it. suffix: what a file of it is called. key: what tells an item from
    every other in the file.
    """

    name: str
    source: str
    suffix: str
    problems: Callable[[Item], Iterator[str]]
    write: Callable[[Sequence[Item]], str]
    key: Callable[[Item], str] = _id


FORMATS = (
    Format(
        name="shopify",
        source="shopify",
        suffix=".csv",
        problems=shopify.problems,
        write=shopify.write,
        key=shopify.handle,
    ),
    Format(name="google", source="google", suffix=".xml", problems=google.problems, write=google.write),
    Format(
        name="google-table",
        source="google-table",
        suffix=".tsv",
        problems=google.problems,
        write=google.write_table,
    ),
    Format(name="naver", source="naver", suffix=".json", problems=naver.problems, write=naver.write),
    Format(name="json-ld", source="json-ld", suffix=".json", problems=page.problems, write=page.write),
    Format(name="csv", source="csv", suffix=".csv", problems=table.problems, write=table.write),
)
NAMES = tuple(each.name for each in FORMATS)


def named(name: str) -> Format:
    """The format of that name. QueryError for an unknown one."""
    found = next((each for each in FORMATS if each.name == name), None)
    if found is None:
        said = f"no listing format is called {name!r}; {nearest(name, NAMES)}"
        raise QueryError(said, "none_of", name="to", known=NAMES, got=name)
    return found


def sort_out(items: Sequence[Item], format: Format) -> tuple[list[Item], list[tuple[str, str]]]:
    """The items that the format takes, and (id, reason) of the others; an id counts once."""
    good: list[Item] = []
    left: list[tuple[str, str]] = []
    seen: set[str] = set()
    for item in items:
        key = format.key(item)
        wrong = [*format.problems(item), *([f"its id {key} stands there twice"] if key in seen else [])]
        seen.add(key)
        if wrong:
            left.append((item.id, "; ".join(wrong)))
        else:
            good.append(item)
    return good, left
