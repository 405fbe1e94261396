from __future__ import annotations

import base64

import numpy as np
import pytest

from meot.answers import paging
from meot.answers.paging import MOST_SHOWN, Cursor, Page
from meot.errors import QueryError

_QUESTION = paging.question_of("words", "셔츠", {"colour": None})


def cursor(*shown: int, garment: int = 2) -> Cursor:
    return Cursor(_QUESTION, garment, np.array(shown, np.int64))


@pytest.mark.parametrize("shown", [(), (0,), (1, 2, 3), (5, 130, 2**40), tuple(range(0, 3000, 7))])
def test_a_cursor_comes_back_as_it_was(shown: tuple[int, ...]) -> None:
    text = cursor(*shown).write()
    back = paging.read(text, _QUESTION)
    assert back is not None
    assert (back.garment, back.shown.tolist()) == (2, list(shown))
    assert text.isascii()
    assert all(sign.isalnum() or sign in "-_" for sign in text)


def test_it_stays_short() -> None:
    rng = np.random.default_rng(0)
    shown = np.sort(rng.choice(1_000_000, 1000, replace=False))
    assert len(cursor(*shown.tolist()).write()) < 3000


def test_another_question_refuses_it() -> None:
    text = cursor(1).write()
    with pytest.raises(QueryError, match="another question"):
        paging.read(text, paging.question_of("words", "바지", {"colour": None}))


@pytest.mark.parametrize(
    "text",
    ["", "x", "%%%", "AAAA", "a" * 70_000, "한글", base64.urlsafe_b64encode(b"12345678rubbish").decode()],
)
def test_rubbish_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(QueryError, match="after must be the `next`"):
        paging.read(text, _QUESTION)


def test_a_cut_cursor_is_refused() -> None:
    text = cursor(*range(0, 5000, 13)).write()
    for cut in range(1, len(text), 37):
        with pytest.raises(QueryError):
            paging.read(text[:cut], _QUESTION)


def test_there_are_no_cursors_behind_what_one_can_remember() -> None:
    page = Page.of(_QUESTION, 10, 0, None)
    assert page.after(-1, range(MOST_SHOWN)) is not None
    assert page.after(-1, range(MOST_SHOWN + 1)) is None


def test_an_offset_beside_a_cursor_is_refused() -> None:
    with pytest.raises(QueryError, match="either an offset or after"):
        Page.of(_QUESTION, 10, 5, cursor(1).write())
