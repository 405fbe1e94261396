"""What a vocabulary has: regions, categories, components and their values, styles, colours."""

from __future__ import annotations

from dataclasses import dataclass

Names = dict[str, str]
"""Language ("en", "ko") to name."""


@dataclass(frozen=True, slots=True)
class Region:
    """A place on the body or in the photo; ``value`` is its pixel value in a region map (0..255)."""

    id: str
    value: int
    garment: bool
    names: Names
    ccp9: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """What a garment is. ``sources`` maps a vocabulary to this category's labels there."""

    id: str
    region: str
    family: str
    names: Names
    clothing: tuple[str, ...]
    ccp: tuple[str, ...]
    deepfashion2: tuple[int, ...]
    shopify: str
    google: int


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a component.

    alone: its name where the question does not stand beside it. silent: it says nothing that anybody would want told.
    implied_by: categories that say it already.
    """

    id: str
    names: Names
    alone: Names
    silent: bool
    implied_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Styles that people blur."""

    id: str
    names: Names


@dataclass(frozen=True, slots=True)
class Style:
    """A style of a whole outfit. learned: whether photos to learn it from stand behind the shipped models."""

    id: str
    names: Names
    group: str
    learned: bool


@dataclass(frozen=True, slots=True)
class StyleClass:
    """A class of the style search paper. ``answers`` maps a question to the answers that make a look one of it.

    unread: questions of ``answers`` that the shipped models do not answer so; they have to be taught.
    """

    id: str
    part: str
    names: Names
    answers: dict[str, tuple[str, ...]]
    unread: tuple[str, ...]

    @property
    def learned(self) -> bool:
        """Whether the shipped models can tell a look of this class."""
        return not self.unread


@dataclass(frozen=True, slots=True)
class Component:
    """A detail of a garment with its own small vocabulary."""

    id: str
    names: Names
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour name with its sRGB anchors (each 0..255; the first is its swatch) and the other words people use for it.

    mixed: no pixel is called so, only a garment of many colours.
    """

    id: str
    names: Names
    also: tuple[str, ...]
    shopify: int
    anchors: tuple[tuple[int, int, int], ...]
    mixed: bool = False
