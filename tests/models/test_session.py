"""Running models, and sharing work out among threads."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from meot.errors import ModelError
from meot.models.session import Crew, OnnxSession, cores


def rows_of(part: slice) -> list[int]:
    return list(range(part.start, part.stop))


@pytest.mark.parametrize("rows", [1, 2, 3, 7])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_what_threads_did_comes_back_in_order(rows: int, threads: int) -> None:
    done = Crew(threads).begin(rows, rows_of)()
    assert [row for part in done for row in part] == list(range(rows))
    assert (len(done) == 1) == (threads == 1 or rows == 1)


def test_work_is_begun_before_anybody_waits() -> None:
    begun = threading.Event()
    wait = Crew(2).begin(1, lambda part: begun.set())
    assert begun.wait(60)
    wait()


def test_one_thread_does_nothing_until_somebody_waits() -> None:
    seen: list[slice] = []
    wait = Crew(1).begin(3, seen.append)
    assert seen == []
    wait()
    assert seen == [slice(0, 3)]


def test_who_waits_does_what_the_others_have_not_begun() -> None:
    crew, free, here = Crew(2), threading.Event(), threading.get_ident()
    busy = crew.begin(1, lambda part: free.wait(60))  # the only other thread
    doers = crew.begin(4, lambda part: threading.get_ident())()
    free.set()
    assert busy() == [True]
    assert doers == [here, here]


def test_an_error_reaches_who_waits() -> None:
    def fail(part: slice) -> None:
        raise ModelError("broken")

    for threads in (1, 2):
        with pytest.raises(ModelError, match="broken"):
            Crew(threads).begin(2, fail)()


def test_threads_that_outlive_the_main_one_work_on_by_themselves() -> None:
    script = """
import threading, time
from concurrent.futures import thread
from meot.models.session import Crew

crew = Crew(2)

def late():
    while not thread._shutdown:  # which comes after the main thread's end
        time.sleep(0.01)
    print(crew.begin(3, lambda part: part)())

threading.Thread(target=late).start()
"""
    plain = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=plain, check=True, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[slice(0, 3, None)]", "")


def test_threads_are_as_wanted_or_at_most_four() -> None:
    assert cores(3) == 3
    assert 1 <= cores() <= 4


def test_a_file_that_is_no_model_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "parser.onnx"
    file.write_bytes(b"no model")
    with pytest.raises(ModelError, match="cannot be loaded by onnxruntime"):
        OnnxSession(model=file)


def test_onnxruntime_keeps_nothing_to_tell_its_maker(tmp_path: Path) -> None:
    script = "from meot.models import store, session; session.OnnxSession(model=store.find('parser')[0])"
    plain = {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}  # it keeps still where it sees a CI
    subprocess.run([sys.executable, "-c", script], env=plain, check=True)
    assert list(tmp_path.rglob("*")) == []
