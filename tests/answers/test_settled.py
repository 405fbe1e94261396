"""What is done once things have settled is done once, for the last that asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from meot.answers import settled
from meot.answers.settled import Settled


class Timers(list["Timers.Timer"]):
    """Stand for the timers of threads, and go off when they are told to."""

    class Timer:
        daemon = False

        def __init__(self, seconds: float, work: Callable[[], object]) -> None:
            self.seconds, self.work, self.waits = seconds, work, False

        def start(self) -> None:
            self.waits = True

        def cancel(self) -> None:
            self.waits = False

    def __call__(self, seconds: float, work: Callable[[], object]) -> Timer:
        self.append(self.Timer(seconds, work))
        return self[-1]

    def go_off(self) -> None:
        """Let the time of all of them be over."""
        for timer in self:
            if timer.waits:
                timer.work()


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    timers = Timers()
    monkeypatch.setattr(settled, "Timer", timers)
    return timers


def test_only_the_last_of_many_is_called_and_only_after_the_wait(timers: Timers) -> None:
    called: list[int] = []
    waiting = Settled(seconds=0.2)
    for number in range(5):
        waiting.then(partial(called.append, number))
    assert called == []
    assert {(timer.seconds, timer.daemon) for timer in timers} == {(0.2, True)}
    timers.go_off()
    assert called == [4]


def test_what_is_forgotten_is_not_called(timers: Timers) -> None:
    called: list[int] = []
    waiting = Settled(seconds=0.05)
    waiting.then(partial(called.append, 1))
    waiting.forget()
    timers.go_off()
    assert called == []
    waiting.forget()


def test_a_thread_does_it_by_itself() -> None:
    done = threading.Event()
    Settled(seconds=0.01).then(done.set)
    assert done.wait(60)
