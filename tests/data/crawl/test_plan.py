from __future__ import annotations

from pathlib import Path

import pytest

from meot.data.crawl.plan import Plan, fill
from meot.errors import DataError

SHOP = "https://shop.example/knit"


def test_a_plan_goes_through_json(tmp_path: Path) -> None:
    plan = Plan(addresses=(SHOP,), folder=tmp_path, name="댄디", follow="page=", depth=2, private_hosts=("*",))
    assert Plan.from_json(plan.as_json()) == plan


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"addresses": ()}, "name at least one address"),
        ({"addresses": ("file:///etc/passwd",)}, "starts with http:// or https://"),
        ({"addresses": ("http://[::1",)}, "starts with http:// or https://"),
        ({"addresses": ("http://shop.example:port/",)}, "starts with http:// or https://"),
        ({"addresses": ("https://me:secret@shop.example/",)}, "would be written down"),
        ({"name": "../knit"}, "cannot name a folder"),
        ({"name": ".collect"}, "cannot name a folder"),
        ({"name": "train"}, "would be read as a split"),
        ({"follow": "("}, "is no regular expression"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said) as refused:
        Plan(**{"addresses": (SHOP,), "folder": tmp_path} | given)  # type: ignore[arg-type]
    assert "secret" not in str(refused.value)


def test_keywords_fill_addresses() -> None:
    search = "https://search.example/?q={keyword}&n=50"
    filled = fill([search, SHOP], ["댄디룩", "dandy look"])
    assert filled == (
        "https://search.example/?q=%EB%8C%84%EB%94%94%EB%A3%A9&n=50",
        "https://search.example/?q=dandy+look&n=50",
        SHOP,
    )
    for addresses, keywords in (([SHOP], ["knit"]), ([search], [])):
        with pytest.raises(DataError, match="belong together"):
            fill(addresses, keywords)


def test_another_plan_is_another_run(tmp_path: Path) -> None:
    plan = Plan(addresses=(SHOP,), folder=tmp_path, name="knit")
    assert plan.digest == Plan(addresses=(SHOP,), folder=tmp_path, name="knit", most=9, delay=0).digest
    assert plan.digest != Plan(addresses=(SHOP,), folder=tmp_path, name="hat").digest
