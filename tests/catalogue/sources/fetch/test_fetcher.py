from __future__ import annotations

import gzip
import io
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image
from tests.catalogue.sources.fetch.web import Act, Site, Visit, serve

from meot.catalogue.sources.fetch.address import Address, resolve
from meot.catalogue.sources.fetch.ask import Limits
from meot.catalogue.sources.fetch.fetcher import Fetcher
from meot.catalogue.sources.fetch.kept import Addresses
from meot.errors import CatalogueError, PhotoError

LIMITS = Limits(
    redirects=3, photo_bytes=20_000, feed_bytes=50_000, attempts=3, first_wait_s=0.01, longest_wait_s=5, pause_s=0
)
ONCE = replace(LIMITS, attempts=1)
SHORT = replace(ONCE, whole_s=0.6)
IMPATIENT = replace(ONCE, silence_s=0.3)


def draw(colour: str = "navy") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (48, 64), colour).save(out, "PNG")
    return out.getvalue()


PHOTO = draw()
BOMB = gzip.compress(bytes(20_000_000))


@pytest.fixture
def site() -> Iterator[Site]:
    with serve({"/a.png": lambda visit: visit.answer(PHOTO)}) as site:
        yield site


def build(folder: Path, **more: object) -> Fetcher:
    values: dict[str, object] = {"limits": LIMITS, "private_hosts": True, **more}
    return Fetcher(folder=folder / "shop.photos", **values)  # type: ignore[arg-type]


def refusal(folder: Path, address: str, **more: object) -> str:
    with closing(build(folder, **more)) as fetcher, pytest.raises(PhotoError) as caught:
        fetcher.photo(address)
    return str(caught.value)


def parts(folder: Path) -> list[Path]:
    return list(folder.rglob("*.part"))


def test_a_photo_is_kept_by_its_content_and_asked_for_once(site: Site, tmp_path: Path) -> None:
    site.routes["/copy"] = lambda visit: visit.answer(
        PHOTO, Content_Type="text/html"
    )  # what it is decides, not its name
    with closing(build(tmp_path)) as fetcher:
        file = fetcher.photo(f"{site.address}/a.png")
        assert file.read_bytes() == PHOTO
        assert file.name == f"{sha256(PHOTO).hexdigest()}.png"
        assert fetcher.photo(f"{site.address}/copy") == file
        assert fetcher.photo(f"{site.address}/a.png") == file
    with closing(build(tmp_path)) as fetcher:  # another run
        assert fetcher.photo(f"{site.address}/a.png") == file
    assert site.visits == ["/a.png", "/copy"]
    assert not parts(tmp_path)


def test_a_photo_that_is_lost_is_fetched_again(site: Site, tmp_path: Path) -> None:
    with closing(build(tmp_path)) as fetcher:
        fetcher.photo(f"{site.address}/a.png").unlink()
        assert fetcher.photo(f"{site.address}/a.png").read_bytes() == PHOTO
    assert "if-none-match" not in site.asked[1]


def test_an_old_photo_is_asked_for_with_what_the_server_said(site: Site, tmp_path: Path) -> None:
    when = "Mon, 06 Jul 2026 10:00:00 GMT"

    def act(visit: Visit) -> None:
        if visit.headers.get("If-None-Match") == '"1"' and visit.headers.get("If-Modified-Since") == when:
            visit.begin(status=304)
        else:
            visit.answer(PHOTO, ETag='"1"', Last_Modified=when)

    site.routes["/a.png"] = act
    with closing(build(tmp_path, limits=replace(LIMITS, fresh_s=0))) as fetcher:
        first = fetcher.photo(f"{site.address}/a.png")
        assert fetcher.photo(f"{site.address}/a.png") == first
        site.routes["/a.png"] = lambda visit: visit.answer(draw("red"))
        changed = fetcher.photo(f"{site.address}/a.png")
    assert changed != first
    assert changed.read_bytes() == draw("red")
    assert len(site.visits) == 3


def busy_then(first: int, **headers: str) -> Act:
    count = [0]

    def act(visit: Visit) -> None:
        count[0] += 1
        if count[0] == 1:
            visit.answer(b"", status=first, **headers)
        else:
            visit.answer(PHOTO)

    return act


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_host_is_asked_again(site: Site, tmp_path: Path, status: int) -> None:
    site.routes["/b.png"] = busy_then(status)
    with closing(build(tmp_path)) as fetcher:
        assert fetcher.photo(f"{site.address}/b.png").read_bytes() == PHOTO
    assert len(site.visits) == 2


def test_it_waits_as_long_as_the_host_asks(site: Site, tmp_path: Path) -> None:
    waits: list[float] = []
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=40))
    for number, value in enumerate(("3", date)):
        site.routes[f"/{number}"] = busy_then(429, Retry_After=value)
        with closing(build(tmp_path, sleep=waits.append, limits=replace(LIMITS, longest_wait_s=60))) as fetcher:
            fetcher.photo(f"{site.address}/{number}")
    asked = [wait for wait in waits if wait > 1]
    assert asked[0] == 3
    assert any(20 < wait <= 40 for wait in asked[1:])
    site.routes["/late"] = busy_then(429, Retry_After="3600")
    assert "answered 429" in refusal(tmp_path, f"{site.address}/late", sleep=waits.append)


