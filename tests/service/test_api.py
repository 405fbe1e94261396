from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel
from tests.builders import NAVY, RED, build_product
from tests.service.conftest import DetailReader, build_shop, jpeg

from meot import taxonomy
from meot.service import create_app
from meot.service.api import documents, product_documents
from meot.service.api.once import ASKING
from meot.settings import Settings
from meot.wiring import Shop


def post(client: TestClient, address: str, photo: bytes, **fields: str) -> Any:
    return client.post(f"/api/v1{address}", files={"photo": ("look.jpg", photo, "image/jpeg")}, data=fields)


def check(document: type[BaseModel], body: object) -> None:
    """The described document and the real one have the same fields."""
    document.model_validate(body)


def test_a_photo_is_read_into_the_looks_contract(client: TestClient) -> None:
    answer = post(client, "/looks", jpeg(NAVY, RED))
    assert answer.status_code == 200
    check(documents.LookDocument, answer.json())
    assert [g["region"] for g in answer.json()["garments"]] == ["upper", "lower"]
    assert "vector" not in answer.json()["garments"][0]


def test_scores_and_vectors_come_when_asked_for(client: TestClient) -> None:
    answer = post(client, "/looks?scores=true&vector=true", jpeg())
    check(documents.LookDocument, answer.json())
    assert "scores" in answer.json()["garments"][0]["category"]
    assert len(answer.json()["garments"][0]["vector"]) == 4


@pytest.fixture
def detailed(tmp_path: Path) -> Iterator[TestClient]:
    """A shop whose reader gives details and a style."""
    shop = build_shop(tmp_path, DetailReader())
    with TestClient(create_app(shop, Settings())) as client:
        yield client
    shop.close()


def test_details_and_style_are_in_the_contract(detailed: TestClient) -> None:
    body = post(detailed, "/looks", jpeg(NAVY, RED)).json()
    check(documents.LookDocument, body)
    shirt, jeans = body["garments"]
    assert set(shirt["components"]) == {"pattern", "collar", "sleeve", "damage"}
    assert shirt["components"]["collar"] == {"id": "button_down", "score": 0.64, "sure": False, "runner_up": "regular"}
    assert jeans["components"] == {}
    told = {name: body["style"][name] for name in ("id", "score", "sure", "runner_up")}
    assert told == {"id": "rock_chic", "score": 0.58, "sure": True, "runner_up": "feminine"}


def test_a_style_bears_its_group_where_there_is_one(detailed: TestClient) -> None:
    body = post(detailed, "/looks", jpeg()).json()
    assert body["style"]["group"] == {"id": "urban", "score": 0.7, "sure": True}
    del body["style"]["group"]
    check(documents.LookDocument, body)


def test_a_product_tells_the_details_read_from_it(detailed: TestClient) -> None:
    body = detailed.get("/api/v1/products/1").json()
    check(product_documents.ProductDocument, body)
    assert body["garments"][0]["components"]["pattern"]["id"] == "stripe"


def test_the_description_tells_of_components_and_style(client: TestClient) -> None:
    schemas = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    components = schemas["GarmentDocument"]["properties"]["components"]
    assert "denim_colour" in components["description"]
    assert components["additionalProperties"] == {"$ref": "#/components/schemas/LabelDocument"}
    for example in components["examples"][0].values():
        check(documents.LabelDocument, example)
    assert {"$ref": "#/components/schemas/StyleDocument"} in schemas["LookDocument"]["properties"]["style"]["anyOf"]
    check(documents.LabelDocument, schemas["StyleDocument"]["properties"]["group"]["examples"][0])
    assert schemas["ReadGarmentDocument"]["properties"]["components"] == components


def test_the_examples_of_the_description_are_answers_of_the_taxonomy(client: TestClient) -> None:
    told = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    terms = taxonomy.load()
    for question, answer in told["GarmentDocument"]["properties"]["components"]["examples"][0].items():
        assert {answer["id"], answer["runner_up"]} <= {value.id for value in terms.component(question).values}
    style = told["StyleDocument"]["properties"]
    assert terms.style(style["id"]["examples"][0]).group == style["group"]["examples"][0]["id"]


