from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.catalogue.sources.fetch.web import Site, Visit, serve
from tests.service.conftest import jpeg

from meot.catalogue.sources.fetch.ask import Limits
from meot.service import create_app
from meot.service.links import LIMITS, Links
from meot.service.problems import LinkFailedError, LinkRefusedError
from meot.settings import Settings
from meot.wiring import Shop

SHORT = Limits(connect_s=0.5, silence_s=0.5, whole_s=1.0, redirects=2)
PHOTO = jpeg()


def to(place: str) -> Any:
    return lambda visit: visit.answer(b"", status=302, Location=place)


def never_end(visit: Visit) -> None:
    visit.begin()
    while True:
        visit.wfile.write(b"0" * 65536)


@pytest.fixture
def site() -> Iterator[Site]:
    routes = {
        "/a.jpg": lambda visit: visit.answer(PHOTO),
        "/moved": to("/a.jpg"),
        "/round": to("/round"),
        "/inside": to("http://169.254.169.254/latest/meta-data/"),
        "/file": to("file:///etc/passwd"),
        "/product": lambda visit: visit.answer(
            b'\n<!doctype html><meta property="og:image" content="a.jpg?w=1&amp;h=2">'
        ),
        "/trap": lambda visit: visit.answer(b'<meta property="og:image" content="http://10.0.0.1/a.jpg">'),
        "/damaged": lambda visit: visit.answer(b'<meta property="og:image" content="http://[">'),
        "/page": lambda visit: visit.answer(b"<html>no photo</html>", Content_Type="image/jpeg"),
        "/large": lambda visit: visit.answer(b"0" * 1_100_000),
        "/endless": never_end,
        "/silent": lambda visit: visit.rfile.read(1),
        "/broken": lambda visit: visit.answer(b"", status=500),
    }
    with serve(routes) as site:
        yield site


def lead(monkeypatch: pytest.MonkeyPatch, *ips: str) -> None:
    """Have every name lead to these addresses, one behind the other as it is asked for."""
    answers = iter(ips)
    last = ips[-1]

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        ip = next(answers, last)
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (ip, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_a_photo_is_fetched_past_a_redirect(site: Site) -> None:
    links = Links(most_megabytes=1, limits=SHORT, private_hosts=True)
    assert links.fetch(f"{site.address}/moved") == PHOTO
    assert "cookie" not in site.asked[0]


def test_a_page_brings_the_picture_it_names(site: Site) -> None:
    links = Links(most_megabytes=1, limits=SHORT, private_hosts=True)
    assert links.fetch(f"{site.address}/product") == PHOTO
    assert site.visits == ["/product", "/a.jpg?w=1&h=2"]
    assert b"no photo" in links.fetch(f"{site.address}/page")


@pytest.mark.parametrize("path", ["/large", "/endless", "/silent", "/broken", "/nowhere", "/round", "/damaged"])
def test_what_brings_nothing_in_time_and_size(site: Site, path: str) -> None:
    with pytest.raises(LinkFailedError):
        Links(most_megabytes=1, limits=SHORT, private_hosts=True).fetch(f"{site.address}{path}")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://0.0.0.0/",
        "http://10.0.0.1/a.jpg",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "https://example.com:22/",
        "file:///etc/passwd",
        "ftp://example.com/a.jpg",
        "//example.com/a.jpg",
        "javascript:alert(1)",
        "http://",
        "http://exa mple/\r\nHost: evil",
        "https://example.com/" + "a" * 3000,
        "",
    ],
)
def test_addresses_that_are_never_asked(address: str) -> None:
    with pytest.raises((LinkRefusedError, LinkFailedError)) as caught:
        Links(most_megabytes=1, limits=SHORT).fetch(address)
    assert isinstance(caught.value, LinkRefusedError) or "not known" in str(caught.value)


PRIVATE = ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "100.64.0.1", "224.0.0.9"]


@pytest.mark.parametrize("ip", PRIVATE)
def test_a_public_name_of_a_private_host_is_refused(monkeypatch: pytest.MonkeyPatch, ip: str) -> None:
    lead(monkeypatch, ip)
    with pytest.raises(LinkRefusedError, match="private network"):
        Links(most_megabytes=1, limits=SHORT).fetch("https://photos.example/a.jpg")


def test_a_name_is_asked_once_and_that_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Public when it is checked, private when it would be asked for again (DNS rebinding)."""
    lead(monkeypatch, "93.184.216.34", "127.0.0.1")
    asked: list[object] = []

    def connect(address: object, *_: object) -> socket.socket:
        asked.append(address)
        raise OSError("no way there")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(LinkFailedError):
        Links(most_megabytes=1, limits=SHORT).fetch("http://photos.example/a.jpg")
    assert asked == [("93.184.216.34", 80)]


@pytest.mark.parametrize("path", ["/inside", "/file", "/trap"])
def test_a_redirect_leads_nowhere_private(monkeypatch: pytest.MonkeyPatch, site: Site, path: str) -> None:
    """The first host counts as public here, whatever it leads to is checked as it is."""
    monkeypatch.setattr("meot.service.links.resolve", partial(_resolve_as_public, site.server_address[1]))
    monkeypatch.setattr(Links, "_check_port", lambda *_: None)
    with pytest.raises(LinkRefusedError):
        Links(most_megabytes=1, limits=SHORT).fetch(f"http://photos.example:{site.server_address[1]}{path}")
    assert site.visits == [path]


def _resolve_as_public(port: int, address: Any, *, private_hosts: bool) -> str:
    from meot.catalogue.sources.fetch.address import resolve

    return "127.0.0.1" if address.port == port else resolve(address, private_hosts=private_hosts)


@pytest.fixture
def client(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr("meot.service.app.Links", partial(Links, limits=SHORT, private_hosts=True))
    return TestClient(create_app(shop, Settings(max_upload_mb=1)), headers={"Accept-Language": "en"})


def test_a_link_becomes_a_look(client: TestClient, site: Site) -> None:
    page = client.post("/look/link", data={"link": f" {site.address}/a.jpg "})
    assert page.status_code == 200
    assert "Similar to: Shirt" in page.text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/page", 415, "not a photo that can be read here"),
        ("/large", 422, "No photo came from that link"),
        ("/file", 422, "That link is not fetched"),
    ],
)
def test_what_went_wrong_is_said(client: TestClient, site: Site, path: str, status: int, said: str) -> None:
    page = client.post("/look/link", data={"link": site.address + path})
    assert page.status_code == status
    assert said in page.text
    assert 'class="photo-form"' in page.text


def test_no_link_and_another_sites_form(client: TestClient, site: Site) -> None:
    assert client.post("/look/link", data={"link": ""}).status_code == 422
    sent = client.post("/look/link", data={"link": f"{site.address}/a.jpg"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 403
    assert site.visits == []


def test_visitors_are_not_made_to_wait_long() -> None:
    assert LIMITS.whole_s <= 15
