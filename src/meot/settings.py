"""Settings: what a person may change, from the environment (``MEOT_...``) and ``meot.toml``, checked once."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from meot.errors import SettingsError
from meot.vectors import own


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """models: folder of model files, None for the bundled ones. threads: of the models, 0 for one a core (at most 4).

    max_upload_mb: largest photo the service takes. language: "en" or "ko" where the visitor does not say.
    encoder: a user's own, see docs/encoders.md; None for the bundled one. data: where photos and indexes of catalogues
    on a database server lie; those of a file lie beside it. accounts: whether people sign in; without, whoever sits at
    this machine is the only person. signup: whether anybody may make an account.
    """

    models: Path | None = None
    threads: int = 0
    max_upload_mb: int = 16
    language: str = "en"
    encoder: str | None = None
    data: Path = Path()
    accounts: bool = False
    signup: bool = True

    def __post_init__(self) -> None:
        """Check every value."""
        if self.language not in ("en", "ko"):
            raise SettingsError(f"language must be en or ko, got {self.language!r}; change MEOT_LANGUAGE or meot.toml")
        if not 0 <= self.threads <= 64:
            raise SettingsError(f"threads must be 0..64, got {self.threads}; change MEOT_THREADS or meot.toml")
        if not 1 <= self.max_upload_mb <= 64:
            raise SettingsError(f"max_upload_mb must be 1..64, got {self.max_upload_mb}; change MEOT_MAX_UPLOAD_MB")
        if self.encoder is not None:
            own.check(self.encoder)


def load(file: Path = Path("meot.toml")) -> Settings:
    """Settings from ``file`` when it exists, the environment winning. SettingsError for an unknown or bad value."""
    raw: dict[str, object] = {}
    if file.is_file():
        try:
            raw.update(tomllib.loads(file.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file} is not valid TOML ({error}); mend that line") from None
    known = {f.name for f in fields(Settings)}
    unknown = sorted(set(raw) - known)
    if unknown:
        raise SettingsError(f"{file}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
    raw.update({n: os.environ[f"MEOT_{n.upper()}"] for n in known if f"MEOT_{n.upper()}" in os.environ})
    return Settings(
        models=Path(str(raw["models"])) if raw.get("models") else None,
        threads=_whole(raw, "threads", 0),
        max_upload_mb=_whole(raw, "max_upload_mb", 16),
        language=str(raw.get("language", "en")),
        encoder=str(raw["encoder"]) if raw.get("encoder") else None,
        data=Path(str(raw.get("data", ""))),
        accounts=_yes(raw, "accounts", False),
        signup=_yes(raw, "signup", True),
    )


def _whole(raw: dict[str, object], name: str, default: int) -> int:
    try:
        return int(str(raw.get(name, default)))
    except ValueError:
        raise SettingsError(f"{name} must be a whole number, got {raw[name]!r}; change MEOT_{name.upper()}") from None


def _yes(raw: dict[str, object], name: str, default: bool) -> bool:
    said = str(raw.get(name, default)).strip().lower()
    if said not in ("true", "yes", "on", "1", "false", "no", "off", "0"):
        raise SettingsError(f"{name} must be true or false, got {raw[name]!r}; change MEOT_{name.upper()}")
    return said in ("true", "yes", "on", "1")
