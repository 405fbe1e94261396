"""Whole crawls of a site on this machine, each in its own process."""

from __future__ import annotations

import importlib.util
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.catalogue.sources.fetch.web import Act, Site, Visit, serve
from tests.data.crawl.scenes import photo

from meot.data.crawl.collection import RECORDS, STATE, TABLE, alone
from meot.data.crawl.plan import Plan, Summary
from meot.data.crawl.run import collect
from meot.data.table import load
from meot.errors import DataError

pytest.importorskip("scrapy")

HOST = "127.0.0.1"


def page(html: str, encoding: str = "utf-8") -> Act:
    return lambda visit: visit.answer(html.encode(encoding), Content_Type="text/html")


def picture(seed: int, **options: Any) -> Act:
    return lambda visit: visit.answer(photo(seed, **options), Content_Type="image/jpeg")


def plan(site: Site, folder: Path, *paths: str, **options: Any) -> Plan:
    addresses = tuple(site.address + path for path in paths or ("/",))
    given: dict[str, Any] = {"name": "knit", "delay": 0.0, "private_hosts": (HOST,), "patience": 3.0} | options
    return Plan(addresses=addresses, folder=folder, **given)


def endless(visit: Visit) -> None:
    visit.begin(Content_Type="text/html")
    while True:
        visit.wfile.write(b"<p>more</p>" * 10_000)


def cut(visit: Visit) -> None:
    visit.begin(Content_Type="image/jpeg", Content_Length="99999")
    visit.wfile.write(photo(9)[:3000])


def at_second(first: Act, then: Act) -> Act:
    calls: list[float] = []

    def act(visit: Visit) -> None:
        calls.append(time.monotonic())
        (then if len(calls) > 1 else first)(visit)

    return act


def busy(seconds: str) -> Act:
    return lambda visit: visit.answer(b"", status=503, Retry_After=seconds)


def snapshot(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and STATE not in file.parts)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


LIST = """<title>니트</title><base href="/list/">
<a href=/p/1><img src="data:image/gif;base64,R0lGOD" data-src="lazy.jpg" alt="니트 조끼"></a>
<picture><source type="image/avif" srcset="/x.avif"><source srcset="/small.jpg 300w, /large.jpg 900w"><img src="/s.jpg">
</picture><img src="//HERE/again.jpg"><img src=/tiny.jpg><img src=/text.jpg><img src=/secret/x.jpg><img src=/away.jpg>
<img src=/cut.jpg><img src=/busy.jpg><img src=/gone.jpg><img src=/own.jpg><img src=/loop.jpg>
<img src="http://meot-test.invalid/a.jpg"><img src="http://169.254.169.254/latest.jpg">
<a href="/?page=2">2</a><a href="/other">other</a><a href="/secret/?page=3">3</a><a href="http://localhost:1/?page=4">4</a>
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Path, Summary]]:
    """A site that does what sites do, collected from once."""
    robots = b"User-agent: *\nDisallow: /\n\nUser-agent: meot\nDisallow: /secret/\nCrawl-delay: 0.02\n"
    routes: dict[str, Act] = {
        "/robots.txt": lambda visit: visit.answer(robots),
        "/list/lazy.jpg": picture(1),
        "/large.jpg": picture(2),
        "/again.jpg": picture(1, size=(480, 440), quality=60),
        "/tiny.jpg": picture(3, size=(90, 90)),
        "/text.jpg": page("<p>not here"),
        "/away.jpg": lambda visit: visit.answer(b"", status=302, Location=f"http://localhost:{port}/inner.jpg"),
        "/inner.jpg": picture(4),
        "/cut.jpg": cut,
        "/busy.jpg": at_second(busy("1"), picture(5)),
        "/own.jpg": lambda visit: visit.answer(photo(6), X_Robots_Tag="noimageai"),
        "/loop.jpg": lambda visit: visit.answer(b"", status=302, Location=f"/loop.jpg?{len(site.visits)}"),
        "/endless": endless,
        "/korean": page("<meta charset=euc-kr><img src=/korean.jpg alt='청바지'>", "euc-kr"),
        "/korean.jpg": picture(7),
        "/reserved": page("<meta name=robots content=noai><img src=/reserved.jpg>"),
        "/photo.jpg": picture(8),
        "/pdf": lambda visit: visit.answer(b"%PDF-1.7", Content_Type="application/pdf"),
    }
    with serve(routes) as site:
        port = site.server_address[1]
        second = page("<img src=/list/lazy.jpg><a href='/?page=5' rel=nofollow>5</a>")
        first = page(LIST.replace("HERE", f"{HOST}:{port}"))
        routes["/"] = lambda visit: (second if "page=2" in visit.path else first)(visit)
        folder = tmp_path_factory.mktemp("collected")
        pages = ("/", "/endless", "/korean", "/reserved", "/photo.jpg", "/pdf")
        yield site, folder, collect(plan(site, folder, *pages, follow="page=", depth=2), show=False)


def seen(folder: Path) -> dict[str, dict[str, Any]]:
    """The records, by the end of the picture's address."""
    lines = map(json.loads, (folder / RECORDS).read_text("utf-8").splitlines()[1:])
    return {record["image"].rpartition("/")[2]: record for record in lines}


