"""The command line as a whole: help, errors, exit statuses."""

from __future__ import annotations

import builtins
import importlib
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata

import click
import pytest

from meot import cli
from meot.errors import CatalogueError

CODE = "from meot.cli import main; main()"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CODE, *arguments], capture_output=True, text=True)


def answer(monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str]) -> int:
    """The exit status of ``meot ARGUMENTS`` in this process."""
    monkeypatch.setattr(sys, "argv", ["meot", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert isinstance(left.value.code, int)
    return left.value.code


def failing(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


def test_help_names_every_command_with_a_line() -> None:
    shown = run("--help")
    assert shown.returncode == 0
    assert re.findall(r"^  (\w+)  +[A-Z]", shown.stdout.split("Commands:")[1], re.M) == list(cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_exists_and_explains_itself(name: str) -> None:
    command = importlib.import_module(cli.MODULES[name]).command
    assert isinstance(command, click.Command)
    assert len(command.get_help(click.Context(command, info_name=f"meot {name}")).splitlines()) > 4


def test_version() -> None:
    assert metadata.version("meot") in run("--version").stdout


def test_without_a_command_help_is_shown() -> None:
    shown = run()
    assert "Commands:" in shown.stderr + shown.stdout
    assert "Traceback" not in shown.stderr


def test_unknown_command_and_option() -> None:
    for arguments in (["reed"], ["taxonomy", "--jsn"]):
        shown = run(*arguments)
        assert shown.returncode == 2
        assert "No such" in shown.stderr
        assert "Traceback" not in shown.stderr


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (CatalogueError("shop.db: not found; check the path"), 2, "meot: shop.db: not found; check the path\n"),
        (KeyboardInterrupt(), 130, "meot: stopped\n"),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), 2, "pip install 'meot[train]'\n"),
        (ModuleNotFoundError("No module named 'timm.x'", name="timm.x"), 2, "pip install 'meot[train]'\n"),
    ],
)
def test_expected_errors_are_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], error: BaseException, status: int, says: str
) -> None:
    monkeypatch.setattr("meot.cli.taxonomy.command", failing(error))
    assert answer(monkeypatch, ["taxonomy"]) == status
    shown = capfd.readouterr().err.lstrip("\n")  # click ends the line in which ^C was typed
    assert shown.startswith("meot: ")
    assert shown.endswith(says)
    assert len(shown.splitlines()) == 1


def test_defects_of_ours_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.cli.taxonomy.command", failing(ModuleNotFoundError("no", name="meot.nonsense")))
    monkeypatch.setattr(sys, "argv", ["meot", "taxonomy"])
    with pytest.raises(ModuleNotFoundError):
        cli.main()


def test_training_without_torch_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def without_torch(name: str, *more: object) -> object:
        if name.partition(".")[0] in ("torch", "timm", "torchvision"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *more)  # type: ignore[arg-type]

    for module in [name for name in sys.modules if name.startswith("meot.training")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", without_torch)
    assert answer(monkeypatch, ["train", "parser", "--data", ".", "--out", "."]) == 2
    assert "run: pip install 'meot[train]'" in capfd.readouterr().err


def test_a_closed_pipe_is_quiet() -> None:
    shell = f'{sys.executable} -c "{CODE}" taxonomy --json'
    shown = subprocess.run(
        ["bash", "-c", f"for i in 1 2 3; do {shell}; done | head -c 1"], capture_output=True, text=True
    )
    assert (shown.stdout, shown.stderr) == ("{", "")


def test_a_full_disk_is_one_sentence() -> None:
    with open("/dev/full", "w") as full:
        shown = subprocess.run([sys.executable, "-c", CODE, "taxonomy"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert shown.returncode == 2
    assert shown.stderr.startswith("meot: No space left on device; ")
    assert len(shown.stderr.splitlines()) == 1


def test_being_stopped_is_one_line() -> None:
    listen = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # a background shell's children ignore it
    code = f"import signal; {listen}; signal.raise_signal(signal.SIGINT)"
    wait = f"import click\nfrom meot.cli import taxonomy, main\n@click.command()\ndef command():\n    {code}\n"
    shown = subprocess.run(
        [sys.executable, "-c", wait + "taxonomy.command = command\nmain()", "taxonomy"], capture_output=True, text=True
    )
    assert (shown.returncode, shown.stderr.strip()) == (130, "meot: stopped")