def test_it_gives_up_and_then_leaves_a_dead_host_alone(site: Site, tmp_path: Path) -> None:
    site.routes["/c"] = lambda visit: visit.answer(b"", status=500)
    with closing(build(tmp_path, limits=replace(LIMITS, attempts=2, rest_after=2))) as fetcher:
        for _ in range(2):
            with pytest.raises(PhotoError, match="answered 500, 2 times"):
                fetcher.photo(f"{site.address}/c")
        with pytest.raises(PhotoError, match="left alone"):
            fetcher.photo(f"{site.address}/c")
    assert len(site.visits) == 4


def drip(visit: Visit) -> None:
    visit.begin(Content_Length="10000")
    for _ in range(10_000):
        visit.wfile.write(b"x")
        time.sleep(0.02)


def drip_headers(visit: Visit) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
        visit.wfile.write(bytes([byte]))
        time.sleep(0.02)


def drip_chunks(visit: Visit) -> None:
    visit.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(10_000):
        visit.wfile.write(b"0")
        time.sleep(0.02)


def keep_silent(visit: Visit) -> None:
    visit.rfile.read()  # until the other side goes


def flood(visit: Visit) -> None:
    visit.begin()
    for _ in range(10_000):
        visit.wfile.write(b"\x89PNG" * 4096)


@pytest.mark.parametrize(
    ("act", "limits", "reason"),
    [
        (keep_silent, IMPATIENT, "silent"),
        (drip, SHORT, "too long"),
        (drip_headers, SHORT, "too long"),
        (drip_chunks, SHORT, "too long"),
    ],
)
def test_a_slow_server_is_left(site: Site, tmp_path: Path, act: Act, limits: Limits, reason: str) -> None:
    site.routes["/again"] = act
    begun = time.monotonic()
    assert reason in refusal(tmp_path, f"{site.address}/again", limits=limits)
    assert time.monotonic() - begun < 60  # of more than 200
    assert not parts(tmp_path)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (flood, "more than 20000 bytes"),
        (lambda visit: visit.begin(Content_Length="999999999"), "more than"),
        (lambda visit: (visit.begin(Content_Length=str(len(PHOTO) + 9)), visit.wfile.write(PHOTO)), "broke off"),
        (lambda visit: visit.wfile.write(b"nonsense\r\n\r\n"), "damaged"),
        (lambda visit: None, "damaged"),
        (lambda visit: visit.answer(b"<html>sorry</html>", Content_Type="image/png"), "expected a photo"),
        (lambda visit: visit.answer(b""), "expected a photo"),
        (lambda visit: visit.answer(PHOTO, status=404), "answered 404"),
        (lambda visit: visit.answer(b"\x1f\x8bbroken", Content_Encoding="gzip"), "packing is damaged"),
        (lambda visit: visit.answer(gzip.compress(PHOTO)[:-9], Content_Encoding="gzip"), "broke off"),
        (lambda visit: visit.answer(BOMB, Content_Encoding="gzip"), "more than 20000"),
        (lambda visit: visit.answer(PHOTO, Content_Encoding="br"), "packed as br"),
        (lambda visit: visit.begin(status=302, Location="/again"), "redirects more than 3"),
    ],
)
def test_a_server_that_misbehaves_is_named_and_left(site: Site, tmp_path: Path, act: Act, reason: str) -> None:
    site.routes["/again"] = act
    assert reason in refusal(tmp_path, f"{site.address}/again", limits=ONCE)
    assert not parts(tmp_path)


