from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from tests.builders import NAVY, build_product, write_photo

from meot.catalogue.archive.layout import BackupError
from meot.catalogue.jobs import Jobs
from meot.catalogue.store import Catalogue
from meot.cli import backup, restore


def test_a_catalogue_goes_into_a_file_and_comes_back(tmp_path: Path) -> None:
    shop, file = tmp_path / "shop.db", tmp_path / "b.tar.gz"
    with Catalogue.open(shop, create=True) as catalogue:
        catalogue.put_product(build_product("1", "Shirt"), [write_photo(tmp_path / "1.png", NAVY)])
        Jobs(database=catalogue.database).add("reindex", {})
    made = CliRunner().invoke(backup.command, [str(shop), str(file), "--json"])
    said = json.loads(made.stdout)
    assert (made.exit_code, said["files"], said["missing"], said["bytes"]) == (0, 1, 0, file.stat().st_size)
    checked = CliRunner().invoke(restore.command, [str(file), "--check"])
    assert checked.stdout.startswith(f"{file}: whole, {said['rows']} rows, made 2")
    assert "name DATABASE" in CliRunner().invoke(restore.command, [str(file)]).stderr
    done = CliRunner().invoke(restore.command, [str(file), str(tmp_path / "new.db")])
    assert (done.exit_code, f"{said['rows']} rows, as of 2" in done.stdout) == (0, True)
    with Catalogue.open(tmp_path / "new.db", create=False) as catalogue:
        assert catalogue.product(1).title == "Shirt"
        assert Jobs(database=catalogue.database).counts()["waiting"] == 1


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        catalogue.put_product(build_product("1", "Shirt"), [write_photo(tmp_path / "1.png", NAVY)])
    (tmp_path / "1.png").unlink()
    made = CliRunner().invoke(backup.command, [str(tmp_path / "shop.db"), str(tmp_path / "b.tar.gz")])
    assert "1 files that the catalogue names are not there" in made.stderr
    none = CliRunner().invoke(restore.command, [str(tmp_path / "no.tar.gz"), str(tmp_path / "new.db")])
    assert isinstance(none.exception, BackupError)
    assert not (tmp_path / "new.db").exists()
