"""Tiny encoders with random weights, as folders and as repositories of a small Hub on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TEXT = {"context_length": 16, "vocab_size": 49408, "width": 8, "heads": 2, "layers": 1}
VISION = {"image_size": 32, "layers": 1, "width": 8, "head_width": 4, "patch_size": 16}


def make_open_clip(folder: Path, *, seed: int = 0, size: int = 6, **more: Any) -> Path:
    """A folder as OpenCLIP writes them: a network of one layer and vectors of ``size``; ``more`` is of its config."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    config = {"embed_dim": size, "vision_cfg": VISION, "text_cfg": TEXT} | more
    prepare = {"mean": [0.5, 0.25, 0.0], "std": [0.5, 0.5, 1.0], "interpolation": "bilinear", "resize_mode": "squash"}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": prepare}))
    (folder / "open_clip_model.safetensors").unlink(missing_ok=True)
    torch.manual_seed(seed)
    network = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    for weight in network.parameters():
        if weight.ndim > 1:  # as they start, photos and words would hardly differ
            torch.nn.init.normal_(weight, std=weight.shape[-1] ** -0.5)
    weights = {name: weight.contiguous() for name, weight in network.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return folder


def make_siglip(folder: Path, *, tokenizer: str) -> Path:
    """The same with an image tower of timm's, a text tower without a mask, and the tokenizer of another repository."""
    vision = {"image_size": 160, "timm_model_name": "test_vit", "timm_pool": "map", "timm_proj": "none"}
    text = {**TEXT, "width": 64, "hf_tokenizer_name": tokenizer, "tokenizer_kwargs": {"clean": "canonicalize"}}
    text |= {"no_causal_mask": True, "proj_bias": True, "pool_type": "last", "norm_kwargs": {"eps": 1e-6}}
    return make_open_clip(folder, size=64, custom_text=True, init_logit_bias=-10, vision_cfg=vision, text_cfg=text)


def make_timm(folder: Path, *, seed: int = 0, architecture: str = "test_vit", classes: int = 3) -> Path:
    """A folder as timm writes them, of one of its networks made for tests."""
    import timm
    import torch
    from timm.models import save_for_hf

    torch.manual_seed(seed)
    save_for_hf(timm.create_model(architecture, num_classes=classes), str(folder), safe_serialization=True)
    return folder


def make_tokenizer(folder: Path) -> Path:
    """A repository with a tokenizer of a few words, as Hugging Face's libraries read them."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "a", "red", "blue", "dress"]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "tokenizer_class": "PreTrainedTokenizerFast"}
    (folder / "tokenizer_config.json").write_text(json.dumps(names))
    return folder


Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


@contextmanager
def serve_hub(folder: Path, *, send: Answer | None = None) -> Iterator[str]:
    """The address of a Hub whose repositories are ORG/NAME below ``folder``; ``send`` writes bodies its own way."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            repository, _, file = self.path.lstrip("/").partition("/resolve/main/")
            if not (folder / repository).is_dir():
                return self._refuse("RepoNotFound")
            if not (folder / repository / file).is_file():
                return self._refuse("EntryNotFound")
            data = (folder / repository / file).read_bytes()
            if body and send is not None:
                return send(self, data)
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", f'"{sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if body:
                self.wfile.write(data)

        def _refuse(self, code: str) -> None:
            self.send_response(404)
            self.send_header("X-Error-Code", code)
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
