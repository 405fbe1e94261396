"""What pages say, as tests read it."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient


def look(client: TestClient, photo: bytes) -> str:
    answer = client.post("/look", files={"photo": ("a.jpg", photo, "image/jpeg")}, follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def titles(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/product/\d+">(.*?)</a></h3>', page)


def words_of(page: str) -> str:
    """What a page says, as one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
