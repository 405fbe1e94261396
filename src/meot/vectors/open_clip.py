"""Encoders of OpenCLIP: photos and words in one space, by name, from the Hub, or from a folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.errors import ModelError, SettingsError, nearest
from meot.vectors import hub
from meot.vectors.tower import Tower, loading, unit, use_threads

_CONFIG = "open_clip_config.json"
_WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin")
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "config.json")
_VOCABULARY = ("vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model")
_TEXTS_AT_ONCE = 64


class _Source(NamedTuple):
    """Where a model is. model: OpenCLIP's name for it. config: its architecture. options: what else to make it with."""

    label: str
    model: str
    config: dict[str, Any]
    options: dict[str, Any]


class ClipEncoder(Tower):
    """A model ready to run; see :class:`meot.vectors.own.WordEncoder`."""

    def __init__(self, *, network: Any, source: _Source) -> None:
        from open_clip.transform import PreprocessCfg, image_transform_v2

        preparation = PreprocessCfg(**network.visual.preprocess_cfg)
        super().__init__(
            name=source.label,
            weights=network.visual,
            see=network.encode_image,
            prepare=image_transform_v2(preparation, is_train=False),
            recipe=f"open_clip {preparation}",
            mean=preparation.mean,
        )
        self._network, self._source = network, source
        self.scale = float(network.logit_scale.exp())

    def words(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(T, D) float32 unit vectors of T texts; what is longer than the model reads is cut off."""
        import torch

        blocks = [list(texts[i : i + _TEXTS_AT_ONCE]) for i in range(0, len(texts), _TEXTS_AT_ONCE)]
        with torch.inference_mode():
            found = [unit(self._network.encode_text(self._tokenize(block))) for block in blocks]
        return np.concatenate(found) if found else np.zeros((0, self.size), np.float32)

    @cached_property
    def _tokenize(self) -> Any:
        """Texts -> (T, L) tokens; only who asks with words needs its files."""
        with loading(f"{self._source.label}, its tokenizer"):
            return _tokenizer(self._source)


def load(name: str, *, threads: int) -> ClipEncoder:
    """The model ``name``, as written behind ``open_clip:``; see :func:`meot.vectors.own.load`."""
    with loading(f"open_clip:{name}"):
        import open_clip
    source = _find(name)
    use_threads(threads)
    with loading(source.label), _quiet():
        network = open_clip.create_model(source.model, require_pretrained=True, **source.options)
    return ClipEncoder(network=network.eval().requires_grad_(False), source=source)


def _find(name: str) -> _Source:
    place, _, rest = name.partition(":")
    if place == "local-dir":
        folder = Path(rest).resolve()
        return _Source(f"open_clip:local-dir:{folder.name}", f"local-dir:{folder}", _read_config(folder), {})
    if place == "hf-hub":
        folder = hub.find_first(rest, [_CONFIG]).parent
        hub.find_first(rest, _WEIGHTS)
        return _Source(f"open_clip:{name}", f"local-dir:{folder}", _read_config(folder), {})
    return _find_known(name)


def _find_known(name: str) -> _Source:
    """A model that OpenCLIP knows by name, MODEL/PRETRAINED; PRETRAINED may be left out where there is only one."""
    import open_clip
    from open_clip.pretrained import get_pretrained_cfg

    model, _, pretrained = name.partition("/")
    config = open_clip.get_model_config(model)
    if config is None:
        raise ModelError(f"open_clip:{name}: no model is called {model}; {nearest(model, open_clip.list_models())}")
    tags = open_clip.list_pretrained_tags_by_model(model)
    if not pretrained and len(tags) != 1:
        raise SettingsError(
            f"open_clip:{name}: expected the name of weights behind {model}/, got none; "
            f"{'known are ' + ', '.join(tags) if tags else 'none are known, so give a file'}"
        )
    pretrained = pretrained or tags[0]
    if Path(pretrained).is_file():
        return _Source(f"open_clip:{model}/{Path(pretrained).name}", model, config, {"pretrained": pretrained})
    known = pretrained.lower().replace("-", "_")
    if known not in tags:
        raise ModelError(f"open_clip:{name}: neither a file nor weights of {model}; {nearest(known, tags)}")
    return _Source(f"open_clip:{model}/{known}", model, config, _options(get_pretrained_cfg(model, known)))


def _options(tag: dict[str, Any]) -> dict[str, Any]:
    """The file of known weights, and how they want photos prepared and activations computed."""
    repository, _, file = tag["hf_hub"].rpartition("/")
    weights = hub.find_first(repository, (f"{file.rpartition('.')[0]}.safetensors", file) if file else _WEIGHTS)
    preparation = {key: tag[key] for key in ("mean", "std", "interpolation", "resize_mode") if key in tag}
    return {
        "pretrained": str(weights),
        "force_preprocess_cfg": preparation,
        "force_quick_gelu": bool(tag.get("quick_gelu")),
    }


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((folder / _CONFIG).read_text("utf-8"))["model_cfg"]
    except (OSError, ValueError, KeyError):
        raise ModelError(f"{folder}: expected {_CONFIG} with a model_cfg in it, got none; check the folder") from None
    return config


def _tokenizer(source: _Source) -> Any:
    from open_clip.tokenizer import HFTokenizer, SimpleTokenizer

    text = source.config["text_cfg"]
    length, options = text.get("context_length", 77), text.get("tokenizer_kwargs", {})
    if not text.get("hf_tokenizer_name"):
        return SimpleTokenizer(context_length=length, **options)
    folder = _tokenizer_folder(source, text["hf_tokenizer_name"])
    return HFTokenizer(str(folder), context_length=length, tokenizer_mode=text.get("tokenizer_mode"), **options)


def _tokenizer_folder(source: _Source, repository: str) -> Path:
    """The model's own folder where the tokenizer lies in it, else that of the repository which its config names."""
    own = Path(source.model.removeprefix("local-dir:"))
    if any((own / file).is_file() for file in _TOKENIZER[:2]):
        return own
    found = [path for file in (*_TOKENIZER, *_VOCABULARY) if (path := hub.find(repository, file)) is not None]
    if not found:
        raise ModelError(f"hf-hub:{repository}: expected a tokenizer in it, got none; name another model")
    return found[0].parent


@contextmanager
def _quiet() -> Iterator[None]:
    """OpenCLIP speaks through the root logger, which would get a handler for good and print every library's words."""
    root, silence = logging.getLogger(), logging.NullHandler()
    root.addHandler(silence)
    try:
        yield
    finally:
        root.removeHandler(silence)
