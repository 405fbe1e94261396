"""What the service answers of closets, for type checkers."""

from __future__ import annotations

from typing import Literal, TypedDict

from meot.client.answers import Label, Names

Verdict = Literal["own", "close", "missing"]


class Kind(TypedDict):
    """What a garment is; when not sure, take it as a guess."""

    id: str
    name: Names
    sure: bool


class OwnedGarment(TypedDict):
    """A garment that one owns. owned: its number; photo: that of the photo it is on. colours: the largest first."""

    owned: int
    photo: int
    region: str
    category: Kind
    colours: list[str]
    components: dict[str, Label]
    picture: str


class OwnedPhoto(TypedDict):
    """A photo of what one owns. added_at: seconds since 1970."""

    photo: int
    worn: bool
    added_at: float
    picture: str
    garments: list[OwnedGarment]


class Refused(TypedDict):
    """A photo that was not taken, and why. type: of a problem."""

    name: str
    type: str
    reason: str


class Adding(TypedDict):
    """Photos that are being read. job: its number, see :meth:`meot.client.Client.wait`."""

    job: int
    taken: int
    refused: list[Refused]


class Reason(TypedDict):
    """What two garments share or differ in. about: "category", "colour" or a question."""

    about: str
    wanted: str
    owned: str
    same: bool
    sure: bool
    text: str


class Candidate(TypedDict):
    """An owned garment that comes near. similarity: calibrated, 0..1."""

    owned: int
    photo: int
    similarity: float
    cosine: float
    reasons: list[Reason]


class Part(TypedDict):
    """A garment of a look. box: left, top, right, bottom in pixels of the upright photo."""

    garment: int
    region: str
    category: Kind
    colours: list[str]
    box: list[float]
    verdict: Verdict
    similarity: float
    nearest: list[Candidate]


class Suggestion(TypedDict):
    """A product that fits."""

    number: int
    similarity: float
    title: str
    price: float | None
    currency: str
    link: str
    reasons: list[Reason]


class Wish(TypedDict):
    """What the shop has for a missing garment. chosen: what fits the budget best; None without one."""

    garment: int
    chosen: int | None
    products: list[Suggestion]


class Shopping(TypedDict):
    """What to buy. total: of the chosen products; None without a budget."""

    budget: float | None
    currency: str
    total: float | None
    wishes: list[Wish]


class Comparison(TypedDict):
    """A look beside a closet. overall: the plain mean over its garments."""

    schema: str
    photo: str
    person: int
    people: int
    owned: int
    overall: float
    garments: list[Part]
    calibrated: bool
    stale: int
    shopping: Shopping


class NotAlike(TypedDict):
    """That an owned garment is not like one of a look."""

    note: int
    owned: int


class Said(NotAlike):
    """Such a word as it is kept. photo: sha256 of the look's."""

    photo: str
    region: str


class Alike(TypedDict):
    """Garments of which one would do."""

    similarity: float
    garments: list[OwnedGarment]


class Duplicates(TypedDict):
    """Groups, the most alike first. whole: whether all garments were compared, or only the newest."""

    duplicates: list[Alike]
    whole: bool


class LookPart(TypedDict):
    """A garment of one of the shop's looks. owned: the nearest owned one."""

    garment: int
    category: Kind
    verdict: Verdict
    owned: int | None


class Standing(TypedDict):
    """A look of the shop's. covered, of: garments owned or close, and all."""

    look: str
    name: str
    picture: str
    overall: float
    covered: int
    of: int
    garments: list[LookPart]


class Purchase(TypedDict):
    """A garment of a look that would complete others, too: those of ``unlocks``."""

    look: str
    garment: int
    category: Kind
    colours: list[str]
    unlocks: list[str]
    products: list[Suggestion]


class Looks(TypedDict):
    """The shop's looks, those of which least is missing first."""

    looks: list[Standing]
    purchases: list[Purchase]
    count: int
    whole: bool
