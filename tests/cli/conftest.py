from __future__ import annotations

import pytest
from tests.builders import TeachableReader, build_likeness

from meot import wiring
from meot.settings import Settings
from meot.types import Reader, Taught


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that can be taught, where commands would open models."""

    def build(settings: Settings, *, asked: object = (), taught: Taught | None = None) -> Reader:
        reader = TeachableReader()
        if taught is not None:
            untaught = reader.read
            monkeypatch.setattr(reader, "read", lambda photo: taught.apply(untaught(photo)))
        return reader

    monkeypatch.setattr(wiring, "build_reader", build)
    monkeypatch.setattr(wiring, "load_likeness", lambda settings: build_likeness())
