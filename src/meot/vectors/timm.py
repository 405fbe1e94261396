"""Encoders of timm: any of its image networks, by name, from the Hub, or from a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from meot.errors import ModelError, nearest
from meot.vectors import hub
from meot.vectors.tower import Tower, loading, use_threads

_WEIGHTS = ("model.safetensors", "pytorch_model.bin", "open_clip_model.safetensors", "open_clip_pytorch_model.bin")


def load(name: str, *, threads: int) -> Tower:
    """The pooled features of timm's network ``name``, as written behind ``timm:``; see :func:`meot.vectors.own.load`.

    The network must take its weights whole: one that lacks some would answer with noise.
    """
    label = f"timm:{name}"
    with loading(label):
        import timm.data.config
        from timm.data.transforms_factory import create_transform
    source, _, rest = name.partition(":")
    if source == "local-dir":
        folder, label = _folder(Path(rest)), f"timm:local-dir:{Path(rest).resolve().name}"
        network = _create(f"local-dir:{folder}", label)
    elif source == "hf-hub":
        network = _create(f"local-dir:{_fetch(rest)}", label)
    else:
        network = _create(name, label, **_weights_of(name))
    use_threads(threads)
    configure: Any = timm.data.config.resolve_data_config  # timm gives it no types
    config: dict[str, Any] = configure(model=network)
    network.eval().requires_grad_(False).reset_classifier(0)
    return Tower(
        name=label,
        weights=network,
        see=network,
        prepare=create_transform(**config),
        recipe=f"{timm.__name__} {sorted(config.items())}",
        mean=config["mean"],
    )


def _create(name: str, label: str, **more: Any) -> Any:
    import timm

    with loading(label):
        return timm.create_model(name, pretrained=True, **more)


def _fetch(repository: str) -> Path:
    """The folder of a Hub repository's config and weights on this machine."""
    config = hub.find_first(repository, ["config.json"])
    hub.find_first(repository, _WEIGHTS)
    return config.parent


def _folder(folder: Path) -> Path:
    if not (folder / "config.json").is_file():
        raise ModelError(f"timm:local-dir:{folder}: expected a folder with config.json and weights; check the path")
    return folder


def _weights_of(name: str) -> dict[str, Any]:
    """What tells timm where the weights of one of its own networks are; ModelError when there are none."""
    import timm

    if not timm.is_model(name):
        raise ModelError(f"timm:{name}: timm has no network of that name; {nearest(name, timm.list_models())}")
    known = timm.list_pretrained(f"{name.partition('.')[0]}.*")
    if not known or ("." in name and name not in known):
        raise ModelError(f"timm:{name}: timm has no weights of that name; {nearest(name, known)}")
    config: Any = timm.get_pretrained_cfg(name)
    if not config.hf_hub_id:
        return {}  # an address of its own, which timm fetches itself
    files = [config.hf_hub_filename] if config.hf_hub_filename else _WEIGHTS
    return {"pretrained_cfg_overlay": {"file": str(hub.find_first(config.hf_hub_id, files))}}
