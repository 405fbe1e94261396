"""The files of an index: new ones beside the old, then one rename of the manifest that names them."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from meot.errors import MeotError
from meot.index.compressed import Compressed
from meot.index.flat import Flat
from meot.index.keys import KeyTable
from meot.index.state import State
from meot.index.vector_file import VectorFile

_faiss: Any = faiss  # its type stubs know less than it does

MANIFEST = "manifest.json"
SCHEMA = "meot.index/1"
_FIELDS = {"count", "dimension", "models", "generation", "files"}
_BASE = ("lists", "keys", "vectors")
_ABANDONED = 3600.0  # seconds after which a file that no manifest names was left by a process that died


class IndexFileError(MeotError):
    """The files of an index are missing, stale, damaged, or cannot be written; it can be rebuilt from the catalogue."""


@contextmanager
def explain(what: str) -> Iterator[None]:
    """Say a failing disk as IndexFileError."""
    try:
        yield
    except OSError as error:
        raise IndexFileError(
            f"cannot write {what}: {error.strerror or error}; free some space, then try again"
        ) from error
    except RuntimeError as error:  # what faiss raises when it cannot write
        raise IndexFileError(f"cannot write {what}: {error}; free some space, then try again") from error


def save(state: State, folder: Path, *, models: str, generation: int) -> None:
    """Write a state; see :meth:`meot.index.growing.GrowingIndex.save`."""
    written: list[Path] = []
    try:
        with explain(f"the index in {folder}"):
            folder.mkdir(parents=True, exist_ok=True)
            before = _named(folder)
            entries = _put_base(state.base, folder, written) if state.base is not None else {}
            entries |= _put_changes(state, folder, written)
            _sync_folder(folder)
            _put_manifest(folder, _manifest(state, entries, models, generation))
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    _sweep(folder, before, {entry["file"] for entry in entries.values()})


def load(folder: Path, models: str) -> tuple[State, int]:
    """The state in a folder and its generation. IndexFileError when there is none that can be used."""
    manifest = _read_manifest(folder)
    if manifest["models"] != models:
        raise IndexFileError(
            f"the index in {folder} holds vectors of {manifest['models']!r}, expected {models!r}; rebuild it"
        )
    try:
        paths = {name: _checked(folder, entry) for name, entry in manifest["files"].items()}
        state = _state(manifest, paths)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        if _read_manifest(folder) != manifest:  # another process saved meanwhile
            return load(folder, models)
        raise IndexFileError(f"the index in {folder} is damaged ({error}); rebuild it") from error
    if len(state) != manifest["count"] or (len(state) and state.width != manifest["dimension"]):
        raise IndexFileError(
            f"the index in {folder} holds {len(state)} vectors, expected {manifest['count']}; rebuild it"
        )
    return state, int(manifest["generation"])


def _manifest(state: State, entries: dict[str, Any], models: str, generation: int) -> dict[str, Any]:
    told: dict[str, Any] = {"schema": SCHEMA, "count": len(state), "dimension": state.width}
    told |= {"models": models, "generation": generation, "files": entries}
    if state.base is not None:
        base = state.base
        told["compressed"] = {"probes": [*base.probes.items()], "recall": base.recall, "trained": base.trained}
    return told


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise IndexFileError(f"there is no index in {folder}; rebuild it") from None
    except (OSError, ValueError) as error:
        raise IndexFileError(f"the manifest of the index in {folder} cannot be read ({error}); rebuild it") from error
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA or not manifest.keys() >= _FIELDS:
        raise IndexFileError(f"the index in {folder} is not of this version, expected {SCHEMA}; rebuild it")
    return manifest


def _state(manifest: dict[str, Any], paths: dict[str, Path]) -> State:
    changes = np.load(paths["changes"])
    flat = Flat(changes["keys"], changes["vectors"])
    if "lists" not in paths:
        return State(flat)
    lists = _faiss.read_index(str(paths["lists"]), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
    _faiss.downcast_InvertedLists(lists.invlists).prefetch_nthread = 0  # it would start threads at every search
    _touch(lists)
    keys = KeyTable(np.load(paths["keys"]))
    vectors = VectorFile.open(paths["vectors"], lists.d)
    if not len(keys) == len(vectors) == lists.ntotal:
        raise ValueError(f"{len(keys)} keys, {len(vectors)} vectors and {lists.ntotal} rows do not fit")
    told = manifest["compressed"]
    measured = {"probes": dict(told["probes"]), "recall": told["recall"], "trained": told["trained"]}
    base = Compressed(lists=lists, keys=keys, vectors=vectors, **measured)
    base.saved = paths["lists"].parent.resolve(), {name: manifest["files"][name] for name in _BASE}
    alive = changes["alive"] if len(changes["alive"]) else None
    removed = 0 if alive is None else len(base) - int(np.unpackbits(alive, count=len(base), bitorder="little").sum())
    return State(flat, base, alive, removed)


def _touch(lists: Any) -> None:
    """Have the system map every page now, sooner than at the first questions."""
    for number in range(lists.nlist):
        size = lists.invlists.list_size(number) * lists.code_size
        if size:
            _faiss.rev_swig_ptr(lists.invlists.get_codes(number), size)[:: mmap.PAGESIZE].max()


def _put_base(base: Compressed, folder: Path, written: list[Path]) -> dict[str, Any]:
    """The compressed part's files; those of an earlier save stay, for it never changes."""
    home, entries = base.saved or (None, {})
    if home == folder.resolve() and all((folder / entry["file"]).is_file() for entry in entries.values()):
        return dict(entries)
    made = {
        "lists": _write(folder, "lists", written, lambda path: faiss.write_index(base.lists, str(path))),
        "keys": _write(folder, "keys", written, lambda path: _save_array(path, base.keys.of(np.arange(len(base))))),
        "vectors": _write(folder, "vectors", written, lambda path: _copy(base.vectors, path)),
    }
    base.saved = folder.resolve(), made
    return dict(made)


