"""What reads photos, and what has a say in it: the models, a user's own encoder, what people taught."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from meot.types.look import Look, Photo


class Reader(Protocol):
    """Reads looks from photos; holds its models, so one object serves many photos."""

    @property
    def models(self) -> Mapping[str, str]:
        """Part -> name and version of the model that does it; a change of these makes stored readings stale."""

    def read(self, photo: Photo) -> Look:
        """The look of one photo."""

    def read_many(self, photos: Iterable[Photo]) -> Iterator[Look]:
        """Looks in the order of the photos."""


class Taught(Protocol):
    """What people taught: new classes and corrections, put over what the models said."""

    @property
    def revision(self) -> str:
        """Changes with everything that is taught or undone; readings made with another are stale."""

    def apply(self, look: Look) -> Look:
        """The look with taught answers where they apply."""


class Own(Protocol):
    """A user's own encoder over what the bundled models read."""

    @property
    def models(self) -> Mapping[str, str]:
        """Part -> name of what does it; readings made with another are stale."""

    def apply(self, look: Look) -> Look:
        """The look with the encoder's vectors, and with answers to what it is asked."""
