"""Files of repositories on the Hugging Face Hub: downloaded when first asked for, then taken from this machine."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from pathlib import Path

from meot.errors import ModelError


def find(repository: str, file: str) -> Path | None:
    """A file of ``repository`` ("ORG/NAME" or "ORG/NAME@REVISION"), None when the repository has none of that name.

    What this machine knows of it is taken as it is, so a catalogue keeps its encoder and nothing is asked of the
    network again. ModelError when the repository is not there, asks for a login, or cannot be reached.
    """
    from huggingface_hub import hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    name, revision = _split(repository)
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # each new try is not worth a line of its own
    known = try_to_load_from_cache(name, file, revision=revision)
    if known is not None:  # a path, or a sign that the repository has no such file
        return Path(known) if isinstance(known, str) else None
    try:
        return Path(hf_hub_download(name, file, revision=revision))
    except GatedRepoError:
        raise ModelError(
            f"hf-hub:{repository} asks for a login; accept its terms on its page, then set HF_TOKEN"
        ) from None
    except RepositoryNotFoundError:
        raise ModelError(f"hf-hub:{repository}: no such public repository on {_server()}; check the name") from None
    except RevisionNotFoundError:
        raise ModelError(f"hf-hub:{repository}: the repository has no such revision; check it") from None
    except LocalEntryNotFoundError:
        raise ModelError(_unreachable(repository, file, "no answer")) from None
    except EntryNotFoundError:
        return None
    except Exception as error:  # httpx's, the operating system's and the Hub's own, which share no class
        raise ModelError(_unreachable(repository, file, first_line(error))) from None


def cached(repository: str, file: str) -> Path | None:
    """A file of ``repository`` that was downloaded before; None when it was not."""
    from huggingface_hub import try_to_load_from_cache

    name, revision = _split(repository)
    path = try_to_load_from_cache(name, file, revision=revision)
    return Path(path) if isinstance(path, str) else None


def find_first(repository: str, files: Iterable[str]) -> Path:
    """The first of ``files`` that is here or in the repository. ModelError as :func:`find`, and when there is none."""
    names = list(files)
    for look in (cached, find):
        for file in names:
            path = look(repository, file)
            if path is not None:
                return path
    raise ModelError(f"hf-hub:{repository}: expected {' or '.join(names)} in it, got neither; name another")


def _split(repository: str) -> tuple[str, str | None]:
    name, _, revision = repository.partition("@")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise ModelError(f"hf-hub:{repository}: expected ORG/NAME or ORG/NAME@REVISION; check the name")
    return name, revision or None


def first_line(error: Exception) -> str:
    """An error's first line, without its full stop; the name of its class when it says nothing."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200].rstrip(". ")


def _server() -> str:
    return os.environ.get("HF_ENDPOINT", "the Hugging Face Hub")


def _unreachable(repository: str, file: str, reason: str) -> str:
    return (
        f"hf-hub:{repository}: {file} could not be downloaded from {_server()} ({reason}); "
        "check the network and HF_ENDPOINT, then run it again"
    )
