"""The JSON documents of the API, as its description (OpenAPI) shows them: looks, the service's state, problems."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Document(BaseModel):
    """What every document is: these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Names(Document):
    """A name in each language."""

    en: str = Field(examples=["Shirt"])
    ko: str = Field(examples=["셔츠"])


class LabelDocument(Document):
    """One value of a small vocabulary; when not sure, take it as a guess."""

    id: str = Field(examples=["stripe"])
    score: float = Field(ge=0, le=1, examples=[0.88], description="Calibrated probability that the answer is right.")
    sure: bool = Field(description="Whether answers of this score were right 95 times of 100; otherwise a guess.")
    runner_up: str | None = Field(default=None, examples=["check"], description="The next best answer.")


class CategoryDocument(LabelDocument):
    """What a garment is; ``scores`` (id to probability) only when asked for."""

    name: Names
    scores: dict[str, float] | None = None


class StyleDocument(LabelDocument):
    """The style of the whole outfit."""

    id: str = Field(examples=["casual"])
    runner_up: str | None = Field(default=None, examples=["minimal"], description="The style behind it.")
    group: LabelDocument | None = Field(
        default=None,
        examples=[{"id": "everyday", "score": 0.81, "sure": True, "runner_up": "romantic"}],
        description="The likeliest group of styles that people blur; it may be sure where no single style is.",
    )


class ShadeDocument(Document):
    """A colour of a garment and its share of it."""

    id: str = Field(examples=["navy"])
    hex: str = Field(examples=["#1f2a44"])
    share: float = Field(ge=0, le=1, examples=[0.71])


COMPONENTS: Any = Field(
    description=(
        "Question to answer, for the questions that make sense for such a garment: pattern, collar, neckline, sleeve; "
        "of jeans fit, denim_colour, wash, damage; and questions that were taught. Answers as in the taxonomy."
    ),
    examples=[
        {
            "pattern": {"id": "stripe", "score": 0.88, "sure": True, "runner_up": "check"},
            "collar": {"id": "regular", "score": 0.64, "sure": False, "runner_up": "band"},
        }
    ],
)


class GarmentDocument(Document):
    """One garment. box: left, top, right, bottom in pixels of the upright photo. area: its share of the photo."""

    region: str = Field(examples=["upper"])
    category: CategoryDocument
    deepfashion2: int | None = Field(examples=[1])
    box: list[float] = Field(min_length=4, max_length=4, examples=[[101.0, 160.5, 320.0, 430.0]])
    score: float = Field(ge=0, le=1, examples=[0.97])
    area: float = Field(ge=0, le=1, examples=[0.21])
    person: int = Field(examples=[0])
    components: dict[str, LabelDocument] = COMPONENTS
    colours: list[ShadeDocument]
    vector: list[float] | None = None


class PhotoDocument(Document):
    """The photo that was read."""

    width: int = Field(examples=[550])
    height: int = Field(examples=[830])
    sha256: str = Field(examples=["9f2b54c3a1"])


class LookDocument(Document):
    """Everything read from one photo."""

    schema_: str = Field(alias="schema", examples=["meot.look/1"])
    photo: PhotoDocument
    worn: bool = Field(examples=[True])
    garments: list[GarmentDocument]
    style: StyleDocument | None = Field(description="Null when no clothes were found or no model reads styles.")
    models: dict[str, str] = Field(examples=[{"parser": "parser.1", "garment": "garment.1"}])


class HealthDocument(Document):
    """The state of the service. generation: grows with every change of the catalogue."""

    status: str = Field(examples=["ok"])
    version: str = Field(examples=["0.1.0"])
    generation: int = Field(examples=[12])
    counts: dict[str, int] = Field(examples=[{"products": 120, "photos": 120, "garments": 131}])
    models: dict[str, str] = Field(examples=[{"parser": "parser.1", "garment": "garment.1"}])


class RefusedDocument(Document):
    """A photo that was not taken, and why: the type of a problem, and the same in words."""

    name: str = Field(examples=["notes.txt"])
    type: str = Field(examples=["urn:meot:problem:not_a_photo"])
    reason: str = Field(examples=["notes.txt: expected a photo, got something else; check the file"])


class ProblemDocument(Document):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["urn:meot:problem:not_a_photo"])
    title: str = Field(examples=["That file is not a photo that can be read here."])
    status: int = Field(examples=[415])
    detail: str = Field(examples=["look.jpg: expected a photo, got something else; check the file"])
