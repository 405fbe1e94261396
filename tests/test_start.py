"""meot starts fast and light."""

from __future__ import annotations

import subprocess
import sys

import pytest

import meot

HEAVY = ("numpy", "onnxruntime", "torch", "cv2", "faiss", "sqlalchemy", "fastapi", "PIL")


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


def test_importing_meot_loads_nothing_heavy() -> None:
    assert not modules_after("import meot") & set(HEAVY)


def test_help_loads_nothing_heavy() -> None:
    code = "from meot.cli import group\ntry:\n    group.main(['--help'])\nexcept SystemExit:\n    pass"
    assert not modules_after(code) & set(HEAVY)


def test_import_takes_less_than_the_promised_time() -> None:
    code = "import time; t = time.process_time(); import meot; print(time.process_time() - t)"
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(runs) < 0.3


def test_every_public_name_resolves() -> None:
    for name in meot.__all__:
        assert getattr(meot, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = meot.nonsense
