"""How the pages speak: names, guesses, prices, in one visitor's language."""

from __future__ import annotations

from meot.service.texts import Texts
from meot.service.web.money import format_price
from meot.taxonomy import Taxonomy
from meot.types import Garment, Product


class Voice:
    """Says things in one language. Ids that the taxonomy does not know are said as they are."""

    def __init__(self, *, language: str, texts: Texts, taxonomy: Taxonomy) -> None:
        self.language, self._texts = language, texts
        self._regions = {r.id: r.names for r in taxonomy.regions}
        self._categories = {c.id: c.names for c in taxonomy.categories}
        self._colours = {c.id: c.names for c in taxonomy.colours}

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of that key in ``texts.toml``."""
        return self._texts.say(self.language, key, **values)

    def region(self, id: str) -> str:
        """A region's name."""
        return self._regions[id][self.language] if id in self._regions else id

    def category(self, id: str) -> str:
        """A category's name."""
        return self._categories[id][self.language] if id in self._categories else id

    def colour(self, id: str) -> str:
        """A colour's name."""
        return self._colours[id][self.language] if id in self._colours else id

    def garment(self, garment: Garment) -> str:
        """What a garment is: its category, or the guess and what else it may be."""
        label = garment.category
        if label.sure:
            return self.category(label.id)
        guess = self._some(label.id)
        if label.runner_up is None or label.runner_up == label.id:
            return self("look.maybe", name=guess)
        return self("look.maybe_or", name=guess, other=self._some(label.runner_up))

    def describe(self, garment: Garment) -> str:
        """A garment in one line: "Shirt, navy, 91 %"; others than the main person's are said to be."""
        parts = [self.garment(garment)]
        parts += [self.colour(shade.id).lower() for shade in garment.colours[:2]]
        parts.append(self("look.percent", percent=round(100 * garment.category.score)))
        if garment.person:
            parts.append(self("look.person", number=garment.person + 1))
        return ", ".join(parts)

    def price(self, product: Product) -> str:
        """A product's price, or that it is not known."""
        if product.price is None:
            return self("card.no_price")
        return format_price(product.price, product.currency, self.language)

    def _some(self, id: str) -> str:
        name = self.category(id)
        return with_article(name) if self.language == "en" else name


def with_article(name: str) -> str:
    """An English name within a sentence: a shirt, an anorak, jeans, swimwear, a T-shirt."""
    inside = name if name[1:2] == "-" else name[:1].lower() + name[1:]
    if (name.endswith("s") and not name.endswith("ss")) or name.endswith(("wear", "ery")):
        return inside
    return f"{'an' if inside[:1] in 'aeiou' else 'a'} {inside}"
