"""Photo -> Look: the one place where garments, labels and vectors meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from meot.garments.detect import Found, single_garment, worn_garments
from meot.garments.parse import Parse, Parser
from meot.labels import category
from meot.labels.colour import Colours
from meot.labels.component import Components
from meot.models.raster import resize_ids
from meot.taxonomy import Taxonomy
from meot.types import Box, Garment, Label, Look, Photo
from meot.vectors.garment import Encoding, GarmentEncoder, Piece, flat_views


class LookReader:
    """Reads looks with the parser and the garment model; both are loaded once and serve every photo."""

    def __init__(
        self, *, parser: Parser, encoder: GarmentEncoder, taxonomy: Taxonomy, components: tuple[Components, ...] = ()
    ) -> None:
        self._parser, self._encoder, self._taxonomy, self._components = parser, encoder, taxonomy, components
        self._colours = Colours(taxonomy=taxonomy)

    @property
    def models(self) -> Mapping[str, str]:
        """Part -> name and version of the model that does it."""
        own = {"parser": self._parser.card.label, "garment": self._encoder.card.label}
        return own | {part.card.task: part.card.label for part in self._components}

    def read_many(self, photos: Iterable[Photo]) -> Iterator[Look]:
        """Looks in the order of the photos."""
        return map(self.read, photos)

    def read(self, photo: Photo) -> Look:
        """The look of one photo: its garments from the most to the least prominent, none when it shows no clothes."""
        parse = self._parser.parse(photo)
        worn = parse.worn >= 0.5
        garments = self._detailed(photo, self._worn(photo, parse) if worn else self._flat(photo, parse))
        return Look(
            photo=photo,
            garments=tuple(garments),
            regions=self._map(photo, parse, garments, worn),
            worn=worn,
            models=self.models,
        )

    def _detailed(self, photo: Photo, garments: list[Garment]) -> list[Garment]:
        """The garments with what the components models say of them."""
        told: list[dict[str, Label]] = [{} for _ in garments]
        for part in self._components:
            for own, more in zip(
                told, part.read(photo, [(g.box, g.category.id, g.region) for g in garments]), strict=True
            ):
                own.update(more)
        return [self._with(garment, components) for garment, components in zip(garments, told, strict=True)]

    def _with(self, garment: Garment, components: dict[str, Label]) -> Garment:
        if not components:
            return garment
        sleeve = components.get("sleeve")
        known = sleeve.id if sleeve is not None and sleeve.sure else None
        number = category.deepfashion2(garment.category.id, known, self._taxonomy)
        return replace(garment, components=components, deepfashion2=number)

    def _map(self, photo: Photo, parse: Parse, garments: list[Garment], worn: bool) -> NDArray[np.uint8]:
        """The region map at the photo's size; a flat lay's single garment gives its region to the whole foreground."""
        regions = parse.regions
        if not worn and garments:
            value = self._taxonomy.region(garments[0].region).value
            regions = np.where(regions > 0, np.uint8(value), np.uint8(0))
        return resize_ids(np.asarray(regions, np.uint8), photo.height, photo.width)

    def _worn(self, photo: Photo, parse: Parse) -> list[Garment]:
        found = worn_garments(parse, self._taxonomy)
        if not found:
            return []
        pieces = [Piece(_scale(f.box, parse, photo), f.mask) for f in found]
        encoding = self._encoder.encode(photo, pieces, worn=True)
        temperature = self._encoder.card.settings["worn_temperature"]
        garments = []
        for i, (each, piece) in enumerate(zip(found, pieces, strict=True)):
            p = category.within(category.probabilities(encoding.logits[i], temperature), (each.region,), self._taxonomy)
            garments.append(self._garment(photo, each, piece, p, encoding, i, "worn_sure"))
        return sorted(garments, key=lambda g: (g.person, -g.area * g.score))

    def _flat(self, photo: Photo, parse: Parse) -> list[Garment]:
        mask, box, score = single_garment(parse)
        piece = Piece(_scale(box, parse, photo), mask)
        encoding = self._encoder.encode(photo, flat_views(photo, piece), worn=False)
        settings = self._encoder.card.settings
        share = settings["parser_share"]
        p = (1 - share) * category.probabilities(encoding.logits.mean(0), settings["flat_temperature"])
        p += share * category.probabilities(parse.category, settings["parser_temperature"])
        if score < settings["flat_floor"] or p.max() < settings["category_floor"]:
            return []
        region = self._taxonomy.category(category.label(p, self._taxonomy, sure_from=1.0).id).region
        found = Found(region, mask, box, score, 0)
        return [self._garment(photo, found, piece, p, encoding, 0, "flat_sure")]

    def _garment(
        self, photo: Photo, found: Found, piece: Piece, p: NDArray[np.float64], encoding: Encoding, i: int, sure: str
    ) -> Garment:
        what = category.label(p, self._taxonomy, sure_from=self._encoder.card.settings[sure])
        height, width = found.mask.shape
        x0, y0, x1, y1 = (round(edge) for edge in found.box)
        own = photo.pixels[
            int(y0 * photo.height / height) : int(np.ceil(y1 * photo.height / height)),
            int(x0 * photo.width / width) : int(np.ceil(x1 * photo.width / width)),
        ]
        mask = resize_ids(found.mask[y0:y1, x0:x1].astype(np.uint8), *own.shape[:2]) > 0
        return Garment(
            region=found.region,
            category=what,
            box=piece.box,
            score=min(1.0, found.score),
            area=float(found.mask.mean()),
            person=found.person,
            colours=self._colours.read(own, mask),
            vector=encoding.vectors[i],
            deepfashion2=category.deepfashion2(what.id, None, self._taxonomy),
        )


def _scale(box: Box, parse: Parse, photo: Photo) -> Box:
    """A box in the parser's pixels, in the photo's."""
    height, width = parse.regions.shape
    across, down = photo.width / width, photo.height / height
    return Box(box.x0 * across, box.y0 * down, box.x1 * across, box.y1 * down)
