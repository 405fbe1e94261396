"""How long strangers' hosts want to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from meot.hosts import retry_after

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 04 May 2026 12:01:30 GMT", 90.0),
        ("Mon, 04 May 2026 11:00:00 GMT", 0.0),
        ("9" * 400, 999_999_999.0),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("١٢", None),
    ],
)
def test_how_long_to_wait(said: str, seconds: float | None) -> None:
    assert retry_after(said, NOW) == seconds
