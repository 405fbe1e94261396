from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.builders import NAVY, ColourReader, write_photo
from tests.service.conftest import build_shop

from meot.answers.index_files import IndexFiles
from meot.answers.search import Search
from meot.catalogue import intake
from meot.catalogue.feeds import Feed, headers_of
from meot.catalogue.jobs import Job, Jobs
from meot.index.growing import GrowingIndex
from meot.service.jobs.kinds import build_kinds
from meot.service.jobs.worker import Worker
from meot.settings import Settings
from meot.types import Filters
from meot.wiring import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """The shop of the service's tests, its index kept in files."""
    made = build_shop(tmp_path)
    files = IndexFiles(folder=tmp_path / "shop.index", fewest=1, settled=3600)
    search = Search(catalogue=made.catalogue, index=GrowingIndex(), reader=ColourReader(), files=files)
    shop = Shop(made.catalogue, search, made.reader)
    yield shop
    shop.close()


def do(shop: Shop, kind: str, payload: dict[str, object]) -> Job:
    queue = Jobs(database=shop.catalogue.database)
    key = queue.add(kind, payload)
    assert Worker(jobs=queue, kinds=build_kinds(shop, Settings())).work_once()
    return queue.find(key)


@pytest.mark.parametrize("kind", ["reindex", "compact"])
def test_the_index_is_made_anew_or_joined_and_answers_the_same(shop: Shop, kind: str) -> None:
    before = [match.number for match in shop.search.like(1, Filters(), 9).matches]
    done = do(shop, kind, {})
    assert (done.state, done.result["vectors"], done.done) == ("done", 5, 1)
    assert [match.number for match in shop.search.like(1, Filters(), 9).matches] == before != []


def test_reindexing_mends_what_stands_in_the_files(shop: Shop, tmp_path: Path) -> None:
    shop.search.prepare()
    folder = tmp_path / "shop.index"
    shop.search.close()
    for file in folder.glob("*.npy"):
        file.write_bytes(b"")
    assert do(shop, "reindex", {}).state == "done"
    shop.search.close()
    stored = IndexFiles(folder=folder, fewest=1)
    models = next(iter(folder.glob("*.json"))).read_text()
    assert "colour.1" in models
    assert stored.attributes(shop.catalogue.fingerprint()) is not None


def test_refreshing_brings_in_what_the_sources_say_now(shop: Shop, tmp_path: Path) -> None:
    write_photo(tmp_path / "feed" / "new.png", NAVY)
    table = tmp_path / "feed" / "products.csv"
    table.write_text("id,title,image,price\nn1,Old name,new.png,10\n")
    intake.add(shop.catalogue, shop.reader, table, format=None, fetcher=intake.build_fetcher(shop.catalogue.place))
    table.write_text("id,title,image,price\nn1,New name,new.png,12\n")
    done = do(shop, "refresh", {})
    assert done.state == "done", done.reason
    (source,) = done.result["sources"]
    assert (source["updated"], source["refused"]) == (1, "")
    assert do(shop, "refresh", {"sources": ["nowhere"]}).state == "failed"


def test_keys_of_sources_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEOT_HEADER_API_SHOP_EXAMPLE", "X-Key: abc\nX-Other: d:e")
    assert headers_of(Feed(name="a", address="https://api.shop.example/feed")) == {"X-Key": "abc", "X-Other": "d:e"}
    assert headers_of(Feed(name="a", address="/srv/feed.csv")) == {}
