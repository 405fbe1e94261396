"""Why a job failed is said in the page's own language: every sentence that a job's code can make an error of."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from tests.service.office import client_of
from tests.service.raised import imports, raised_in, strings_in

from meot import taxonomy
from meot.catalogue import complaints
from meot.catalogue.closet import FullError
from meot.catalogue.complaints import OwnerGoneError
from meot.catalogue.jobs import JobGoneError, Jobs
from meot.catalogue.passwords import AccountError
from meot.catalogue.replies import UnderWayError
from meot.catalogue.taught import LessonError
from meot.errors import ModelError, QueryError, SettingsError
from meot.service import texts
from meot.service.web.job_reasons import _KINDS, tell_job
from meot.service.web.voice import Voice
from meot.wiring import Shop

SENTENCES = texts.load().sentences
KOREAN = Voice(language="ko", texts=texts.load(), taxonomy=taxonomy.load())
BEGIN = ("meot.service.jobs.kinds", "meot.service.jobs.worker")
GIVEN = ("meot.answers.search", "meot.catalogue.workers", "meot.reading")
"""What a job is given with its shop, which ``meot.wiring`` puts together."""
KEPT_AS = ("meot.service.jobs.worker", "meot.catalogue.jobs")
"""Where reasons are written down that are no error's."""
NO_JOB_ENDS_WITH = (
    *(QueryError, AccountError, UnderWayError),  # of what a visitor asks, see test_reasons.py; of lessons caught
    *(ModelError, SettingsError),  # the service does not start with these
    *(JobGoneError, OwnerGoneError),  # the job is gone itself, or goes on elsewhere
    *(FullError, LessonError),  # of one photo, of one field: told in the job's result
)


def reasons() -> Iterator[tuple[str, str]]:
    """(where, sentence) of everything that a job may end with."""
    graph = imports()
    begun = {each for start in BEGIN for each in graph.find_upstream_modules(start)} | {*BEGIN}
    given = {each for start in GIVEN for each in graph.find_upstream_modules(start)} | {*GIVEN}
    for name in sorted(begun | given):
        for each in raised_in(name):
            if not issubclass(each.kind, NO_JOB_ENDS_WITH) and re.search(r"[a-z]", each.said):
                yield each.where, each.said
    for name in KEPT_AS:
        errors = {each.said for each in raised_in(name)}
        yield from ((where, said) for where, said in strings_in(name) if "; " in said and said not in errors)
    yield from ((sign, f"shop.db: {meaning}") for sign, meaning in complaints._MEANINGS.items())


def test_every_reason_that_a_job_can_end_with_has_its_sentence() -> None:
    found = list(reasons())
    assert len(found) > 90
    assert {said for said, _ in found if "fetcher" in said}  # what a source's address may answer is among them
    unknown = [f"{where}: {said}" for where, said in found if tell_job(said, KOREAN).original]
    assert unknown == []


def test_every_kind_of_reason_is_met_and_has_a_sentence() -> None:
    kept = {key.removeprefix("job_reason.") for key in SENTENCES if key.startswith("job_reason.")}
    assert kept == {*_KINDS, "other"}
    told = {tell_job(said, KOREAN).said.split("7")[-1] for _, said in reasons()}
    for key in _KINDS:
        end = SENTENCES[f"job_reason.{key}"]["ko"].split("}")[-1]
        assert any(said.endswith(end) for said in told), key


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            "feed: names only 3 of its 20 products and is damaged at line 9, so nothing was changed; if that is right, "
            "run it again with --force",
            "feed에 상품 20개 중 3개만 있어 아무것도 바꾸지 않았습니다.",
        ),
        (
            "https://shop.example/feed.xml: cannot be fetched (404 Not Found); check the address, or save it as a file",
            "https://shop.example/feed.xml에서 받아 오지 못했습니다(404 Not Found).",
        ),
        ("feed.csv: column id, image is missing; expected id, title, image, found a", "id, image 열이 없습니다."),
    ],
)
def test_a_reason_names_what_it_is_about(reason: str, said: str) -> None:
    assert said in tell_job(reason, KOREAN).said


def test_a_reason_without_end_costs_nobody_time() -> None:
    began = time.process_time()
    assert tell_job(": cannot be fetched (" * 15_000, KOREAN).original
    assert time.process_time() - began < 10


def fail(shop: Shop, reason: str) -> None:
    jobs = Jobs(database=shop.catalogue.database)
    jobs.add("refresh", {"sources": ["feed"]})
    job = jobs.take()
    assert job is not None
    jobs.fail(job, reason, again=False)


def test_a_reason_that_nobody_foresaw_stands_below_a_general_one(shop: Shop) -> None:
    fail(shop, "the moon is full; see `meot teach list`")
    page = client_of(shop, "ada", "admin").get("/manage/jobs", headers={"Accept-Language": "ko"}).text
    assert "끝내지 못했습니다." in page
    assert '<small lang="en">the moon is full; see Manage, Taught</small>' in page


def test_sources_that_were_left_as_they_are_are_told_in_korean(shop: Shop) -> None:
    jobs = Jobs(database=shop.catalogue.database)
    jobs.add("refresh", {})
    job = jobs.take()
    assert job is not None
    refused = (
        "feed: names only 1 of its 9 products, so nothing was changed; if that is right, run it again with --force"
    )
    jobs.finish(job, {"sources": [{"source": "feed", "refused": refused, "failed": []}]})
    admin: TestClient = client_of(shop, "ada", "admin")
    page = admin.get("/manage/jobs", headers={"Accept-Language": "ko"}).text
    assert "feed에 상품 9개 중 1개만 있어" in page
    assert "so nothing was changed" not in page
    [told] = admin.get("/api/v1/jobs?everybodys=true").json()["jobs"]
    assert told["result"]["sources"][0]["refused"].endswith(
        "run it again with `meot catalogue refresh --force` on the service's machine"
    )
