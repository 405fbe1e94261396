from __future__ import annotations

import pytest

from meot.catalogue.sources.fetch.address import take_apart, without_secrets
from meot.hosts import is_public


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("fec0::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
    ],
)
def test_is_public(ip: str, public: bool) -> None:
    assert is_public(ip) is public


def test_korean_addresses_are_written_as_the_web_has_them() -> None:
    address = take_apart("https://멋.example/사진/a b.jpg?q=코트")
    assert address.host == "xn--722b.example"
    assert address.target == "/%EC%82%AC%EC%A7%84/a%20b.jpg?q=%EC%BD%94%ED%8A%B8"
    assert take_apart("http://a.example:8080/%20").host_header == "a.example:8080"


def test_secrets_are_left_out() -> None:
    assert without_secrets("https://a.example/x?key=1&q=2&access_token=3") == "https://a.example/x?q=2"
    assert without_secrets("https://me:word@a.example/x") == "https://a.example/x"
    assert without_secrets("https://a.example/x?q=%20+a") == "https://a.example/x?q=%20+a"
