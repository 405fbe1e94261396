from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from tests.service.conftest import build_shop, jpeg

from meot.catalogue.database import Database
from meot.catalogue.jobs import Jobs
from meot.cli.serve import address_of, command, listen
from meot.errors import CatalogueError, SettingsError

SERVE = """
import sys
from pathlib import Path
from tests.service.conftest import build_shop
from meot import wiring
from meot.cli import serve
shop = build_shop(Path(sys.argv[1]))
wiring.open_shop = lambda database, settings: shop
serve.command(["shop.db", "--port", "0", "--language", "ko"])
"""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_answers_and_stops_when_asked(tmp_path: Path, stop: signal.Signals) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUNBUFFERED": "1"}
    env["PYTHONPATH"] += os.pathsep + str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SERVE, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    ) as service:
        assert service.stdout is not None
        assert service.stderr is not None
        said = service.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert found, said + service.stderr.read()
        with urllib.request.urlopen(found[0], timeout=120) as answer:
            assert answer.headers["Content-Language"] == "ko"
        service.send_signal(stop)
        assert service.wait(120) == 0
        assert service.stderr.read() == "meot: stopped\n"


SLOW = """
import sys, time
from pathlib import Path
from tests.builders import ColourReader
from tests.service.conftest import build_shop
from meot import wiring
from meot.catalogue.jobs import Jobs
from meot.cli import serve
from meot.service import app
folder = Path(sys.argv[1])
shop = build_shop(folder)
class Slow(ColourReader):
    def read(self, photo):
        (folder / "reading").touch()
        while not (folder / "go on").exists():
            time.sleep(0.01)
        return super().read(photo)

shop = type(shop)(shop.catalogue, shop.search, Slow())

def sleep(job, tell):
    (folder / "begun").touch()
    while True:
        tell(0, 1)
        time.sleep(0.01)

wiring.open_shop = lambda database, settings: shop
app.build_kinds = lambda shop, settings: {"sleep": sleep}
serve._SERVER["timeout_graceful_shutdown"] = 120
serve.command(["shop.db", "--port", "0", "--log", "json"])
"""


def test_when_asked_to_stop_it_ends_its_answers_and_gives_its_job_back(tmp_path: Path) -> None:
    with Database.open(tmp_path / "shop.db", create=True) as database:
        queue = Jobs(database=database)
        key = queue.add("sleep", {})
        with _started(SLOW, tmp_path) as (service, address):
            _until((tmp_path / "begun").exists)
            with ThreadPoolExecutor(1) as pool:
                files = {"photo": ("a.jpg", jpeg(), "image/jpeg")}
                asked = pool.submit(httpx.post, f"{address}/api/v1/looks", files=files, timeout=120)
                _until((tmp_path / "reading").exists)
                service.send_signal(signal.SIGTERM)
                _until(lambda: queue.find(key).state == "waiting")
                assert not asked.done()  # the job is back before the answer that is under way
                (tmp_path / "go on").touch()
                assert asked.result().status_code == 200
            assert service.wait(120) == 0
            assert service.stderr is not None
            said = service.stderr.read()
        assert queue.find(key).attempts == 0
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [line["route"] for line in lines if line["message"] == "request"] == ["/api/v1/looks"]
    assert said.endswith("meot: stopped\n")


SEVERAL = """
import sys
from meot.cli import serve
serve._SILENT_SECONDS = 3600  # who dies is not merely silent
serve.command([sys.argv[1] + "/shop.db", "--port", "0", "--workers", "2", "--log", "text"])
"""


def test_of_several_processes_one_may_die(tmp_path: Path) -> None:
    build_shop(tmp_path).close()
    with _started(SEVERAL, tmp_path) as (service, address), httpx.Client(base_url=address, timeout=120) as client:
        once = {"Connection": "close"}
        _until(lambda: client.get("/readyz", headers=once).json() == {"ready": True, "reasons": []})
        sent = client.post("/look", files={"photo": ("a.jpg", jpeg(), "image/jpeg")}, headers=once)
        assert sent.status_code == 303
        for _ in range(8):  # whichever process answers
            assert client.get(f"{sent.headers['location']}/photo", headers=once).status_code == 200
        processes = _children(service.pid)
        assert len(processes) == 2
        os.kill(processes[0], signal.SIGSTOP)
        time.sleep(1.5)  # by now it has been asked whether it lives, and owes the answer
        os.kill(processes[0], signal.SIGKILL)
        _until(lambda: len(set(_children(service.pid)) - set(processes)) == 1)  # not after it was silent for long
        assert client.get("/healthz", headers=once).status_code == 200
        said = client.get("/metrics", headers=once).text
        assert 'route="/readyz"' in said  # counted together
        service.send_signal(signal.SIGTERM)
        assert service.wait(120) == 0


def test_several_processes_that_cannot_start_say_why(tmp_path: Path) -> None:
    build_shop(tmp_path).close()
    env = {**os.environ, "MEOT_MODELS": str(tmp_path / "none")}
    run = subprocess.run([sys.executable, "-c", SEVERAL, str(tmp_path)], capture_output=True, text=True, env=env)
    assert run.returncode != 0
    assert "expected a folder of model files, found none" in run.stderr
    assert "could not start" in run.stderr


@contextmanager
def _started(script: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service in a process of its own, and its address; it is gone at the end, whatever happens."""
    places = [str(Path(__file__).parents[2]), *(path for path in sys.path if path)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(places), "PYTHONUNBUFFERED": "1"}
    arguments = [sys.executable, "-W", "ignore", "-c", script, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, stdout=pipe, stderr=pipe, text=True, env=env) as service:
        assert service.stdout is not None
        assert service.stderr is not None
        try:
            said = service.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert found, said + service.stderr.read()
            yield service, found[0]
        finally:
            for child in [*_children(service.pid), service.pid]:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)


def _until(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    """The processes that answer for a service; not the one that tracks what they share."""
    found = subprocess.run(["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(line.split()[0]) for line in found.stdout.splitlines() if "spawn_main" in line]


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"cannot listen on 127\.0\.0\.1 port {port} .*choose another"):
            listen("127.0.0.1", port)


def test_a_host_that_is_none_is_one_sentence() -> None:
    with pytest.raises(SettingsError, match="cannot listen on"):
        listen("no.such.host.invalid", 0)


def test_an_address_for_all_is_told_as_one_to_open() -> None:
    with listen("0.0.0.0", 0) as listener:
        assert address_of(listener).startswith("http://127.0.0.1:")


def test_a_catalogue_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    found = CliRunner().invoke(command, [str(tmp_path / "none.db"), "--port", "0"])
    assert isinstance(found.exception, CatalogueError)
    assert "no catalogue here" in str(found.exception)
    assert not list(tmp_path.iterdir())


def test_the_test_shop_is_a_shop(tmp_path: Path) -> None:
    shop = build_shop(tmp_path)
    assert shop.catalogue.counts()["products"] == 5
    shop.close()