def test_what_came_of_a_hostile_site(hostile: tuple[Site, Path, Summary]) -> None:
    site, folder, summary = hostile
    taken = {name for name, record in seen(folder).items() if record["outcome"] == "taken"}
    assert taken == {"lazy.jpg", "large.jpg", "busy.jpg", "korean.jpg", "photo.jpg"}
    assert seen(folder)["again.jpg"]["of"] == seen(folder)["lazy.jpg"]["sha256"]
    assert dict(summary.counts) == {
        "taken": 5,
        "duplicate": 1,
        "small": 1,
        "unreadable": 1,
        "robots": 2,
        "reserved": 2,
        "failed": 8,
    }
    assert (summary.pages, summary.photos, summary.finished) == (4, 5, True)
    for path in ("/inner.jpg", "/other", "/reserved.jpg", "/secret/x.jpg", "/?page=5", "/x.avif", "/s.jpg"):
        assert path not in site.visits


def test_failures_say_why(hostile: tuple[Site, Path, Summary]) -> None:
    reasons = {reason.partition(": ")[0].rpartition("/")[2]: reason for reason in hostile[2].reasons}
    wanted = {
        "away.jpg": "localhost leads into a private network",
        "latest.jpg": "169.254.169.254 leads into a private network",
        "a.jpg": "meot-test.invalid",
        "gone.jpg": "the server answers 404",
        "loop.jpg": "redirect",
        "endless": "without an end",
        "cut.jpg": "the connection was cut",
        "pdf": "expected a web page",
    }
    for name, said in wanted.items():
        assert said.lower() in reasons[name].lower()


def test_words_and_places_are_kept(hostile: tuple[Site, Path, Summary]) -> None:
    site, folder, _ = hostile
    lazy, korean = seen(folder)["lazy.jpg"], seen(folder)["korean.jpg"]
    assert (lazy["alt"], lazy["page"], lazy["item"]) == ("니트 조끼", f"{site.address}/", f"{site.address}/p/1")
    assert (korean["alt"], korean["page"]) == ("청바지", f"{site.address}/korean")
    table = load(folder / TABLE)
    assert {row.labels["category"] for row in table.rows} == {"knit"}
    assert sum(row.group == f"{site.address}/p/1" for row in table.rows) == 1


def test_it_says_who_it_is_and_sends_no_cookie(hostile: tuple[Site, Path, Summary]) -> None:
    for headers in hostile[0].asked:
        assert headers["user-agent"].startswith("meot/")
        assert "cookie" not in headers


def test_run_twice_it_changes_nothing_and_asks_little(hostile: tuple[Site, Path, Summary]) -> None:
    site, folder, _ = hostile
    before = snapshot(folder)
    site.visits.clear()
    again = collect(plan(site, folder, "/", "/korean", follow="page=", depth=2), show=False)
    assert (again.counts["taken"], again.photos) == (0, 5)
    assert snapshot(folder) == before
    pictures = {path for path in site.visits if path.endswith(".jpg")}
    assert pictures == {"/away.jpg", "/cut.jpg", "/gone.jpg", "/own.jpg", "/loop.jpg"}


def shop(count: int, pages: int = 1) -> dict[str, Act]:
    """Pages of ``count`` pictures each, the next one linked."""
    routes: dict[str, Act] = {}
    for number in range(pages):
        pictures = [f"/{number}-{i}.jpg" for i in range(count)]
        html = "".join(f"<img src={path}>" for path in pictures) + f"<a href='/page{number + 1}'>next</a>"
        routes[f"/page{number}"] = page(html)
        routes |= {path: picture(100 * number + i) for i, path in enumerate(pictures)}
    return routes


def one_at_a_time(act: Act, asked: list[int]) -> Act:
    """The same, noting how many requests are under way at once."""

    def noted(visit: Visit) -> None:
        asked.append(1 + (asked[-1] if asked else 0))
        time.sleep(0.02)
        asked.append(asked[-1] - 1)
        act(visit)

    return noted


def test_it_ends_with_enough_photos_and_not_before(tmp_path: Path) -> None:
    asked: list[int] = []
    with serve({path: one_at_a_time(act, asked) for path, act in shop(9).items()}) as site:
        first = collect(plan(site, tmp_path, "/page0", most=4), show=False)
        assert (first.photos, first.counts["taken"], first.finished) == (4, 4, True)
        assert set(asked) == {0, 1}
        assert site.visits[:3] == ["/robots.txt", "/page0", "/0-0.jpg"]
        before = snapshot(tmp_path)
        site.visits.clear()
        again = collect(plan(site, tmp_path, "/page0", most=4), show=False)
    assert (again.photos, again.finished) == (4, True)
    assert snapshot(tmp_path) == before
    assert site.visits == []