def _put_changes(state: State, folder: Path, written: list[Path]) -> dict[str, Any]:
    """What is not in the compressed part, and which of its rows were removed."""
    alive = np.zeros(0, np.uint8) if state.alive is None else state.alive

    def put(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, keys=state.flat.keys, vectors=state.flat.vectors, alive=alive)

    return {"changes": _write(folder, "changes", written, put)}


def _save_array(path: Path, values: NDArray[np.int64]) -> None:
    with path.open("wb") as file:
        np.save(file, values)


def _copy(vectors: VectorFile, path: Path) -> None:
    with path.open("wb") as file:
        for _, block in vectors.blocks():
            file.write(block.tobytes())


def _write(folder: Path, name: str, written: list[Path], put: Callable[[Path], None]) -> dict[str, Any]:
    """A new file under a name of its own, safely on disk; its entry in the manifest."""
    path = folder / f"{name}-{secrets.token_hex(6)}.bin"
    written.append(path)
    put(path)
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": _digest(path)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked(folder: Path, entry: dict[str, Any]) -> Path:
    path = folder / str(entry["file"])
    if path.stat().st_size != entry["bytes"] or _digest(path) != entry["sha256"]:
        raise ValueError(f"{path.name} is not what was written")
    return path


def _put_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    aside = folder / f"manifest-{secrets.token_hex(6)}.aside"
    try:
        with aside.open("w", encoding="utf-8") as file:
            json.dump(manifest, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, folder / MANIFEST)
    finally:
        aside.unlink(missing_ok=True)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """A rename is safe only when the folder is on disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _named(folder: Path) -> set[str]:
    """The files of the index that is in the folder."""
    try:
        return {str(entry["file"]) for entry in _read_manifest(folder)["files"].values()}
    except (IndexFileError, KeyError, TypeError, AttributeError):
        return set()


def _sweep(folder: Path, before: set[str], kept: set[str]) -> None:
    """Remove files that nothing names any more; young ones may be another process's, about to be named."""
    for path in (*folder.glob("*.bin"), *folder.glob("*.aside")):
        with suppress(OSError):
            if path.name not in kept and (path.name in before or time.time() - path.stat().st_mtime > _ABANDONED):
                path.unlink()
