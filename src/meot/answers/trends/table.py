"""Trends in words: a table for people, and one for programs that read CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from meot.answers.trends import enough, report
from meot.answers.trends.report import Period, Share, Trend, Trends, Value
from meot.columns import aligned

_MOST_PERIODS = 6
"""Periods that fit beside one another on a terminal; the latest are shown."""
_SAID = {
    "en": {
        "head": "{name} of {n} products, by {every} ({dates})",
        "within": "Only {within}.",
        "dates": "dates: {kind}, which {known} of {asked} have",
        "unsure": "Shares of {sure} sure answers; {unsure} more ({share:.0%}) were unsure and are not in them.",
        "guesses": "Guesses count like sure answers here.",
        "left_out": "Left out: {parts}.",
        "retired": "{n} of the products are sold no more; they count for their time.",
        "earlier": "{n} earlier periods are not shown; --csv and --json have all.",
        "sure": "sure answers",
        "answers": "answers",
        "of": "{count} of {sure}",
        "most": "most in {peak}",
        "few": "Counts instead of shares: periods with fewer than {enough} sure answers.",
        "perhaps": "{n} only perhaps within what was asked",
        "undated": "{n} without a date that tells the period",
        "ahead": "{n} with a date in the future",
        "outside": "{n} outside of the bounds",
        "a_year": "{change:+.1f} points a year ({low:+.1f} to {high:+.1f})",
    },
    "ko": {
        "head": "상품 {n}개의 {name}, {every} ({dates})",
        "within": "{within}만 셌습니다.",
        "dates": "날짜: {kind}, {asked}개 가운데 {known}개에 있음",
        "unsure": "확실한 답 {sure}개의 비율입니다. 확실하지 않은 답 {unsure}개({share:.0%})는 넣지 않았습니다.",
        "guesses": "확실하지 않은 답도 함께 셌습니다.",
        "left_out": "빠진 상품: {parts}.",
        "retired": "상품 가운데 {n}개는 이제 팔지 않으며, 팔던 때의 것으로 셌습니다.",
        "earlier": "앞선 기간 {n}개는 생략했습니다. --csv와 --json에는 모두 있습니다.",
        "sure": "확실한 답",
        "answers": "답",
        "of": "{sure}개 중 {count}개",
        "most": "{peak}에 가장 많음",
        "few": "비율 대신 개수: 확실한 답이 {enough}개보다 적은 기간입니다.",
        "perhaps": "조건에 맞는지 확실하지 않음 {n}개",
        "undated": "기간을 알 날짜 없음 {n}개",
        "ahead": "앞으로의 날짜 {n}개",
        "outside": "정한 기간 밖 {n}개",
        "a_year": "해마다 {change:+.1f}%p ({low:+.1f}~{high:+.1f})",
    },
}
KINDS = {
    "en": {
        "released": "released, as the source says",
        "season": "the source's seasons",
        "first_seen": "first seen here",
    },
    "ko": {"released": "출시일(출처의 말)", "season": "시즌(출처의 말)", "first_seen": "처음 본 날"},
}
EVERY = {
    "en": {"season_of_year": "season, all years together", "half_of_year": "half-year, all years together"},
    "ko": {
        "month": "월별",
        "quarter": "분기별",
        "season": "계절별",
        "half": "반기별",
        "year": "연도별",
        "season_of_year": "계절별(모든 해)",
        "half_of_year": "반기별(모든 해)",
    },
}
VERDICTS = {
    "en": {
        report.RISING: "rising",
        report.FALLING: "falling",
        report.STEADY: "steady",
        report.SEASONAL: "differs by season",
        report.TOO_FEW: "too few",
    },
    "ko": {
        report.RISING: "늘고 있음",
        report.FALLING: "줄고 있음",
        report.STEADY: "그대로",
        report.SEASONAL: "계절마다 다름",
        report.TOO_FEW: "적어서 알 수 없음",
    },
}


def write(trends: Trends, language: str) -> Iterator[str]:
    """Lines for a terminal, in "en" or "ko": a block for each question, an empty line between two."""
    if not trends.trends:
        yield enough.explain(asked=0, periods=0, enough=0, is_cycle=False)[language]
    for i, trend in enumerate(trends.trends):
        if i:
            yield ""
        yield from _head(trends, trend, language)
        if trend.periods and trend.values:
            yield from _table(trend, language, "answers" if trends.guesses else "sure")
        yield from _foot(trends, trend, language)


def verdict(trend: Trend, value: Value, language: str) -> str:
    """Which way a value goes, in words."""
    if value.course.trend == report.SEASONAL and value.course.peak is not None:
        peak = next(period.names[language] for period in trend.periods if period.id == value.course.peak)
        return _SAID[language]["most"].format(peak=peak)
    return VERDICTS[language][value.course.trend]


def head(trend: Trend, language: str) -> str:
    """What is counted, of how many, by which periods and dates."""
    said = _SAID[language]
    dates = said["dates"].format(
        kind=KINDS[language][trend.dates], known=f"{trend.known[trend.dates]:,}", asked=f"{trend.asked:,}"
    )
    every = EVERY[language].get(trend.every, trend.every)
    return said["head"].format(name=trend.names[language], n=f"{trend.sure:,}", every=every, dates=dates)


def unsure(trends: Trends, trend: Trend, language: str) -> str:
    """What the shares are shares of."""
    said = _SAID[language]
    if trends.guesses:
        return said["guesses"]
    share = trend.unsure / max(1, trend.sure + trend.unsure)
    return said["unsure"].format(sure=f"{trend.sure:,}", unsure=f"{trend.unsure:,}", share=share)


def _head(trends: Trends, trend: Trend, language: str) -> Iterator[str]:
    yield head(trend, language)
    if trends.within:
        within = ", ".join(f"{name}={value}" for name, value in trends.within.items())
        yield _SAID[language]["within"].format(within=within)


def _foot(trends: Trends, trend: Trend, language: str) -> Iterator[str]:
    said = _SAID[language]
    yield unsure(trends, trend, language)
    counts = {name: getattr(trend, name) for name in ("perhaps", "undated", "ahead", "outside")}
    parts = [said[name].format(n=f"{n:,}") for name, n in counts.items() if n]
    if parts:
        yield said["left_out"].format(parts=", ".join(parts))
    if trend.retired:
        yield said["retired"].format(n=f"{trend.retired:,}")
    if len(trend.periods) > _MOST_PERIODS:
        yield said["earlier"].format(n=len(trend.periods) - _MOST_PERIODS)
    if any(not period.enough for period in trend.periods):
        yield said["few"].format(enough=enough.IN_PERIOD)
    if trend.reason:
        yield trend.reason[language]


def _table(trend: Trend, language: str, counted: str) -> Iterator[str]:
    said = _SAID[language]
    shown = slice(max(0, len(trend.periods) - _MOST_PERIODS), None)
    rows = [["", *(period.names[language] for period in trend.periods[shown]), ""]]
    for value in trend.values:
        both = zip(value.shares[shown], trend.periods[shown], strict=True)
        cells = [_cell(share, period, language) for share, period in both]
        rows.append([value.names[language], *cells, _way(trend, value, language)])
    rows.append([said[counted], *(f"{period.sure:,}" for period in trend.periods[shown]), ""])
    yield from aligned(rows)


def _cell(share: Share, period: Period, language: str) -> str:
    if share.share is None or share.low is None or share.high is None:
        return _SAID[language]["of"].format(count=share.count, sure=period.sure)
    return f"{share.share:4.0%} [{share.low * 100:.0f}, {share.high * 100:.0f}]"


def _way(trend: Trend, value: Value, language: str) -> str:
    course, told = value.course, verdict(trend, value, language)
    if course.trend not in (report.RISING, report.FALLING) or course.change is None:
        return told
    low, high = course.low or 0.0, course.high or 0.0
    points = {"change": 100 * course.change, "low": 100 * low, "high": 100 * high}
    return f"{told}, {_SAID[language]['a_year'].format(**points)}"


def write_csv(trends: Trends, language: str) -> str:
    """A line for each value in each period, below a head. Shares are 0..1, empty where there are too few."""
    rows: list[Sequence[object]] = [
        (
            "by",
            "value",
            "name",
            "period",
            "start",
            "count",
            "guesses",
            "sure",
            "unsure",
            "share",
            "low",
            "high",
            "trend",
        )
    ]
    for trend in trends.trends:
        for value in trend.values:
            rows += _lines(trend, value, language)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _lines(trend: Trend, value: Value, language: str) -> Iterable[Sequence[object]]:
    for period, share in zip(trend.periods, value.shares, strict=True):
        shares = ("" if x is None else f"{x:.4f}" for x in (share.share, share.low, share.high))
        yield (
            *(trend.by, value.id, value.names[language], period.id, period.start or ""),
            *(share.count, share.guesses, period.sure, period.unsure, *shares, value.course.trend),
        )


def _harmless(cell: object) -> object:
    """A name that a spreadsheet would take for a formula, made text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
