"""Settings: what a person may change, from the environment (``MEOT_...``) and ``meot.toml``, checked once."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from meot import cluster
from meot.errors import SettingsError
from meot.vectors import own


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """models: folder of model files, None for the bundled ones. threads: of the models, 0 for one a core (at most 4).

    max_upload_mb: largest photo the service takes. language: "en" or "ko" where the visitor does not say.
    encoder: a user's own, see docs/encoders.md; None for the bundled one. data: where photos and indexes of catalogues
    on a database server lie; those of a file lie beside it. accounts: whether people sign in; without, whoever sits at
    this machine is the only person. signup: whether anybody may make an account. index: the scheduler of the workers
    that hold the vector index, see docs/scale.md; "" keeps it in this process. index_copies: of each of its shards.
    index_folder: of the workers' machines, where they keep the shards between starts; None keeps them in memory alone.
    log: "quiet" (warnings and faults), "text" or "json" (a line a request, too). log_addresses: whether visitors'
    addresses stand in it. metrics: who sees ``/metrics``: "local" (who administers), "public" or nobody ("off").
    jobs: how many jobs a process of the service works on at once; 0 leaves them to ``meot work``. rate: requests a
    minute that the service answers to a person, or to an address that nobody is known at; 0 for any number.
    closet_photos, draft_photos: photos that a person may keep in their closet and for their drafts, where people sign
    in; 0 for any number.
    """

    models: Path | None = None
    threads: int = 0
    max_upload_mb: int = 16
    language: str = "en"
    encoder: str | None = None
    data: Path = Path()
    index: str = ""
    index_copies: int = 1
    index_folder: Path | None = None
    accounts: bool = False
    signup: bool = True
    log: str = "quiet"
    log_addresses: bool = False
    metrics: str = "local"
    jobs: int = 1
    rate: int = 600
    closet_photos: int = 2000
    draft_photos: int = 10_000

    @property
    def most_closet_photos(self) -> int | None:
        """Photos that a person may keep in their closet; None for any number."""
        return self.closet_photos or None if self.accounts else None

    @property
    def most_draft_photos(self) -> int | None:
        """Photos that a person may keep for drafts; None for any number."""
        return self.draft_photos or None if self.accounts else None

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
        if self.index:
            cluster.address_of(self.index)
        if self.log not in ("quiet", "text", "json"):
            raise SettingsError(f"log must be quiet, text or json, got {self.log!r}; change MEOT_LOG or meot.toml")
        if self.metrics not in ("local", "public", "off"):
            raise SettingsError(f"metrics must be local, public or off, got {self.metrics!r}; change MEOT_METRICS")
        if not 0 <= self.jobs <= 8:
            raise SettingsError(f"jobs must be 0..8, got {self.jobs}; change MEOT_JOBS or meot.toml")
        if not 0 <= self.rate <= 1_000_000:
            raise SettingsError(f"rate must be 0..1000000, got {self.rate}; change MEOT_RATE or meot.toml")
        for name in ("closet_photos", "draft_photos"):
            most = getattr(self, name)
            if not 0 <= most <= 1_000_000:
                raise SettingsError(f"{name} must be 0..1000000, got {most}; change MEOT_{name.upper()} or meot.toml")
        if self.index_folder is not None and not self.index_folder.is_absolute():
            raise SettingsError(
                f"index_folder must begin with /, since workers run elsewhere, got {self.index_folder}; "
                "change MEOT_INDEX_FOLDER"
            )
        if not 1 <= self.index_copies <= 8:
            raise SettingsError(f"index_copies must be 1..8, got {self.index_copies}; change MEOT_INDEX_COPIES")


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
        index=str(raw.get("index", "")),
        index_copies=_whole(raw, "index_copies", 1),
        index_folder=Path(str(raw["index_folder"])) if raw.get("index_folder") else None,
        accounts=_yes(raw, "accounts", False),
        signup=_yes(raw, "signup", True),
        log=str(raw.get("log", "quiet")),
        log_addresses=_yes(raw, "log_addresses", False),
        metrics=str(raw.get("metrics", "local")),
        jobs=_whole(raw, "jobs", 1),
        rate=_whole(raw, "rate", 600),
        closet_photos=_whole(raw, "closet_photos", 2000),
        draft_photos=_whole(raw, "draft_photos", 10_000),
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
