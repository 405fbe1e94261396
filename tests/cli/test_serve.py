from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.service.conftest import build_shop

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
        with urllib.request.urlopen(found[0], timeout=30) as answer:
            assert answer.headers["Content-Language"] == "ko"
        service.send_signal(stop)
        assert service.wait(20) == 0
        assert service.stderr.read() == "meot: stopped\n"


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
