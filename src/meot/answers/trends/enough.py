"""How many products it takes to tell something, and what is said where there are fewer."""

from __future__ import annotations

from meot.taxonomy import Names

IN_PERIOD = 30
"""Sure answers that a period needs before its shares are told: a share of a half is then known to within 17 points."""
PERIODS, SEASONS = 3, 2
"""Periods with enough answers that a trend needs, and that a comparison of periods without a year needs."""
OF_VALUE = 10
"""Answers with a value, and without it, that a verdict on the value needs."""


def needed(is_cycle: bool) -> int:
    """How many periods with enough answers a verdict needs."""
    return SEASONS if is_cycle else PERIODS


def explain(*, asked: int, periods: int, enough: int, is_cycle: bool) -> Names:
    """Language -> why no verdict can be given; empty when one can. asked: products. enough: of the periods."""
    if not asked:
        return {"en": "no product here was asked this", "ko": "이 물음에 답이 있는 상품이 없습니다"}
    if not periods:
        return {"en": "no product has a date that can be used", "ko": "쓸 수 있는 날짜가 있는 상품이 없습니다"}
    if enough >= needed(is_cycle):
        return {}
    return {
        "en": f"too few: {enough} of {periods} periods have {IN_PERIOD} sure answers or more, a verdict needs "
        f"{needed(is_cycle)} that do; take longer periods, count guesses, or add photos",
        "ko": f"사진이 적습니다: 기간 {periods}개 가운데 확실한 답이 {IN_PERIOD}개 이상인 기간은 {enough}개이고, "
        f"판단에는 {needed(is_cycle)}개가 필요합니다. 기간을 늘리거나 추측을 넣거나 사진을 더하세요",
    }
