from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from meot import settings
from meot.errors import SettingsError


def test_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "meot.toml"
    file.write_text('threads = 2\nlanguage = "ko"\n', "utf-8")
    monkeypatch.setenv("MEOT_THREADS", "3")
    found = settings.load(file)
    assert (found.threads, found.language) == (3, "ko")
    assert settings.load(tmp_path / "none.toml").language == "en"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour = 1", "unknown setting 'colour'"),
        ("threads = 'many'", "whole number"),
        ("threads = 900", "0..64"),
        ('language = "fr"', "en or ko"),
        ("not toml", "not valid TOML"),
        ("max_upload_mb = 0", "1..64"),
        ("index = 'far away'", "scheduler's address"),
        ("index_copies = 0", "1..8"),
        ('index_folder = "shards"', "begin with /"),
    ],
)
def test_bad_values_are_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "meot.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=words):
        settings.load(file)


def test_the_page_of_settings_names_every_one_with_its_default() -> None:
    page = (Path(__file__).parent.parent / "docs" / "settings.md").read_text("utf-8")
    for field in fields(settings.Settings):
        said = {"models": "the bundled ones", "encoder": "the bundled one", "language": "`en`"}
        said |= {"data": "the working folder", "index": "this process", "accounts": "false", "signup": "true"}
        said |= {"log_addresses": "false", "index_folder": "their memory alone"}
        default = said.get(field.name, str(field.default))
        assert re.search(rf"\| `{field.name}` \| `MEOT_{field.name.upper()}` \| .* \| {default} \|", page), field.name