def test_a_photo_finds_products_for_each_garment(client: TestClient) -> None:
    answer = post(client, "/search/photo", jpeg(NAVY, RED), limit="2")
    check(product_documents.PhotoSearchDocument, answer.json())
    upper = answer.json()["results"][0]
    assert upper["garment"] == 0
    assert [m["id"] for m in upper["matches"]][:1] == ["1"]
    assert len(upper["matches"]) == 2


def test_filters_may_stand_in_the_form_or_in_the_address(client: TestClient) -> None:
    in_form = post(client, "/search/photo", jpeg(), colour="red").json()
    in_address = post(client, "/search/photo?colour=red", jpeg()).json()
    assert in_form == in_address
    assert [m["id"] for m in in_form["results"][0]["matches"]] == ["2"]


def test_the_boxes_of_results_are_those_of_the_look(client: TestClient) -> None:
    found = post(client, "/search/photo", jpeg(size=(2560, 2560))).json()
    assert found["look"]["photo"]["width"] == 2560
    assert found["results"][0]["box"] == found["look"]["garments"][0]["box"]


def test_words_find_products_page_by_page(client: TestClient) -> None:
    first = client.get("/api/v1/search", params={"q": "shirt", "limit": 2}).json()
    check(product_documents.MatchesDocument, first)
    assert first["more"]
    rest = client.get("/api/v1/search", params={"q": "shirt", "limit": 10, "offset": 2}).json()
    assert not rest["more"]
    assert not {m["number"] for m in first["matches"]} & {m["number"] for m in rest["matches"]}
    assert [m["id"] for m in client.get("/api/v1/search", params={"q": "조거"}).json()["matches"]] == ["4"]


def test_filters_alone_find_products_the_newest_first(client: TestClient) -> None:
    found = client.get("/api/v1/search").json()
    assert [match["number"] for match in found["matches"]] == [5, 4, 3, 2, 1]
    check(product_documents.MatchesDocument, found)
    red = client.get("/api/v1/search?colour=red").json()
    assert [match["id"] for match in red["matches"]] == ["2"]


def test_prices_bound_what_words_find(client: TestClient) -> None:
    found = client.get("/api/v1/search", params={"q": "shirt", "min_price": 20, "max_price": 40000}).json()
    assert {m["id"] for m in found["matches"]} == {"1", "4"}


def test_a_cursor_turns_the_pages(client: TestClient) -> None:
    numbers: list[int] = []
    asked: dict[str, str | int] = {"q": "shirt", "limit": 2}
    for _ in range(10):
        body = client.get("/api/v1/search", params=asked).json()
        numbers += [match["number"] for match in body["matches"]]
        if body["next"] is None:
            break
        asked["after"] = body["next"]
    assert len(numbers) == len(set(numbers)) == 5
    answer = client.get("/api/v1/search", params={"q": "other", "after": asked["after"]})
    assert answer.status_code == 400
    assert "another question" in answer.json()["detail"]
    first = post(client, "/search/photo", jpeg(), limit="2").json()["results"][0]
    second = post(client, "/search/photo", jpeg(), limit="2", after=first["next"]).json()["results"][0]
    check(product_documents.GarmentMatches, second)
    assert not {m["number"] for m in first["matches"]} & {m["number"] for m in second["matches"]}


def test_facets_are_counted_when_asked_for(client: TestClient) -> None:
    found = client.get("/api/v1/search", params={"q": "shirt", "facets": "true", "colour": "red"}).json()
    check(product_documents.MatchesDocument, found)
    assert found["facets"]["products"] == 1
    assert {"id": "red", "count": 1} in found["facets"]["colour"]
    assert {"id": "navy", "count": 1} in found["facets"]["colour"]
    assert found["facets"]["source"] == [{"id": "test", "count": 1}]
    photo = post(client, "/search/photo", jpeg(), facets="true").json()
    check(product_documents.PhotoSearchDocument, photo)
    assert photo["results"][0]["facets"]["products"] == 5
    assert "facets" not in client.get("/api/v1/search", params={"q": "shirt"}).json()


