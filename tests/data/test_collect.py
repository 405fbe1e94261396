from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request

import pytest

from meot.data import collect, download, redirects
from meot.data.download import fetch
from meot.data.unpack import unpack
from meot.errors import DataError

CONTENT = os.urandom(700_000)
SHA = hashlib.sha256(CONTENT).hexdigest()


class Behaviour:
    """What the server does. cut: bytes after which each of the first ``cuts`` answers breaks off; statuses: answers
    before the content is sent; ranges: whether it knows them; log: (path, Range) of each question."""

    def __init__(self) -> None:
        self.cut, self.cuts, self.ranges = 0, 0, True
        self.content, self.tag = CONTENT, '"one"'
        self.statuses: list[int] = []
        self.redirect = ""
        self.log: list[tuple[str, str | None]] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour: Behaviour

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        told = self.behaviour
        asked = self.headers.get("Range")
        told.log.append((self.path, asked))
        self.close_connection = True
        if told.redirect and self.path != "/moved.bin":
            self.send_response(302)
            self.send_header("Location", told.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if told.statuses:
            self.send_response(told.statuses.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(re.findall(r"\d+", asked)[0]) if asked and told.ranges else 0
        if start and self.headers.get("If-Range") != told.tag:
            start = 0
        if start >= len(told.content):
            self.send_response(416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(told.content) - 1}/{len(told.content)}")
        self.send_header("Content-Length", str(len(told.content) - start))
        self.send_header("ETag", told.tag)
        self.end_headers()
        part = told.content[start:]
        if told.cuts:
            told.cuts -= 1
            part = part[: told.cut]
        self.wfile.write(part)


@pytest.fixture
def server() -> Iterator[tuple[str, Behaviour]]:
    told = Behaviour()
    handler = type("Told", (Handler,), {"behaviour": told})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", told
    running.shutdown()
    running.server_close()
    thread.join()


def get(url: str, folder: Path, **options: str) -> download.Fetched:
    return fetch(f"{url}/set.bin", folder, waits=(0.0, 0.0, 0.0), show=False, **options)


def test_a_file_is_downloaded_once_and_trusted_from_then_on(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, told = server
    first = get(url, tmp_path)
    assert first.file.read_bytes() == CONTENT
    assert (first.sha256, first.new) == (SHA, True)
    assert "nobody yet" in first.proven
    assert sorted(f.name for f in tmp_path.iterdir()) == ["set.bin", "set.bin.sha256"]
    again = get(url, tmp_path)
    assert (again.new, again.proven) == (False, "the checksum of the first download")
    assert len(told.log) == 1
    first.file.write_bytes(b"changed")
    with pytest.raises(DataError, match=f"expected sha256 {SHA}.*delete it and get it again"):
        get(url, tmp_path)


def test_a_file_of_the_same_name_from_elsewhere_is_not_taken_for_it(
    server: tuple[str, Behaviour], tmp_path: Path
) -> None:
    url, _ = server
    get(url, tmp_path)
    with pytest.raises(
        DataError, match=r"came from http.*/set\.bin, not from http.*/other/set\.bin; name another folder"
    ):
        get(f"{url}/other", tmp_path)
    assert get(f"{url}/other", tmp_path, name="other.bin").new


def test_a_cut_connection_is_taken_up_where_it_was(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, told = server
    told.cut, told.cuts = 200_000, 2
    assert get(url, tmp_path).file.read_bytes() == CONTENT
    assert [asked for _, asked in told.log] == [None, "bytes=200000-", "bytes=400000-"]


def test_a_later_run_goes_on(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, told = server
    told.cut, told.cuts = 100_000, 4
    with pytest.raises(DataError, match="run it again: it goes on where it was cut off"):
        get(url, tmp_path)
    assert not (tmp_path / "set.bin").exists()
    assert get(url, tmp_path).sha256 == SHA
    assert told.log[-1][1] == "bytes=400000-"


def test_a_server_without_ranges_sends_all_again(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, told = server
    told.cut, told.cuts, told.ranges = 200_000, 1, False
    assert get(url, tmp_path).file.read_bytes() == CONTENT


def test_a_file_that_changed_in_between_is_not_mixed(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, told = server
    told.cut, told.cuts = 100_000, 4
    with pytest.raises(DataError):
        get(url, tmp_path)
    told.content, told.tag, told.cuts = b"new" * 300_000, '"two"', 0
    assert get(url, tmp_path).file.read_bytes() == told.content


def test_a_part_that_is_whole_is_only_checked(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, told = server
    (tmp_path / "set.bin.part").write_bytes(CONTENT)
    note = f'{{"url": "{url}/set.bin", "version": "\\"one\\"", "total": {len(CONTENT)}}}'
    (tmp_path / "set.bin.part.json").write_text(note)
    assert get(url, tmp_path).sha256 == SHA
    assert told.log == [("/set.bin", f"bytes={len(CONTENT)}-")]


def test_servers_in_trouble_are_asked_again_and_others_not(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, told = server
    told.statuses = [503, 429, 500]
    assert get(url, tmp_path / "a").sha256 == SHA
    told.statuses = [404]
    with pytest.raises(DataError, match="the server answers 404"):
        get(url, tmp_path / "b")
    told.statuses = [503] * 4
    with pytest.raises(DataError, match=r"the server answers 503 .*; run it again"):
        get(url, tmp_path / "c")


def test_a_wrong_checksum_is_refused_and_the_download_goes(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, _ = server
    with pytest.raises(DataError, match=f"expected sha256 {'0' * 64} .the stated checksum., got {SHA}"):
        get(url, tmp_path, checksum="sha256:" + "0" * 64)
    assert list(tmp_path.iterdir()) == []
    assert get(url, tmp_path, checksum="md5:" + hashlib.md5(CONTENT).hexdigest()).proven == "the stated checksum"
    with pytest.raises(DataError, match="expected sha256: or md5:"):
        get(url, tmp_path, checksum="sha256:12")


def test_redirects_are_followed_but_not_to_private_places(
    server: tuple[str, Behaviour], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, told = server
    told.redirect = f"{url}/moved.bin"
    assert get(url, tmp_path / "a").sha256 == SHA  # the address that was given is private itself
    asked = len(told.log)
    monkeypatch.setattr(redirects, "is_private", lambda host: len(told.log) > asked)  # only where it leads is private
    with pytest.raises(DataError, match="redirects to the private address"):
        get(url, tmp_path / "b")
    for other in ("ftp://127.0.0.1/moved.bin", "file:///etc/passwd"):
        told.redirect = other
        with pytest.raises(DataError, match=r"which is not followed|is not allowed"):
            get(url, tmp_path / "c")


def test_https_is_not_left_for_http() -> None:
    careful = redirects.Careful("https://x.org/a.zip")
    with pytest.raises(DataError, match=r"redirects to http://x\.org/a\.zip, which is not followed"):
        careful.redirect_request(Request("https://x.org/a.zip"), None, 302, "Found", {}, "http://x.org/a.zip")


def test_private_addresses_are_known() -> None:
    for host in ("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "localhost"):
        assert redirects.is_private(host)
    assert not redirects.is_private("8.8.8.8")


def test_a_full_disk_is_said_before_the_download(
    server: tuple[str, Behaviour], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda place: type("Usage", (), {"free": 1000})())
    with pytest.raises(DataError, match="needs 700,000 bytes more than the disk has free"):
        get(server[0], tmp_path)


@pytest.mark.parametrize(
    "url", ["ftp://x.org/a.zip", "file:///a.zip", "https://x.org/", "https:///a", "https://x/%2e%2e"]
)
def test_addresses_that_are_none_are_said(url: str) -> None:
    with pytest.raises(DataError, match="expected an http or https address"):
        download.name_of(url)


def test_known_sets_have_a_licence_and_honest_checksums() -> None:
    for name, found in collect.SOURCES.items():
        assert found.licence
        assert found.page.startswith("https://")
        assert bool(found.files) != bool(found.instead)
        if found.files:
            assert collect.source(name) is found
        assert len({file.name or download.name_of(file.url) for file in found.files}) == len(found.files)
        for file in found.files:
            assert file.name or not file.url.endswith("/master.zip")
            assert download.name_of(file.url)
            assert file.checksum is None or re.fullmatch("md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", file.checksum)


def test_sets_behind_a_form_say_what_to_do() -> None:
    with pytest.raises(DataError, match=r"deepfashion2 cannot be downloaded for you .*: fill in the form"):
        collect.source("deepfashion2")
    with pytest.raises(DataError, match="did you mean 'fashion-mnist'"):
        collect.source("fashion_mnist")


def zipped(file: Path, entries: dict[str, bytes], link: str = "") -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            packed.writestr(info, "/etc/passwd")
    return file


def rolled(file: Path, *members: tuple[str, bytes, bytes]) -> Path:
    with tarfile.open(file, "w:gz") as packed:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, len(content), "/etc/passwd"
            packed.addfile(info, io.BytesIO(content))
    return file


def test_archives_are_unpacked_beside_themselves(tmp_path: Path) -> None:
    folder = unpack(zipped(tmp_path / "a.zip", {"x/1.jpg": b"one", "x/": b"", "2.txt": b"two"}))
    assert folder == tmp_path / "a"
    assert (folder / "x" / "1.jpg").read_bytes() == b"one"
    (folder / "2.txt").write_text("mine")
    assert unpack(tmp_path / "a.zip") == folder
    assert (folder / "2.txt").read_text() == "mine"
    other = unpack(rolled(tmp_path / "b.tar.gz", ("d/1.jpg", tarfile.REGTYPE, b"one")))
    assert other is not None
    assert (other / "d" / "1.jpg").read_bytes() == b"one"
    assert unpack(tmp_path / "labels-idx1-ubyte.gz") is None


@pytest.mark.parametrize("name", ["../evil.txt", "/tmp/evil.txt", "a/../../evil.txt", "..\\evil.txt"])
def test_entries_cannot_leave_their_folder(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "in"
    inner.mkdir()
    with pytest.raises(DataError, match="is a link or points outside"):
        unpack(rolled(inner / "a.tar.gz", (name, tarfile.REGTYPE, b"evil")))
    with pytest.raises(DataError, match="is a link or points outside"):
        unpack(zipped(inner / "b.zip", {"fine.txt": b"", name: b"evil"}))
    assert sorted(f.name for f in tmp_path.rglob("*")) == ["a.tar.gz", "b.zip", "in"]


def test_links_and_bombs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a link or points outside"):
        unpack(zipped(tmp_path / "a.zip", {}, link="passwd"))
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE):
        with pytest.raises(DataError, match="is a link or points outside"):
            unpack(rolled(tmp_path / "b.tar.gz", ("passwd", kind, b"")))
    bomb = zipped(tmp_path / "c.zip", {str(i): bytes(100_000) for i in range(5)})
    with pytest.raises(DataError, match="unpacks to more than 300,000 bytes"):
        unpack(bomb, most_bytes=300_000)
    with pytest.raises(DataError, match="more than 4 entries"):
        unpack(bomb, most_files=4)
    assert not (tmp_path / "c").exists()
    assert not list(tmp_path.glob("*.part-folder"))


def test_a_damaged_archive_is_said(tmp_path: Path) -> None:
    file = zipped(tmp_path / "a.zip", {"1": os.urandom(5000)})
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(DataError, match=r"a\.zip: cannot be unpacked .*; delete it and get it again"):
        unpack(file)
