from __future__ import annotations

import time

import pytest

from meot.catalogue.sources.fetch.robots import Robots

TEXT = """
# rules
User-agent: other
Disallow: /

User-agent: meot
User-agent: friend
Disallow: /private   # not this
Allow: /private/open
Disallow: /*?sort=
Disallow: /*.pdf$
Crawl-delay: 3
Disallow:

User-agent: *
Disallow: /for-nobody
Disallow: /%EB%A9%8B
"""


@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        ("/", True),
        ("/private", False),
        ("/private/x", False),
        ("/private/open/x", True),
        ("/list?sort=price", False),
        ("/a.pdf", False),
        ("/a.pdf?x", True),
        ("/for-nobody", True),
    ],
)
def test_the_rules_for_us(target: str, allowed: bool) -> None:
    assert Robots(text=TEXT).allows(target) is allowed


def test_the_rules_for_all_hold_where_none_are_for_us() -> None:
    everyone = Robots(text=TEXT, agent="stranger")
    assert not everyone.allows("/for-nobody/x")
    assert not everyone.allows("/멋")
    assert everyone.allows("/private")
    assert Robots(text="").allows("/")


def test_no_pattern_takes_long() -> None:
    robots = Robots(text="User-agent: *\nDisallow: " + "*a" * 5000 + "$")
    begun = time.process_time()
    assert robots.allows("/" + "a" * 3000 + "b")
    assert time.process_time() - begun < 3
