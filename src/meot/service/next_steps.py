"""What to do next, as programs and pages are told it: errors say it for a terminal, with commands and flags."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple


class Step(NamedTuple):
    """The same step elsewhere. program: an operation or a field of the API. page: where a visitor finds it."""

    program: str
    page: str


AT_THE_MACHINE = " on the service's machine"
"""Behind what only who runs the service can do, at a terminal there."""
_SAID = re.compile(r"`(?P<command>(?:meot|dask|createdb) [^`]*)`|`?(?<![\w-])--(?P<flag>[a-z][a-z-]+)\b`?")
_COMMANDS = (
    (re.compile(r"meot teach (category|style) (\S+)"), Step(r"`kind=\1` with `name=\2`", r"the \1 \2")),
    (re.compile(r"meot teach undo"), Step("`DELETE /api/v1/lessons`", "“Take back” in Manage, Taught")),
    (re.compile(r"meot teach list"), Step("`GET /api/v1/lessons`", "Manage, Taught")),
    (re.compile(r"meot closet show"), Step("`GET /api/v1/closet`", "the closet's page")),
    (re.compile(r"meot closet add .*"), Step("`POST /api/v1/closet`", "the closet's page")),
)
_FLAGS = {
    "new": Step("`new_question=true`", "a new question"),
    "names": Step("`name_en` and `name_ko`", "the names"),
    "force": Step(*[f"`meot catalogue refresh --force`{AT_THE_MACHINE}"] * 2),
}
_FLAGS |= {flag: Step(*[f"`--{flag}`{AT_THE_MACHINE}"] * 2) for flag in ("ask", "encoder", "format", "models")}
"""Flags that are no field of the same name in the API."""


def for_programs(said: str) -> str:
    """A sentence of an error with the API's operations and fields in place of a terminal's commands and flags."""
    return _SAID.sub(partial(_tell, choose=lambda step: step.program, name=_field), said)


def for_pages(said: str) -> str:
    """A sentence of an error with what is on pages in place of a terminal's commands and flags."""
    return _SAID.sub(partial(_tell, choose=lambda step: step.page, name=_words), said)


def _tell(found: re.Match[str], *, choose: Callable[[Step], str], name: Callable[[str], str]) -> str:
    flag, command = found["flag"], found["command"]
    if flag:
        return choose(_FLAGS[flag]) if flag in _FLAGS else name(flag)
    for pattern, step in _COMMANDS:
        if same := pattern.fullmatch(command):
            return same.expand(choose(step))
    return f"`{command}`{AT_THE_MACHINE}"


def _field(flag: str) -> str:
    return f"`{flag.replace('-', '_')}`"


def _words(flag: str) -> str:
    return flag.replace("-", " ")
