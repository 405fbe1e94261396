"""What a check found."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from meot.errors import MeotError


@dataclass(frozen=True, slots=True)
class Finding:
    """name: what was looked at. state: "ok", "note" (works, but know it) or "wrong". next: what to do, if anything."""

    name: str
    state: str
    said: str
    next: str = ""

    def as_json(self) -> dict[str, str]:
        """The same, as the command line prints it."""
        return asdict(self)


def ok(name: str, said: str) -> Finding:
    """All is well."""
    return Finding(name, "ok", said)


def note(name: str, said: str, next: str) -> Finding:
    """It works, but whoever runs it should know."""
    return Finding(name, "note", said, next)


def wrong(name: str, said: str, next: str) -> Finding:
    """It does not work, or will not for long."""
    return Finding(name, "wrong", said, next)


def refused(name: str, error: MeotError) -> Finding:
    """What an error of ours says, which tells what to do behind its last semicolon."""
    said, _, next = str(error).rpartition("; ")
    return wrong(name, said, next) if said else wrong(name, next, "see docs/operating.md")
