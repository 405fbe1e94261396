"""Every sentence a visitor sees, in the languages of the pages."""

from __future__ import annotations

import tomllib
from importlib import resources

LANGUAGES = {"en": "English", "ko": "한국어"}
"""Language to its own name."""


class Texts:
    """Sentences by key ("photo.take") and language."""

    def __init__(self, *, sentences: dict[str, dict[str, str]]) -> None:
        self.sentences = sentences

    def say(self, language: str, key: str, **values: object) -> str:
        """The sentence of ``key``, its {names} filled in; KeyError when there is none."""
        sentence = self.sentences[key][language]
        return sentence.format(**values) if values else sentence


def load() -> Texts:
    """The sentences that ship with this version."""
    raw = tomllib.loads(resources.files("meot.service").joinpath("texts.toml").read_text(encoding="utf-8"))
    return Texts(sentences={f"{part}.{key}": said for part, keys in raw.items() for key, said in keys.items()})


def choose_language(cookie: str | None, accepted: str, default: str) -> str:
    """The visitor's language: what they chose, else the first they accept, else ``default``.

    accepted: an Accept-Language header, such as "ko-KR,ko;q=0.9,en;q=0.8".
    """
    if cookie in LANGUAGES:
        return cookie
    best, most = default, 0.0
    for part in accepted.split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        wanted = _weight(weight)
        if language in LANGUAGES and wanted > most:
            best, most = language, wanted
    return best


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
