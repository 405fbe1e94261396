"""Cases that schemathesis makes up from the API's own description; ``MEOT_TEST_CASES`` says how many, each way."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from tests.service.conftest import build_shop

from meot.catalogue.people import SCOPES, People
from meot.service import create_app
from meot.settings import Settings

CASES = int(os.environ.get("MEOT_TEST_CASES", "200"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, Callable[[], str]]]:
    """The application, and what makes a token of an administrator's."""
    shop = build_shop(tmp_path_factory.mktemp("shop"))
    people = People(database=shop.catalogue.database)
    boss = people.add("boss", None, role="admin")

    def token() -> str:
        for old in people.tokens_of(boss, "api")[50:]:
            people.revoke(boss, old.key)
        return people.issue(boss, "api", lasts_s=None, scopes=SCOPES)

    for _ in range(9):
        token()  # cases guess small numbers first
    yield create_app(shop, Settings(accounts=True, rate=0, max_upload_mb=1)), token
    shop.close()


def ask_all(app: FastAPI, token: Callable[[], str] | None) -> Counter[int]:
    """Make up cases of every operation, fitting ones and others; hold each answer to the description.

    token: makes a new one, because a case may take one back; None for nobody. Returns HTTP status -> how many.
    """
    described = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    made: Counter[int] = Counter()
    for operation, mode in product(operations, GenerationMode):
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body or operation.path_parameters):
            continue  # there is nothing to get wrong
        held = {} if token is None else {"Authorization": f"Bearer {token()}"}
        made.update(ask_one(operation, mode, held, most=math.ceil(CASES / (2 * len(operations)))))
    return made


def ask_one(operation: Any, mode: GenerationMode, held: dict[str, str], *, most: int) -> Counter[int]:
    """Ask one operation up to so many times."""
    made: Counter[int] = Counter()

    @settings(
        max_examples=most,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        kept = {name: value for name, value in case.headers.items() if name.lower() != "authorization"}
        case.headers.clear()
        case.headers.update(kept | held)
        answer = case.call()
        made[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    ask()
    return made


@pytest.mark.parametrize("known", [True, False], ids=["with a token", "without"])
def test_no_case_breaks_the_description(service: tuple[FastAPI, Callable[[], str]], known: bool) -> None:
    app, token = service
    made = ask_all(app, token if known else None)
    print(f"{made.total()} cases: {dict(sorted(made.items()))}")
    assert made.total() > CASES // 2
    assert {200, 400} <= set(made)
    assert (401 in made) is not known
