from __future__ import annotations

import io
import tempfile
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from tests.service.conftest import jpeg
from tests.service.hostile import REFUSED, TAKEN

from meot.service import texts


def send(client: TestClient, address: str, data: bytes, language: str = "en") -> Any:
    files = {"photo": ("look.jpg", data, "image/jpeg")}
    return client.post(address, files=files, headers={"Accept-Language": language}, follow_redirects=False)


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("address", ["/api/v1/looks", "/api/v1/search/photo"])
def test_hostile_uploads_get_one_clear_sentence(client: TestClient, name: str, address: str) -> None:
    data, status, kind = REFUSED[name]
    answer = send(client, address, data)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:meot:problem:{kind}"
    assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_people_are_told_in_their_language(client: TestClient, name: str, language: str) -> None:
    data, status, kind = REFUSED[name]
    answer = send(client, "/look", data, language)
    assert answer.status_code == status
    assert answer.headers["content-language"] == language
    assert texts.load().say(language, f"problem.{kind}", megabytes=1) in answer.text
    assert "photo-form" in answer.text  # and a way to try again


@pytest.mark.parametrize("name", TAKEN)
def test_odd_but_whole_photos_are_read(client: TestClient, name: str) -> None:
    assert send(client, "/api/v1/looks", TAKEN[name]).status_code == 200
    assert send(client, "/look", TAKEN[name]).status_code == 303


def test_a_form_without_a_photo_says_so(client: TestClient) -> None:
    answer = client.post("/api/v1/looks", files={"picture": ("look.jpg", jpeg(), "image/jpeg")})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:meot:problem:no_photo")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"nothing", "multipart/form-data"),
        (b"nothing", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_what_is_no_form_is_refused(client: TestClient, body: bytes, kind: str) -> None:
    answer = client.post("/api/v1/looks", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:meot:problem:bad_question")


def test_the_filled_one_of_two_file_fields_counts(client: TestClient) -> None:
    files = [("photo", ("", b"", "image/jpeg")), ("photo", ("look.jpg", jpeg(), "image/jpeg"))]
    assert client.post("/look", files=files, follow_redirects=False).status_code == 303


def test_an_upload_never_touches_the_disk(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object) -> None:
        raise AssertionError("an upload was written to disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    large = jpeg() + b"\0" * 1_040_000  # more than the megabyte that form parsers usually keep in memory
    assert send(client, "/api/v1/looks", large).status_code == 200


def test_a_kept_photo_bears_no_metadata(client: TestClient) -> None:
    image = Image.open(io.BytesIO(jpeg(size=(300, 200))))
    exif = Image.Exif()
    exif[0x010E] = "my home"
    exif[0x0112] = 6
    written = io.BytesIO()
    image.save(written, "JPEG", exif=exif)
    assert b"my home" in written.getvalue()
    place = send(client, "/look", written.getvalue()).headers["location"]
    shown = client.get(f"{place}/photo")
    assert b"my home" not in shown.content
    kept = Image.open(io.BytesIO(shown.content))
    assert not kept.getexif()
    assert kept.size == (200, 300)  # and stands upright


def test_names_of_files_are_only_words(client: TestClient) -> None:
    files = {"photo": ("../../etc/passwd\u202e.jpg", b"text", "image/jpeg")}
    detail = client.post("/api/v1/looks", files=files).json()["detail"]
    assert detail.startswith("passwd.jpg: ")
