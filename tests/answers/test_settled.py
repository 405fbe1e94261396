"""What is done once things have settled is done once, for the last that asked."""

from __future__ import annotations

import threading
from functools import partial

from meot.answers.settled import Settled


def test_only_the_last_of_many_is_called_and_only_after_the_wait() -> None:
    called: list[int] = []
    done = threading.Event()
    settled = Settled(seconds=0.2)

    def call(number: int) -> None:
        called.append(number)
        done.set()

    for number in range(5):
        settled.then(partial(call, number))
    assert called == []
    assert done.wait(20)
    assert called == [4]


def test_what_is_forgotten_is_not_called() -> None:
    called = threading.Event()
    settled = Settled(seconds=0.05)
    settled.then(called.set)
    settled.forget()
    assert not called.wait(0.3)
    settled.forget()