def test_components_and_words_beside_a_photo(client: TestClient) -> None:
    found = client.get("/api/v1/search", params={"q": "shirt", "component": ["pattern=stripe", "sleeve=long"]})
    assert found.json()["matches"] == []
    assert client.get("/api/v1/search", params={"q": "shirt", "component": "stripe"}).status_code == 400
    assert client.get("/api/v1/search", params={"q": "shirt", "gender": "female"}).json()["matches"] == []
    photo = post(client, "/search/photo", jpeg(), q="in red").json()
    assert [match["id"] for match in photo["results"][0]["matches"]] == ["2"]
    assert photo["cut"] is False


def test_answers_hold_no_path_of_the_server(client: TestClient, tmp_path: object) -> None:
    text = client.get("/api/v1/search", params={"q": "shirt"}).text + client.get("/api/v1/products/1").text
    assert str(tmp_path) not in text


def test_a_product_tells_what_was_read_from_it(client: TestClient) -> None:
    body = client.get("/api/v1/products/1").json()
    check(product_documents.ProductDocument, body)
    assert (body["title"], body["garments"][0]["category"]["id"]) == ("Navy oxford shirt", "shirt")


def test_similar_products_are_others(client: TestClient) -> None:
    body = client.get("/api/v1/products/1/similar").json()
    check(product_documents.MatchesDocument, body)
    assert "1" not in {m["id"] for m in body["matches"]}
    assert len(body["matches"]) == 4


def test_health_counts(client: TestClient) -> None:
    body = client.get("/api/v1/health").json()
    check(documents.HealthDocument, body)
    assert body["counts"]["products"] == 5


def test_the_taxonomy_is_the_products(client: TestClient) -> None:
    body = client.get("/api/v1/taxonomy").json()
    assert any(c["id"] == "shirt" and c["names"]["ko"] == "셔츠" for c in body["categories"])


