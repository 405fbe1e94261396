from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update
from tests.builders import NAVY, build_product, write_photo
from tests.catalogue import servers

from meot import settings
from meot.catalogue import tables
from meot.catalogue.jobs import Jobs
from meot.catalogue.people import People
from meot.catalogue.store import Catalogue
from meot.cli.check import command
from meot.errors import ModelError
from meot.service.checkup import machine, run, shop
from meot.service.checkup.finding import Finding, ok
from meot.settings import Settings

MODELS = {"parser": "p.1", "garment": "g.1"}


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Models are not loaded, and no settings of this machine count."""
    monkeypatch.setattr(machine, "check_models", lambda _chosen: iter([ok("models", "fine")]))
    monkeypatch.setattr(run, "_models", lambda _chosen: MODELS)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        catalogue.put_product(build_product("1", "Shirt"), [write_photo(tmp_path / "1.png", NAVY)])
        yield catalogue


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty catalogue, on each database in turn."""
    with servers.catalogue(request.param, tmp_path, "checkup") as address:
        yield address


def of(name: str, findings: Iterator[Finding]) -> Finding:
    (found,) = [finding for finding in findings if finding.name == name]
    return found


def test_a_good_setup_has_nothing_wrong(catalogue: Catalogue, tmp_path: Path) -> None:
    found = list(run.check(tmp_path / "shop.db"))
    assert [finding for finding in found if finding.state == "wrong"] == []
    names = {"versions", "settings", "models", "fonts", "database", "photos", "closets", "rights", "space", "index"}
    assert {finding.name for finding in found} == names | {"accounts", "jobs", "clock"}


def test_every_database_is_checked(where: str, tmp_path: Path) -> None:
    with Catalogue.open(where, create=False, data=tmp_path) as catalogue:
        assert of("database", shop.check_database(catalogue.database)).state == "ok"


def test_photos_that_are_gone_are_named(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "1.png").unlink()
    found = of("photos", run.check(tmp_path / "shop.db"))
    assert (found.state, "1 of 1 files are gone" in found.said, "1.png" in found.said) == ("wrong", True, True)