def test_a_name_that_leads_into_a_private_network_is_refused_and_the_checked_address_is_the_one_asked(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def look_up(host: str, port: int, *more: int, **named: int) -> list[tuple[object, ...]]:
        if host == "shop.example":
            asked.append(host)
        elsewhere = len(asked) > 2  # a name may lead elsewhere a moment after it was checked
        return [(2, 1, 6, "", ("203.0.113.1" if elsewhere and host == "shop.example" else "127.0.0.1", port))]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    address = f"http://shop.example:{site.server_address[1]}/a.png"
    assert "private network" in refusal(tmp_path, address, private_hosts=False)
    with closing(build(tmp_path)) as fetcher:
        assert fetcher.photo(address).read_bytes() == PHOTO
    assert site.asked[0]["host"] == f"shop.example:{site.server_address[1]}"


def test_what_comes_packed_is_unpacked(site: Site, tmp_path: Path) -> None:
    site.routes["/z"] = lambda visit: visit.answer(gzip.compress(PHOTO), Content_Encoding="gzip")
    with closing(build(tmp_path)) as fetcher:
        assert fetcher.photo(f"{site.address}/z").read_bytes() == PHOTO


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/a.png",
        "http://localhost/a.png",
        "http://[::1]/a.png",
        "http://[::ffff:127.0.0.1]/a.png",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/a.png",
        "http://0.0.0.0/a.png",
        "http://2130706433/a.png",
        "http://0x7f.1/a.png",
    ],
)
def test_a_private_network_is_never_asked(tmp_path: Path, address: str) -> None:
    assert "private network" in refusal(tmp_path, address, private_hosts=False)


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://a.example/b", "gopher://a/", "http://", "http://a:x/"]
)
def test_other_addresses_are_not_followed(tmp_path: Path, address: str) -> None:
    assert "address" in refusal(tmp_path, address)


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "http://169.254.169.254/", "file:///etc/passwd"])
def test_a_redirect_is_checked_as_the_first_address_was(
    site: Site, tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.routes["/go"] = lambda visit: visit.begin(status=302, Location=target)

    def resolve_ours(address: Address, *, private_hosts: bool) -> str:
        ours = f"http://{address.host_header}" == site.address  # the site stands for a public host
        return resolve(address, private_hosts=ours)

    monkeypatch.setattr("meot.catalogue.sources.fetch.fetcher.resolve", resolve_ours)
    reason = refusal(tmp_path, f"{site.address}/go", private_hosts=False)
    assert "private network" in reason or "only addresses that start with http" in reason
    assert site.visits == ["/go"]


def test_redirects_are_followed_and_keys_stay_with_their_host(site: Site, tmp_path: Path) -> None:
    with serve({"/feed": lambda visit: visit.answer(b"id,title\n")}) as other:
        site.routes["/here"] = lambda visit: visit.begin(status=301, Location="/there")
        site.routes["/there"] = lambda visit: visit.begin(status=307, Location=f"{other.address}/feed")
        with closing(build(tmp_path, headers={"X-Key": "secret"})) as fetcher:
            assert fetcher.feed(f"{site.address}/here", polite=False).read_bytes() == b"id,title\n"
        assert [asked.get("x-key") for asked in site.asked] == ["secret", "secret"]
        assert "x-key" not in other.asked[0]


def test_a_feed_is_asked_for_once_a_run_and_again_in_the_next(site: Site, tmp_path: Path) -> None:
    site.routes["/feed"] = lambda visit: visit.answer(gzip.compress(b"id,title\n"), Content_Encoding="gzip", ETag="x")
    for _ in range(2):
        with closing(build(tmp_path)) as fetcher:
            for _ in range(2):
                assert fetcher.feed(f"{site.address}/feed", polite=False).read_bytes() == b"id,title\n"
    assert len(site.visits) == 2
    assert site.asked[1]["if-none-match"] == "x"


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        (lambda visit: visit.answer(b"User-agent: *\nDisallow: /private\n"), True),
        (lambda visit: visit.answer(b"User-agent: *\nDisallow: /*.html$\n"), False),
        (lambda visit: visit.answer(b"User-agent: meot\nDisallow: /\n"), False),
        (lambda visit: visit.answer(b"", status=404), True),
        (lambda visit: visit.answer(b"", status=500), False),
    ],
)
def test_robots_txt_is_obeyed_for_pages(site: Site, tmp_path: Path, robots: Act, allowed: bool) -> None:
    site.routes |= {"/robots.txt": robots, "/p.html": lambda visit: visit.answer(b"<html>")}
    with closing(build(tmp_path, limits=ONCE)) as fetcher:
        if allowed:
            fetcher.feed(f"{site.address}/p.html", polite=True)
        else:
            with pytest.raises(CatalogueError, match=r"robots\.txt"):
                fetcher.feed(f"{site.address}/p.html", polite=True)
    assert ("/p.html" in site.visits) == allowed


def test_a_full_disk_is_no_failure_of_the_host(site: Site, tmp_path: Path) -> None:
    (tmp_path / "shop.photos").write_text("a file where the folder should be")
    with closing(build(tmp_path)) as fetcher, pytest.raises(CatalogueError, match=r"shop\.photos: .* check"):
        fetcher.photo(f"{site.address}/a.png")


def test_hosts_are_not_asked_faster_than_agreed(site: Site, tmp_path: Path) -> None:
    for number in range(3):
        site.routes[f"/{number}"] = lambda visit: visit.answer(PHOTO)
    begun = time.monotonic()
    with closing(build(tmp_path, limits=replace(LIMITS, pause_s=0.1))) as fetcher:
        for number in range(3):
            fetcher.photo(f"{site.address}/{number}")
    assert time.monotonic() - begun >= 0.2


def test_a_file_that_another_thread_finishes_meanwhile_is_no_failure(tmp_path: Path) -> None:
    addresses = Addresses(folder=tmp_path)
    (tmp_path / "gone.part").symlink_to(tmp_path / "nowhere")  # listed, but gone when it is looked at
    with closing(addresses), addresses.new_file() as out:
        assert Path(out.name).exists()