def test_a_full_disk_is_one_sentence_and_the_run_goes_on_later(tmp_path: Path) -> None:
    code = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500)); "
    code += "runpy.run_module('meot.data.crawl', run_name='__main__')"
    with serve(shop(4)) as site:
        made = plan(site, tmp_path, "/page0")
        full = subprocess.run([sys.executable, "-c", code], input=made.as_json() + "\n", capture_output=True, text=True)
        assert full.returncode == 2
        assert json.loads(full.stdout.splitlines()[-1])["broken"].endswith("run it again: it goes on where it was")
        assert list((tmp_path / "knit").iterdir()) == []
        assert collect(made, show=False).photos == 4


def broken_off(made: Plan, after: int, how: Callable[[subprocess.Popen[str]], None]) -> None:
    """A crawl that is ended from outside after so many photos."""
    command = [sys.executable, "-m", "meot.data.crawl"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(made.as_json() + "\n")
        process.stdin.close()
        taken = 0
        for line in process.stdout:
            taken += json.loads(line).get("outcome") == "taken"
            if taken == after:
                how(process)
                break
        process.stdout.read()


@pytest.mark.parametrize(
    ("how", "after"), [(subprocess.Popen.kill, 3), (lambda process: process.send_signal(signal.SIGINT), 2)]
)
def test_a_run_that_was_broken_off_goes_on(
    how: Callable[[subprocess.Popen[str]], None], after: int, tmp_path: Path
) -> None:
    with serve(shop(4, pages=2)) as site:
        made = plan(site, tmp_path, "/page0", follow="page1", depth=1, delay=0.05)
        broken_off(made, after, how)
        site.visits.clear()
        summary = collect(made, show=False)
    whole = {f"{sha256(photo(seed)).hexdigest()}.jpg" for seed in (0, 1, 2, 3, 100, 101, 102, 103)}
    assert (summary.photos, summary.finished) == (8, True)
    assert {file.name for file in (tmp_path / "knit").iterdir()} == whole
    assert "/page0" not in site.visits
    assert len([path for path in site.visits if path.endswith(".jpg")]) <= 8 - after
    assert [file.name for file in (tmp_path / STATE).iterdir()] == ["lock"]


def test_hosts_are_left_alone_as_they_ask(tmp_path: Path) -> None:
    times: list[float] = []

    def timed(visit: Visit) -> None:
        times.append(time.monotonic())
        page("<p>")(visit)

    def robots(visit: Visit) -> None:
        times.append(time.monotonic())
        visit.answer(b"User-agent: *\nCrawl-delay: 0.3\n")

    routes: dict[str, Act] = {
        "/robots.txt": robots,
        "/1": timed,
        "/2": timed,
        "/3": timed,
        "/later": busy("9999"),
        "/4": timed,
    }
    with serve(routes) as site:
        summary = collect(plan(site, tmp_path, "/1", "/2", "/3", "/later", "/4"), show=False)
        assert site.visits == ["/robots.txt", "/1", "/2", "/3", "/later"]
    assert [at - times[0] > 0.1 * number for number, at in enumerate(times[1:])] == [True] * 3  # however late they came
    assert summary.counts["failed"] == 2
    assert any("asks to come back in 9999 s" in reason for reason in summary.reasons)


def test_no_rules_and_rules_that_cannot_be_had(tmp_path: Path) -> None:
    def routes(status: int) -> dict[str, Act]:
        return {"/robots.txt": lambda visit: visit.answer(b"<p>Disallow: /", status=status), "/a.jpg": picture(status)}

    with serve(routes(404)) as free, serve(routes(500)) as broken:
        made = plan(free, tmp_path, "/a.jpg")
        summary = collect(replace(made, addresses=(*made.addresses, f"{broken.address}/a.jpg")), show=False)
        assert "/a.jpg" in free.visits
        assert "/a.jpg" not in broken.visits
    assert (summary.counts["taken"], summary.counts["failed"]) == (1, 1)
    assert "cannot be had: the server answers 500" in summary.reasons[0]


def test_private_addresses_are_refused_unless_allowed(tmp_path: Path) -> None:
    with serve({"/": page("<img src=/a.jpg>"), "/a.jpg": picture(1)}) as site:
        port = site.server_address[1]
        names = [f"http://{name}:{port}/" for name in (HOST, "localhost", "2130706433", "0x7f.1", "[::1]")]
        made = Plan(addresses=tuple(names), folder=tmp_path, delay=0)
        summary = collect(made, show=False)
        assert site.visits == []
    assert (summary.counts["failed"], summary.photos) == (5, 0)


def test_a_folder_that_cannot_be_had_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    made = Plan(addresses=("http://shop.example/",), folder=tmp_path / "file")
    with pytest.raises(DataError, match="mend that and run it again"):
        collect(made, show=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"pip install 'meot\[collect\]'"):
        collect(made, show=False)


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    made = Plan(addresses=("http://shop.example/",), folder=tmp_path)
    with alone(tmp_path), pytest.raises(DataError, match="another run is collecting"):
        collect(made, show=False)