def test_a_damaged_database_is_wrong_and_the_rest_is_still_checked(catalogue: Catalogue, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    for number in range(200):
        catalogue.put_product(build_product(str(number), "x" * 500), [])
    with catalogue.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    catalogue.close()
    data = bytearray(file.read_bytes())
    for page in range(8, len(data) // 4096, 3):
        data[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    file.write_bytes(data)
    found = list(run.check(file))
    assert any(finding.state == "wrong" and finding.next for finding in found if finding.name == "database")
    assert found[0].state == "ok"


def test_rows_that_point_nowhere_are_wrong(catalogue: Catalogue, tmp_path: Path) -> None:
    raw = sqlite3.connect(tmp_path / "shop.db")  # which does not care where rows point
    raw.execute("INSERT INTO product_photos VALUES (99, 99, 0)")
    raw.commit()
    raw.close()
    assert "product_photos" in of("database", run.check(tmp_path / "shop.db")).said


def test_a_damaged_index_is_told_and_mends_itself(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "shop.index").mkdir()
    (tmp_path / "shop.index" / "index.json").write_text("{")
    assert of("index", run.check(tmp_path / "shop.db")).state == "note"


def test_accounts_without_an_administrator_are_wrong(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEOT_ACCOUNTS", "true")
    people = People(database=catalogue.database)
    people.add("jun", "correct horse battery")
    assert "meot people add" in of("accounts", run.check(tmp_path / "shop.db")).next
    people.add("mina", "correct horse battery", role="admin")
    assert of("accounts", run.check(tmp_path / "shop.db")).state == "ok"


def test_jobs_that_nobody_works_on_are_wrong(catalogue: Catalogue, tmp_path: Path) -> None:
    Jobs(database=catalogue.database).add("reindex", {})
    assert of("jobs", run.check(tmp_path / "shop.db")).state == "ok"
    with catalogue.database.writing() as connection:
        connection.execute(update(tables.jobs).values(created_at=time.time() - 7200))
    assert of("jobs", run.check(tmp_path / "shop.db")).state == "wrong"
    with catalogue.database.writing() as connection:
        connection.execute(update(tables.jobs).values(state="failed"))
    assert of("jobs", run.check(tmp_path / "shop.db")).state == "note"


def test_a_clock_behind_the_catalogue_is_wrong(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    catalogue.saw([1], now)
    monkeypatch.setattr("meot.service.checkup.machine.time.time", lambda: now - 7200)
    assert "120 minutes behind" in of("clock", run.check(tmp_path / "shop.db")).said


def test_little_space_is_wrong(catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop, "_LITTLE_BYTES", 1 << 60)
    assert of("space", run.check(tmp_path / "shop.db")).state == "wrong"


def test_a_folder_that_cannot_be_written_is_wrong(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.photos").mkdir()
    access = os.access
    monkeypatch.setattr("os.access", lambda path, mode: "photos" not in str(path) and access(path, mode))
    found = of("rights", run.check(tmp_path / "shop.db"))
    assert (found.state, "shop.photos" in found.said) == ("wrong", True)


def test_what_another_user_left_beside_an_sqlite_file_is_wrong(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = os.access
    monkeypatch.setattr("os.access", lambda path, mode: not str(path).endswith("-wal") and access(path, mode))
    found = of("rights", run.check(tmp_path / "shop.db"))
    assert (found.state, "shop.db-wal" in found.said) == ("wrong", True)


def test_a_folder_that_is_not_made_yet_is_looked_for_where_it_will_be(where: str, tmp_path: Path) -> None:
    with Catalogue.open(where, create=False, data=tmp_path / "later" / "on") as catalogue:
        found = {finding.name: finding for finding in shop.check_files(catalogue.database)}
    assert {finding.state for finding in found.values()} == {"ok"}
    assert found["rights"].said == f"{tmp_path} can be written"


def test_settings_that_mean_nothing_are_named() -> None:
    found = of("settings", machine.check_settings({"MEOT_LANGAUGE": "ko", "MEOT_HEADER_A": "b", "PATH": "/bin"}))
    assert (found.state, "did you mean 'MEOT_LANGUAGE'?" in found.said) == ("wrong", True)
    assert of("settings", machine.check_settings({"MEOT_SHOP": "shop.db"})).state == "ok"


def test_a_setting_that_cannot_be_is_wrong_and_open_metrics_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEOT_METRICS", "public")
    assert of("metrics", machine.check_settings()).state == "note"
    monkeypatch.setenv("MEOT_METRICS", "everybody")
    assert "must be local, public or off" in of("settings", machine.check_settings()).said


def test_a_setting_that_cannot_be_hides_no_name_that_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEOT_JOBS", "99")
    named, refused = machine.check_settings({"MEOT_LANGAUGE": "ko", "MEOT_JOBS": "99"})
    assert (named.next, refused.next) == ("correct or unset MEOT_LANGAUGE", "change MEOT_JOBS or meot.toml")


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_server_whose_name_leads_nowhere_is_told_with_what_to_do(kind: str) -> None:
    found = of("database", run.check(f"{kind}://me:secret@nowhere.invalid/shop"))
    assert (found.state, "leads nowhere" in found.said, "secret" in found.said) == ("wrong", True, False)
    assert "%40" in found.next


def test_a_cluster_that_does_not_answer_is_wrong(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEOT_INDEX", "dask://127.0.0.1:9")
    monkeypatch.setattr("meot.cluster._PATIENCE", 0.2)
    found = of("index", run.check(tmp_path / "shop.db"))
    assert (found.state, "start one with `dask scheduler`" in found.next) == ("wrong", True)


def test_no_font_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.fonts.korean_font", lambda: None)
    assert of("fonts", machine.check_fonts()).state == "note"


def test_missing_models_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    def fail(_chosen: Settings) -> None:
        raise ModelError("parser.onnx: the file is damaged; install or export it again")

    monkeypatch.setattr("meot.wiring.build_reader", fail)
    assert of("models", machine.check_models(settings.Settings())).state == "wrong"


def test_the_command_prints_lines_or_json_and_its_status_tells(catalogue: Catalogue, tmp_path: Path) -> None:
    good = CliRunner().invoke(command, [str(tmp_path / "shop.db")])
    assert (good.exit_code, good.output.splitlines()[0].startswith("ok    versions: meot ")) == (0, True)
    bad = CliRunner().invoke(command, [str(tmp_path / "none.db"), "--json"])
    said = json.loads(bad.output)
    assert (bad.exit_code, said["wrong"]) == (1, 1)
    assert "no catalogue here" in said["findings"][-1]["said"]
    assert CliRunner().invoke(command, []).exit_code == 0
