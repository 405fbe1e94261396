"""Several photos' readings -> one answer a question, or candidates where it is not sure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from meot.answers.listing.answer import CATEGORY, COLOUR, DETAILS, GOOGLE, PHOTO, SHOPIFY, Answer
from meot.answers.listing.reading import Reading, Seen
from meot.labels.lessons import are_alike
from meot.taxonomy import Taxonomy

CERTAIN = 0.95
TOO_WIDE = frozenset({"aa", "aa-1", "166", "1604"})
"""Shopify's and Google's ids of clothing and of apparel as a whole, which say nothing."""
RIVAL = 0.6
"""Share of the most prominent garment from which another may be what is sold, as in search."""
ONE_PIECE, PRESENT = "whole", 0.95
"""A top over trousers of one cloth looks like a dress, and nearly every one-piece is one: it must surely be there."""
PLAIN = 0.95
"""Share of the garment from which its main colour is its colour."""
BLURRED = frozenset({"beige", "burgundy", "gray", "khaki", "navy", "orange", "pink", "multicolor"})
"""Colours that photos take for their neighbours too often (docs/listing.md); a person says which it is."""
_MOST_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Picked:
    """The garments that the product is, one a photo that shows it. rivals: regions that may be sold as well."""

    garments: tuple[Seen, ...]
    rivals: tuple[str, ...]


def pick(readings: Sequence[Reading], region: str = "") -> Picked:
    """What of the photos is the product: what lies flat, else what is the most prominent on the people.

    region: where the product is worn, when somebody said so.
    """
    shown = [reading for reading in readings if reading.garments]
    flat = [reading for reading in shown if not reading.worn]
    weights: dict[str, float] = {}
    for reading in flat or shown:
        most = max(garment.weight for garment in reading.garments) or 1.0
        for garment in reading.garments:
            weights[garment.region] = weights.get(garment.region, 0.0) + garment.weight / most
    if not weights:
        return Picked((), ())
    leading = region or max(weights, key=lambda r: weights[r])
    most = weights.get(leading, 0.0)
    rivals = () if region else tuple(r for r, w in weights.items() if r != leading and w >= RIVAL * most)
    found = [_of_region(reading.garments, leading) for reading in shown]
    return Picked(tuple(garment for garment in found if garment is not None), rivals)


def _of_region(garments: Sequence[Seen], region: str) -> Seen | None:
    same = next((garment for garment in garments if garment.region == region), None)
    return same or next((garment for garment in garments if are_alike(garment.region, region)), None)


def answer(picked: Picked, taxonomy: Taxonomy, threshold: float | None = None) -> dict[str, Answer]:
    """Question -> answer of the garments that were picked; none of nothing.

    threshold: the score from which an answer is filled in; None leaves that to the models' own thresholds (95 of 100
    right on photos kept back): a photo has to be sure of it, none of another.
    """
    if not picked.garments:
        return {}
    found = {CATEGORY: _category(picked, taxonomy, threshold), COLOUR: _colour(picked.garments, threshold)}
    for question in DETAILS:
        asked = [garment for garment in picked.garments if question in garment.scores]
        if asked:
            found[question] = _answer(_mean(g.scores[question] for g in asked), question, asked, threshold)
    found |= _elsewhere(picked, taxonomy, threshold)
    if picked.rivals:  # which of the garments is sold, no photo says
        found = {question: replace(said, sure=False) for question, said in found.items()}
    return found


def _category(picked: Picked, taxonomy: Taxonomy, threshold: float | None) -> Answer:
    """The likeliest family first, then its likeliest member, as for one photo."""
    scores = _mean(garment.scores[CATEGORY] for garment in picked.garments)
    families = {category.id: category.family for category in taxonomy.categories}
    sums: dict[str, float] = {}
    for id, score in scores.items():
        sums[families.get(id, id)] = sums.get(families.get(id, id), 0.0) + score
    family = max(sums, key=lambda name: sums[name])
    best = max((id for id in scores if families.get(id, id) == family), key=lambda id: scores[id])
    told = _answer(scores, CATEGORY, picked.garments, threshold, best)
    doubtful = any(garment.region == ONE_PIECE and garment.presence < PRESENT for garment in picked.garments)
    return replace(told, sure=False) if doubtful else told


def _elsewhere(picked: Picked, taxonomy: Taxonomy, threshold: float | None) -> dict[str, Answer]:
    """The narrowest of Shopify's and of Google's categories that the product is of for sure, whichever leaf it is."""
    scores = _mean(garment.scores[CATEGORY] for garment in picked.garments)
    present = min(garment.presence for garment in picked.garments)
    shopify: dict[str, float] = {}
    google: dict[str, float] = {}
    for category in taxonomy.categories:
        score = scores.get(category.id, 0.0) * present
        google[str(category.google)] = google.get(str(category.google), 0.0) + score
        for id in _upwards(category.shopify):
            shopify[id] = shopify.get(id, 0.0) + score
    enough = CERTAIN if threshold is None else threshold
    found = {}
    for name, sums in ((SHOPIFY, shopify), (GOOGLE, google)):
        known = [id for id, score in sums.items() if score >= enough and id not in TOO_WIDE]
        if known:
            best = max(known, key=lambda id: (id.count("-"), sums[id]))
            found[name] = Answer(value=best, origin=PHOTO, sure=True, score=min(1.0, sums[best]))
    return found


def _upwards(id: str) -> list[str]:
    """A Shopify category and those above it that are worth naming: aa-1-13-8, aa-1-13."""
    parts = id.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 1, -1)]


def _answer(
    scores: Mapping[str, float],
    question: str,
    garments: Sequence[Seen],
    threshold: float | None,
    best: str | None = None,
) -> Answer:
    order = sorted(scores, key=lambda id: -scores[id])
    best = best or order[0]
    if threshold is None:
        said = {max(g.scores[question], key=lambda id: g.scores[question][id]) for g in garments if g.sure[question]}
        sure = said == {best}
    else:
        sure = scores[best] >= threshold
    first = [best, *(id for id in order if id != best)][:_MOST_CANDIDATES]
    candidates = {id: scores[id] for id in first}
    return Answer(value=best, origin=PHOTO, sure=sure, score=scores[best], candidates=candidates)


def _colour(garments: Sequence[Seen], threshold: float | None) -> Answer:
    shares = _mean(garment.colours for garment in garments)
    order = sorted(shares, key=lambda id: -shares[id])
    if not order:
        return Answer(value="", origin=PHOTO, sure=False, score=0.0)
    best = order[0]
    sure = best not in BLURRED and shares[best] >= (PLAIN if threshold is None else threshold)
    candidates = {id: shares[id] for id in order[:_MOST_CANDIDATES]}
    return Answer(value=best, origin=PHOTO, sure=sure, score=shares[best], candidates=candidates)


def _mean(scores: Iterable[Mapping[str, float]]) -> dict[str, float]:
    rows = list(scores)
    ids = dict.fromkeys(id for row in rows for id in row)
    return {id: sum(row.get(id, 0.0) for row in rows) / len(rows) for id in ids}
