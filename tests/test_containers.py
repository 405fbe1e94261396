"""The Dockerfile and compose.yaml name what there is: commands, options, settings, extras, files, routes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import pytest

from meot.catalogue.place import Place
from meot.cli import group
from meot.service.health import Probes
from meot.settings import Settings

ROOT = Path(__file__).parents[1]
KNOWN = {f"MEOT_{field.name.upper()}" for field in fields(Settings)} | {"MEOT_SHOP"}
SERVERS = {"FORWARDED_ALLOW_IPS"}
"""What the server beneath reads by itself."""


def instructions() -> list[tuple[str, str]]:
    """(instruction, argument) of the Dockerfile, in order."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = [line.partition(" ") for line in lines]
    return [(name, argument.strip()) for name, _, argument in found]


def last(name: str) -> str:
    return [argument for instruction, argument in instructions() if instruction == name][-1]


@pytest.fixture
def compose() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return found


def parse(arguments: list[str]) -> dict[str, Any]:
    """The options of a command line as the command itself reads them; click's complaint when it cannot."""
    command = group.get_command(click.Context(group), arguments[0])
    assert command is not None
    with command.make_context(arguments[0], arguments[1:]) as context:
        return dict(context.params)


def test_the_image_installs_what_pyproject_describes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed, own = [argument for name, argument in instructions() if name == "RUN" and " install --no-cache" in argument]
    extras = re.search(r'"\.\[([a-z,]+)\]"', needed)
    assert extras is not None
    assert set(extras[1].split(",")) == {"postgresql", "mysql"} <= set(project["optional-dependencies"])
    assert "--no-deps" in own
    copied = [argument.split()[:-1] for name, argument in instructions() if name == "COPY" and "--from" not in argument]
    files = {"pyproject.toml", "src", project["readme"], *project["license-files"]}
    assert {path for paths in copied for path in paths} == files
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for path in files:
        assert (ROOT / path).exists()
        assert f"!{path}" in ignored
        assert not any(fnmatch(path, pattern.removeprefix("**/")) for pattern in ignored if pattern[:1] not in "!*")
    version = re.search(r"python:(3\.\d+)-slim", (ROOT / "Dockerfile").read_text("utf-8"))
    assert version is not None
    assert f"Programming Language :: Python :: {version[1]}" in project["classifiers"]


def test_the_image_runs_a_command_that_there_is_as_nobody_special(monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(last("ENTRYPOINT")) == ["meot"]
    named = dict(pair.split("=", 1) for name, argument in instructions() if name == "ENV" for pair in argument.split())
    assert {name for name in named if name.startswith("MEOT_")} <= KNOWN
    monkeypatch.setenv("MEOT_SHOP", named["MEOT_SHOP"])
    options = parse(json.loads(last("CMD")))
    assert (options["port"], options["create"]) == (int(last("EXPOSE")), True)
    assert options["database"] == named["MEOT_SHOP"]
    assert Path(named["MEOT_SHOP"]).parent == Path(last("VOLUME")) == Path(named["MEOT_DATA"])
    made = re.search(r"useradd .*--uid (\d+)", " ".join(argument for _, argument in instructions()))
    assert made is not None
    assert last("USER") == f"{made[1]}:{made[1]}"  # a number, so that a cluster can see that it is nobody special
    assert last("STOPSIGNAL") == "SIGTERM"
    asked = re.search(r"HTTPConnection\('127\.0\.0\.1', (\d+).*'GET', '(/\w+)'", last("HEALTHCHECK"))
    assert asked is not None
    assert int(asked[1]) == options["port"]
    routes = Probes.build_router(Probes(readiness=None, metrics=None, visitors=None, shown="local")).routes  # type: ignore[arg-type]
    assert asked[2] in {getattr(route, "path", "") for route in routes}


def test_compose_runs_commands_with_settings_that_there_are(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {name: service for name, service in compose["services"].items() if service["image"] == "meot"}
    assert set(ours) == {"sqlite", "postgresql", "postgresql-work", "mysql", "mysql-work"}
    for service in ours.values():
        settings = service["environment"]
        assert set(settings) <= KNOWN | SERVERS
        shop = settings["MEOT_SHOP"].replace("${MEOT_DATABASE_PASSWORD:-}", "secret")
        place = Place.of(shop)
        assert place.file is None or place.file.is_relative_to("/data")
        monkeypatch.setenv("MEOT_SHOP", shop)
        assert parse(service["command"])["database"] == shop
        assert (service["read_only"], service["cap_drop"], service["init"]) == (True, ["ALL"], True)
        if place.file is None:
            server = compose["services"][place.url.host]
            assert server["profiles"] == service["profiles"]
            assert settings["MEOT_JOBS"] == "0"
            given = server["environment"]
            assert {given.get("POSTGRES_DB", given.get("MARIADB_DATABASE"))} == {place.url.database} == {"meot"}
        kept, brought = service["volumes"]
        assert kept.partition(":")[0] in compose["volumes"]
        assert kept.endswith(":/data")
        assert brought == "${MEOT_PRODUCTS:-./products}:/products:ro"  # read later, too


def test_whoever_works_waits_for_whoever_makes_the_tables(compose: dict[str, Any]) -> None:
    for kind in ("postgresql", "mysql"):
        first, second = compose["services"][kind], compose["services"][f"{kind}-work"]
        assert first["depends_on"] == {f"{kind}-server": {"condition": "service_healthy"}}
        assert second["depends_on"] == {kind: {"condition": "service_healthy"}}
        assert "--create" in first["command"]


def test_a_check_of_health_asks_the_service_and_fails_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # of the outside: it must not be asked
    instruction = last("HEALTHCHECK")
    program, *arguments = json.loads(instruction[instruction.index("[") :])
    assert program == "python"
    for status in (200, 503):
        with answering(status) as port:
            script = [argument.replace("8000", str(port)) for argument in arguments]
            assert (subprocess.run([sys.executable, *script]).returncode == 0) is (status == 200)


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server that answers with one status; its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_each_profile_serves_and_does_its_jobs(compose: dict[str, Any]) -> None:
    for profile in ("sqlite", "postgresql", "mysql"):
        commands = {
            service["command"][0]: service["environment"].get("MEOT_JOBS", "1")
            for service in compose["services"].values()
            if service["profiles"] == [profile] and "command" in service
        }
        assert "serve" in commands
        assert commands["serve"] != "0" or "work" in commands
