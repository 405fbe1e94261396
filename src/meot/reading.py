"""Photo -> Look: the one place where garments, labels and vectors meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from meot.garments.detect import Found, single_garment, worn_garments
from meot.garments.parse import Parse, Parser
from meot.garments.scope import Judge, doubt
from meot.labels import category, style
from meot.labels.colour import Colours, cast
from meot.labels.colour_custom import as_called
from meot.labels.component import WORN_SIDE, Components, see, seen_whole
from meot.labels.style import Styles
from meot.models.pixels import view_box
from meot.models.raster import resize_ids
from meot.taxonomy import Taxonomy
from meot.types import Box, Garment, Label, Look, Own, Photo, Shade, Taught
from meot.vectors.garment import Encoding, GarmentEncoder, Piece, flat_views
from meot.vectors.sight import Sight


class LookReader:
    """Reads looks with the parser and the garment model; both are loaded once and serve every photo."""

    def __init__(
        self,
        *,
        parser: Parser,
        encoder: GarmentEncoder,
        taxonomy: Taxonomy,
        components: tuple[Components, ...] = (),
        scope: Judge | None = None,
        styles: Styles | None = None,
        own: Own | None = None,
        taught: Taught | None = None,
    ) -> None:
        self._parser, self._encoder, self._taxonomy, self._components = parser, encoder, taxonomy, components
        self._styles, self._own, self._taught = styles, own, taught
        self._scope = scope
        self._colours = Colours(taxonomy=taxonomy)

    @property
    def models(self) -> Mapping[str, str]:
        """Part -> name and version of the model that does it."""
        own = {"parser": self._parser.card.label, "garment": self._encoder.card.label}
        own |= {part.card.task: part.card.label for part in self._components}
        own |= {} if self._scope is None else {"scope": self._scope.name}
        own |= {} if self._styles is None else {"style": self._styles.card.label}
        own |= {} if self._own is None else self._own.models
        return own | ({"taught": self._taught.revision} if self._taught is not None and self._taught.revision else {})

    def read_many(self, photos: Iterable[Photo]) -> Iterator[Look]:
        """Looks in the order of the photos."""
        return map(self.read, photos)

    def read(self, photo: Photo) -> Look:
        """The look of one photo: its garments from the most to the least prominent, none when it shows no clothes."""
        parse = self._parser.parse(photo)
        worn = parse.worn >= 0.5
        sight = Sight(photo=photo, encoder=self._encoder, worn=worn)
        found = self._worn(photo, parse, sight) if worn else self._flat(photo, parse)
        trust = "sure" if self._scope is None or not found else self._scope.judge(parse, found, worn=worn)
        if trust == "none":  # what the parser took for clothes is not there
            found, parse = [], parse._replace(regions=np.zeros_like(parse.regions))
        garments = self._detailed(photo, found, sight, worn)
        look = Look(
            photo=photo,
            garments=tuple(garments),
            regions=self._map(photo, parse, garments, worn),
            worn=worn,
            models=self.models,
        )
        look = self._styled(look, sight)
        look = doubt(look) if trust == "doubtful" else look
        look = look if self._own is None else self._own.apply(look)
        return look if self._taught is None else self._taught.apply(look)

    def _detailed(self, photo: Photo, garments: list[Garment], sight: Sight, worn: bool) -> list[Garment]:
        """The garments with what the components models say of them."""
        told: list[dict[str, Label]] = [{} for _ in garments]
        views = [[view for part in self._components for view in part.views(garment)] for garment in garments]
        known = see(
            photo,
            [garment.box for garment in garments],
            views,
            [seen_whole(garment) for garment in garments],
            features=sight.features,
            worn=worn,
        )
        for part in self._components:
            for own, more in zip(told, part.read(photo, garments, worn=worn, known=known), strict=True):
                own.update(more)
        return [self._with(garment, components) for garment, components in zip(garments, told, strict=True)]

    def _styled(self, look: Look, sight: Sight) -> Look:
        """The look with its outfit's descriptor and style; a garment that nobody wears is no outfit."""
        worn = style.outfit(look.garments) if look.worn else ()
        if not worn:
            return look
        seen = sight.features(look.photo, style.halves(worn), worn=True, side=style.SIDE)
        features = style.describe(worn, seen, (look.photo.height, look.photo.width), self._taxonomy)
        if self._styles is None:
            return replace(look, features=features)
        named = self._styles.name(features)
        return replace(look, features=features, style=named.style, style_group=named.group)

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

    def _worn(self, photo: Photo, parse: Parse, sight: Sight) -> list[Garment]:
        found = worn_garments(parse, self._taxonomy)
        if not found:
            return []
        placed = [f._replace(box=_scale(f.box, parse, photo)) for f in found]
        seen = self._encoder.begin(photo, [Piece(f.box, f.mask) for f in placed], worn=True)
        self._look_ahead(placed, sight)
        colours = self._shades(photo, parse, found)  # while others look at the garments
        encoding, garments = seen(), []
        temperature = self._encoder.card.settings["worn_temperature"]
        for i, (each, shades) in enumerate(zip(placed, colours, strict=True)):
            p = category.within(category.probabilities(encoding.logits[i], temperature), (each.region,), self._taxonomy)
            garments.append(self._garment(each, encoding, i, self._category(p, "worn_sure"), shades))
        return sorted(garments, key=lambda g: (g.person, -g.area * g.score))

    def _look_ahead(self, found: list[Found], sight: Sight) -> None:
        """Start to look at what will be asked of worn garments, boxes in photo pixels, whatever they are."""
        views = [(f.box, view) for f in found for part in self._components for view in part.views_of(f.region)]
        parts = [Box(*view_box(box, view)) for box, view in views if view != "garment"]
        sight.look_ahead(parts, side=WORN_SIDE)
        worn = style.outfit(found)
        sight.look_ahead(style.halves(worn) if worn else (), side=style.SIDE)

    def _flat(self, photo: Photo, parse: Parse) -> list[Garment]:
        mask, box, score = single_garment(parse)
        piece = Piece(_scale(box, parse, photo), mask)
        encoding = self._encoder.encode(photo, flat_views(photo, piece), worn=False)
        settings = self._encoder.card.settings
        share = settings["parser_share"]
        p = (1 - share) * category.probabilities(encoding.logits.mean(0), settings["flat_temperature"])
        p += share * category.probabilities(parse.category, settings["parser_temperature"])
        p = category.tempered(p, settings.get("mixed_temperature", 1.0))
        if score < settings["flat_floor"] or p.max() < settings["category_floor"]:
            return []
        what = self._category(p, "flat_sure")
        found = Found(self._taxonomy.category(what.id).region, mask, box, score, 0)
        (shades,) = self._shades(photo, parse, [found])
        return [self._garment(found._replace(box=piece.box), encoding, 0, what, shades)]

    def _category(self, p: NDArray[np.float64], sure: str) -> Label:
        return category.label(p, self._taxonomy, sure_from=self._encoder.card.settings[sure])

    def _garment(self, found: Found, encoding: Encoding, i: int, what: Label, colours: tuple[Shade, ...]) -> Garment:
        """The garment at place ``i`` of the encoding, found in a box in pixels of the photo."""
        return Garment(
            region=found.region,
            category=what,
            box=found.box,
            score=min(1.0, found.score),
            area=np.count_nonzero(found.mask) / found.mask.size,
            person=found.person,
            colours=as_called(colours, self._taxonomy.category(what.id)),
            vector=encoding.vectors[i],
            features=encoding.features[i],
            deepfashion2=category.deepfashion2(what.id, None, self._taxonomy),
        )

    def _shades(self, photo: Photo, parse: Parse, found: Sequence[Found]) -> list[tuple[Shade, ...]]:
        """The colours of each garment, from its own part of the photo."""
        gains = cast(photo.pixels, parse.regions == 0)
        skin = parse.regions == self._taxonomy.region("skin").value
        (height, width), colours = parse.regions.shape, []
        for each in found:
            x0, y0, x1, y1 = (round(edge) for edge in each.box)
            own = photo.pixels[
                int(y0 * photo.height / height) : int(np.ceil(y1 * photo.height / height)),
                int(x0 * photo.width / width) : int(np.ceil(x1 * photo.width / width)),
            ]
            inside = each.mask[y0:y1, x0:x1]
            masks = (inside, skin[y0:y1, x0:x1] & ~inside)
            mask, bare = (resize_ids(m.view(np.uint8), *own.shape[:2]).view(np.bool_) for m in masks)
            colours.append(self._colours.read(own, mask, skin=bare, gains=gains))
        return colours


def _scale(box: Box, parse: Parse, photo: Photo) -> Box:
    """A box in the parser's pixels, in the photo's."""
    height, width = parse.regions.shape
    across, down = photo.width / width, photo.height / height
    return Box(box.x0 * across, box.y0 * down, box.x1 * across, box.y1 * down)
