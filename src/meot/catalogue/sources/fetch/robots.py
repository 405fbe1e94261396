"""robots.txt (RFC 9309): which paths of a host may be asked for."""

from __future__ import annotations

import re
from urllib.parse import unquote

LARGEST = 500 * 1024
"""Bytes of a robots.txt that are looked at, as the standard has it."""
AGENT = "meot"


class Robots:
    """The rules of one robots.txt for one agent: those of its own groups, else those for all."""

    def __init__(self, *, text: str, agent: str = AGENT) -> None:
        groups = list(_groups(text))
        own = [rules for agents, rules in groups if agent in agents]
        chosen = own or [rules for agents, rules in groups if "*" in agents]
        self._rules = [rule for rules in chosen for rule in rules]

    def allows(self, target: str) -> bool:
        """Whether a path with its query may be asked for: the longest rule that fits decides, allow before disallow."""
        path = unquote(target)
        fitting = [(len(pattern), allow) for allow, pattern in self._rules if _fits(pattern, path)]
        return max(fitting, default=(0, True))[1]


def _groups(text: str) -> list[tuple[set[str], list[tuple[bool, str]]]]:
    """(agents, [(allow, pattern)]) of each group of rules."""
    groups: list[tuple[set[str], list[tuple[bool, str]]]] = []
    naming = False
    for line in text[:LARGEST].splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            if not naming:
                groups.append((set(), []))
            groups[-1][0].add(value.lower())
            naming = True
        elif name in ("allow", "disallow"):
            naming = False
            if groups and value:
                groups[-1][1].append((name == "allow", unquote(value)))
    return groups


def _fits(pattern: str, path: str) -> bool:
    """``*`` is anything, ``$`` the end; matched part by part, so that no pattern takes long."""
    ends = pattern.endswith("$")
    first, *parts = re.split(r"\*+", pattern.removesuffix("$"))
    if not path.startswith(first):
        return False
    at = len(first)
    for number, part in enumerate(parts, start=1):
        if ends and number == len(parts):
            return len(path) - len(part) >= at and path.endswith(part)
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not ends or at == len(path)
