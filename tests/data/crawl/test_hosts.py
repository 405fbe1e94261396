from __future__ import annotations

import pytest

pytest.importorskip("scrapy")

from scrapy import Request

from meot.data.crawl.hosts import NotAsked, PublicHosts
from meot.hosts import is_public

PRIVATE = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"]
STRANGE = ["224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::ffff:127.0.0.1", "a.example"]


@pytest.mark.parametrize("ip", [*PRIVATE, *STRANGE])
def test_addresses_that_are_not_public(ip: str) -> None:
    assert not is_public(ip)


def test_public_addresses() -> None:
    assert is_public("93.184.215.14")


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1:8080", "[::1]", "169.254.169.254"])
def test_plainly_private_hosts_are_not_asked(host: str) -> None:
    with pytest.raises(NotAsked, match="private network"):
        PublicHosts(private_hosts=()).process_request(Request(f"http://{host}/latest/meta-data"))
    PublicHosts(private_hosts=("*",)).process_request(Request(f"http://{host}/"))


def test_only_the_named_host_may_be_private() -> None:
    hosts = PublicHosts(private_hosts=("127.0.0.1",))
    hosts.process_request(Request("http://127.0.0.1:81/"))
    with pytest.raises(NotAsked):
        hosts.process_request(Request("http://localhost:81/"))
    for address in ("ftp://shop.example/a", "http://me:pw@shop.example/"):
        with pytest.raises(NotAsked, match="only addresses that start with"):
            hosts.process_request(Request(address))
