"""Large and hostile files: memory does not grow with them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.catalogue.sources import samples

from meot.catalogue.sources import items, registry
from meot.catalogue.sources.entry import Broken, Entry, Origin
from meot.errors import CatalogueError

ROWS = int(os.environ.get("MEOT_TEST_FEED_ROWS", "100000"))
"""MEOT_TEST_FEED_ROWS=1000000 reads the feed of a large shop."""
CEILING_MB = 32
"""What reading may add to the memory of the process."""


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def feed(file: Path, rows: int) -> Path:
    item = (
        "<item><g:id>{0}</g:id><title>코트 {0}</title><g:image_link>https://c.example/{0}.jpg</g:image_link>"
        "<description>Warm, long and made of wool. Warm, long and made of wool.</description>"
        "<g:price>19900 KRW</g:price><link>https://shop.example/{0}</link></item>\n"
    )
    with file.open("w", encoding="utf-8") as out:
        out.write('<rss xmlns:g="http://base.google.com/ns/1.0"><channel>\n')
        out.writelines(item.format(number) for number in range(rows))
        out.write("</channel></rss>")
    return file


def table(file: Path, rows: int) -> Path:
    with file.open("w", encoding="cp949") as out:
        out.write("id,title,price,image\n")
        out.writelines(f"{number},코트 {number},19900,https://c.example/{number}.jpg\n" for number in range(rows))
    return file


def answer(file: Path, rows: int) -> Path:
    item = {"title": "코트", "image": "https://c.example/1.jpg", "lprice": "19900"}
    with file.open("w", encoding="utf-8") as out:
        out.write('{"lastBuildDate": "now", "items": [')
        out.write(",".join(json.dumps({**item, "productId": str(number)}) for number in range(rows)))
        out.write("]}")
    return file


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell a process its memory")
@pytest.mark.parametrize(("write", "rows"), [(feed, ROWS), (table, ROWS // 4), (answer, ROWS // 4)])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, write: Callable[[Path, int], Path], rows: int) -> None:
    file = write(tmp_path / "large", rows)
    before, most, count = resident_mb(), 0.0, 0
    for entry in registry.read(Origin(file)):
        count += isinstance(entry, Entry)
        if count % 1000 == 0:
            most = max(most, resident_mb())
    assert count == rows
    assert most - before < CEILING_MB


def test_entities_are_refused_before_they_grow(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]><rss><item><id>&l9;</id></item></rss>'
    outside = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><id>&x;</id></item></rss>'
    parameter = '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1/x">%p;]><rss></rss>'
    for text in (bomb, outside, parameter):
        (tmp_path / "feed").write_text(text)
        with pytest.raises(CatalogueError, match="without entity declarations"):
            list(registry.read(Origin(tmp_path / "feed")))


def test_a_document_type_alone_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "feed").write_text(
        samples.ATOM.replace("<feed", '<!DOCTYPE feed SYSTEM "http://127.0.0.1/x.dtd"><feed', 1)
    )
    [entry] = registry.read(Origin(tmp_path / "feed"))
    assert isinstance(entry, Entry)


def test_deep_nesting_and_endless_texts_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "feed").write_text("<rss>" + "<a>" * 100_000)
    with pytest.raises(CatalogueError, match="nested deeper"):
        list(registry.read(Origin(tmp_path / "feed")))
    (tmp_path / "feed").write_text(f"<rss><item><id>1</id><title>{'x' * 3_000_000}</title></item></rss>")
    [entry] = registry.read(Origin(tmp_path / "feed"))
    assert isinstance(entry, Broken)
    (tmp_path / "deep").write_text('{"items": [{"lprice": ' + "[" * 100_000)
    with pytest.raises(CatalogueError, match="damaged"):
        list(registry.read(Origin(tmp_path / "deep"), format="naver"))


def test_a_feed_damaged_in_the_middle_gives_what_stands_before(tmp_path: Path) -> None:
    (tmp_path / "feed").write_text(samples.GOOGLE.replace("<item><g:id>C2", "<item><g:id>C2 & <"))
    coat, broken = registry.read(Origin(tmp_path / "feed"))
    assert isinstance(coat, Entry)
    assert isinstance(broken, Broken)
    assert "damaged here" in broken.reason


def test_an_encoding_that_the_feed_declares_wrongly(tmp_path: Path) -> None:
    text = samples.ELEVENTH.replace('encoding="euc-kr"', 'encoding="utf-8"')
    for declared, encoding in ((text, "cp949"), (samples.ELEVENTH, "utf-8"), (samples.ELEVENTH, "utf-16")):
        (tmp_path / "feed").write_bytes(declared.encode(encoding))
        [entry] = registry.read(Origin(tmp_path / "feed"))
        assert isinstance(entry, Entry)
        assert entry.product.title == "겨울 코트 뷁"


def values(tmp_path: Path, text: str, key: str = "") -> Iterator[object]:
    (tmp_path / "x.json").write_text(text)
    return items.read_items(tmp_path / "x.json", key)


def test_json_is_read_item_by_item_whatever_the_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.catalogue.sources.lines.BLOCK", 3)
    data = [{"a": "x" * n, "n": 10**n} for n in range(12)]
    assert list(values(tmp_path, json.dumps({"total": 5, "skip": [1, {"items": 3}], "items": data}), "items")) == data
    assert list(values(tmp_path, json.dumps(data, indent=2))) == data
    assert list(values(tmp_path, "\n".join(map(json.dumps, data)))) == data
    assert list(values(tmp_path, "12345")) == [12345]
    with pytest.raises(items.Damaged):
        list(values(tmp_path, json.dumps({"items": data})[:-2], "items"))
