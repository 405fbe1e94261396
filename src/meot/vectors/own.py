"""A user's own encoder, named ``open_clip:...`` or ``timm:...``, whose vectors stand in for the bundled ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from meot.errors import SettingsError
from meot.models.pixels import crop_box
from meot.types import Box, Garment, Label, Look, Photo

PREFIXES = ("open_clip:", "timm:")


class Encoder(Protocol):
    """Something that turns crops into vectors."""

    @property
    def label(self) -> str:
        """Its name and a fingerprint of its weights and preparation; vectors of two labels are never compared."""

    @property
    def size(self) -> int:
        """D, the numbers in a vector."""

    def encode(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """(N, D) unit vectors of N crops, each (h, w, 3) uint8 RGB of any size; prepared as its weights want them."""


class WordEncoder(Encoder, Protocol):
    """An encoder that puts texts into the same space."""

    @property
    def scale(self) -> float:
        """What its cosines are multiplied by before a softmax, as it was trained."""

    def words(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(T, D) float32 unit vectors of T texts."""


class Asks(Protocol):
    """What is asked of the pictures with words, see :class:`meot.labels.zero_shot.ZeroShot`."""

    @property
    def label(self) -> str:
        """Changes with every question, answer and prompt."""

    @property
    def asks_style(self) -> bool:
        """Whether the whole outfit is asked about."""

    def style(self, outfit: NDArray[np.float32]) -> Label | None:
        """The style of an outfit's (D,) vector."""

    def components(self, garment: NDArray[np.float32], *, category: str, region: str) -> dict[str, Label]:
        """Question -> answer for a garment's (D,) vector."""


class OwnVectors:
    """Sees the garments of a look anew: their vectors become the encoder's, and what is asked is answered from them."""

    def __init__(self, *, encoder: Encoder, asks: Asks | None = None) -> None:
        self._encoder, self._asks = encoder, asks

    @property
    def models(self) -> dict[str, str]:
        """Part -> name of what does it."""
        asked = {} if self._asks is None else {"zero_shot": self._asks.label}
        return {"vectors": self._encoder.label} | asked

    def apply(self, look: Look) -> Look:
        """The look with the encoder's vectors and with answers to what is asked; itself when it shows no clothes."""
        if not look.garments:
            return look
        style = self._asks is not None and self._asks.asks_style
        boxes = [garment.box for garment in look.garments] + ([outfit_box(look)] if style else [])
        vectors = self._encoder.encode([cut(look.photo, box) for box in boxes])
        garments = tuple(self._seen(g, vector) for g, vector in zip(look.garments, vectors, strict=False))
        seen = replace(look, garments=garments)
        if self._asks is None or not style:
            return seen
        return replace(seen, style=self._asks.style(vectors[-1]), style_group=None)

    def _seen(self, garment: Garment, vector: NDArray[np.float32]) -> Garment:
        if self._asks is None:
            return replace(garment, vector=vector)
        told = self._asks.components(vector, category=garment.category.id, region=garment.region)
        return replace(garment, vector=vector, components={**garment.components, **told})


def load(name: str, *, threads: int = 0) -> Encoder:
    """The encoder of that name; it is downloaded when this machine does not have it yet, and never asked for again.

    threads: 0 for one a core, at most 4. SettingsError when the name cannot be one; ModelError when the packages are
    missing, when it cannot be found or reached, or when its files are damaged or no encoder.
    """
    check(name)
    kind, _, rest = name.partition(":")
    if kind == "timm":
        from meot.vectors import timm

        return timm.load(rest, threads=threads)
    from meot.vectors import open_clip

    return open_clip.load(rest, threads=threads)


def check(name: str) -> None:
    """SettingsError when ``name`` cannot be an encoder's."""
    if not any(name.startswith(prefix) and len(name) > len(prefix) for prefix in PREFIXES):
        raise SettingsError(
            f"encoder must be open_clip:MODEL/PRETRAINED, open_clip:hf-hub:ORG/NAME, open_clip:local-dir:FOLDER, "
            f"timm:MODEL, timm:hf-hub:ORG/NAME or timm:local-dir:FOLDER, got {name!r}; "
            "change --encoder, MEOT_ENCODER or meot.toml"
        )


def with_words(encoder: Encoder) -> WordEncoder:
    """The encoder itself when it reads words too. SettingsError when it does not."""
    if not (hasattr(encoder, "words") and hasattr(encoder, "scale")):
        raise SettingsError(f"{encoder.label} sees photos but reads no words; ask with an open_clip: encoder")
    return encoder  # type: ignore[return-value]  # it has both, as just looked up


def outfit_box(look: Look) -> Box:
    """The box around everything that the main person wears, in pixels of the look's photo."""
    edges = np.array([garment.box for garment in look.garments if garment.person == look.garments[0].person])
    return Box(*edges[:, :2].min(0).tolist(), *edges[:, 2:].max(0).tolist())


def cut(photo: Photo, box: Box) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 crop of a garment with a margin, square as far as the photo goes."""
    x0, y0, x1, y1 = crop_box(box, photo.height, photo.width, slimmest=1.0)
    return photo.pixels[y0:y1, x0:x1]