@pytest.mark.parametrize(
    ("address", "status", "kind", "said"),
    [
        ("/search?q=shirt&colour=nvy", 400, "bad_question", "did you mean navy"),
        ("/search?q=%20", 400, "bad_question", "letter or a digit"),
        ("/search?colour=nvy", 400, "bad_question", "did you mean navy"),
        ("/search?q=shirt&limit=0", 400, "bad_question", "limit: input should be"),
        ("/search?q=shirt&max_price=cheap", 400, "bad_question", "'cheap'"),
        ("/search?q=shirt&min_price=9&max_price=1", 400, "bad_question", "swap them"),
        ("/products/99", 404, "no_product", "no product has number 99"),
        ("/products/99/similar", 404, "no_product", "no product has number 99"),
        ("/products/99999999999999999999", 400, "bad_question", "number"),
        ("/nothing", 404, "no_page", "/api/v1/nothing"),
        ("/looks", 405, "no_method", "GET"),
    ],
)
def test_problems_are_told_as_documents(client: TestClient, address: str, status: int, kind: str, said: str) -> None:
    answer = client.get(f"/api/v1{address}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    check(documents.ProblemDocument, answer.json())
    assert answer.json()["type"] == f"urn:meot:problem:{kind}"
    assert said in answer.json()["detail"]


def test_the_description_is_openapi_3_1_and_names_every_route(client: TestClient) -> None:
    body = client.get("/api/v1/openapi.json").json()
    assert body["openapi"].startswith("3.1")
    assert set(body["paths"]) >= {
        f"/api/v1{path}"
        for path in (
            "/looks",
            "/search/photo",
            "/search",
            "/products/{number}",
            "/products/{number}/similar",
            "/taxonomy",
            "/health",
            "/me",
            "/tokens",
            "/tokens/{number}",
        )
    }
    form = body["paths"]["/api/v1/looks"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["oneOf"] == [{"required": ["photo"]}, {"required": ["url"]}]
    assert "application/problem+json" in body["paths"]["/api/v1/looks"]["post"]["responses"]["415"]["content"]
    assert body["components"]["schemas"]["GarmentDocument"]["properties"]["region"]["examples"] == ["upper"]


def test_every_operation_tells_who_may_what_goes_wrong_and_what_it_is_like(client: TestClient) -> None:
    body = client.get("/api/v1/openapi.json").json()
    assert set(body["components"]["securitySchemes"]) == {"token", "session"}
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            where, answers = f"{method} {path}", operation["responses"]
            assert operation["summary"], where
            assert operation["description"], where
            assert {"token": []} in operation["security"], where
            assert ({} in operation["security"]) == ("x-role" not in operation), where
            assert {"400", "401", "429", "500", "503"} <= set(answers), where
            assert all("example" in each for each in operation["parameters"]), where
            keyed = "Idempotency-Key" in [each["name"] for each in operation["parameters"]]
            assert keyed == ("x-role" in operation and method != "get" and path not in ASKING), where
            for status, told in answers.items():
                for kind, content in told.get("content", {}).items():
                    assert not kind.endswith("json") or "example" in content, f"{where} {status}"
    assert "HTTPValidationError" not in str(body)
    assert set(body["paths"]) >= ASKING


def test_every_example_fits_its_schema(client: TestClient) -> None:
    body = client.get("/api/v1/openapi.json").json()
    shown = [content for each in _operations(body) for told in _contents(each) for content in told.values()]
    held = [content for content in shown if "example" in content]
    assert len(held) > 50
    for content in held:
        schema = {**content["schema"], "components": body["components"]}
        jsonschema_rs.validate(schema, content["example"])


def _operations(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in body["paths"].values() for operation in methods.values()]


def _contents(operation: dict[str, Any]) -> list[dict[str, Any]]:
    return [told.get("content", {}) for told in (operation.get("requestBody", {}), *operation["responses"].values())]


def test_the_description_is_a_page_too(client: TestClient) -> None:
    page = client.get("/api/v1/docs").text
    for path in client.get("/api/v1/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in page
    assert "<script" not in page.replace('<script src="/static/meot.js" defer>', "")
    assert "curl -F photo=@look.jpg http://127.0.0.1:8000/api/v1/looks" in page
    assert "-F photo=@look.jpg -F garment=0 -F owned=17" in page
    assert "-F facts=@facts.csv http" in page
    assert "어디서나 같은 것" in client.get("/api/v1/docs", headers={"Accept-Language": "ko"}).text


@pytest.mark.parametrize("address", ["/search?q=shirt", "/products/1", "/products/1/similar", "/taxonomy"])
def test_what_is_known_is_not_sent_again(client: TestClient, shop: Shop, address: str) -> None:
    first = client.get(f"/api/v1{address}")
    tag = first.headers["etag"]
    again = client.get(f"/api/v1{address}", headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(f"/api/v1{address}", headers={"If-None-Match": 'W/"other"'}).content == first.content
    if address.startswith("/search"):
        shop.catalogue.put_product(build_product("6", "Another shirt"), [])
        assert client.get(f"/api/v1{address}", headers={"If-None-Match": tag}).status_code == 200


def test_problems_are_titled_in_the_askers_language(client: TestClient) -> None:
    answer = client.get("/api/v1/products/99", headers={"Accept-Language": "ko-KR,ko;q=0.9"})
    assert answer.json()["title"].startswith("이 카탈로그에 없는")
    assert answer.headers["content-language"] == "ko"
    assert "1 MB" in post(client, "/looks", bytes(3 << 20)).json()["title"]


def test_no_page_loads_scripts_from_elsewhere(client: TestClient) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
