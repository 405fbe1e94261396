"""How the pages speak: names, guesses, prices, in one visitor's language."""

from __future__ import annotations

from meot.answers.wording import Told, Wording
from meot.service.texts import Texts
from meot.service.web.money import format_price
from meot.taxonomy import Taxonomy
from meot.types import Garment, Label, Product


class Voice(Wording):
    """Says things in one language."""

    def __init__(self, *, language: str, texts: Texts, taxonomy: Taxonomy) -> None:
        super().__init__(language=language, taxonomy=taxonomy)
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of that key in ``texts.toml``."""
        return self._texts.say(self.language, key, **values)

    def garment(self, garment: Garment) -> str:
        """What a garment is: its category, or the guess and what else it may be."""
        label = garment.category
        if label.sure:
            return self.category(label)
        guess = self._some(label)
        if label.runner_up is None or label.runner_up == label.id:
            return self("look.maybe", name=guess)
        return self("look.maybe_or", name=guess, other=self._some(label.runner_up))

    def describe(self, garment: Garment) -> str:
        """A garment in one line: "Shirt, navy, 91 %, striped"; others than the main person's are said to be."""
        parts = [self.garment(garment)]
        parts += [self.colour(shade.id).lower() for shade in garment.colours[:2]]
        parts.append(self("look.percent", percent=round(100 * garment.category.score)))
        for detail in self.details(garment):
            said = inside(detail.text)
            parts.append(said if detail.sure else self("look.maybe", name=said))
        if garment.person:
            parts.append(self("look.person", number=garment.person + 1))
        return ", ".join(parts)

    def style_behind(self, style: Label) -> str:
        """What stands behind the outfit's style: "or else minimal"; of a guess the guess itself; "" for nothing."""
        first, *others = self.candidates(style)
        if first.sure:
            return self("style.or", name=inside(others[0].text)) if others else ""
        if not others:
            return self("look.maybe", name=self._likely(first))
        return self("look.maybe_or", name=self._likely(first), other=self._likely(others[0]))

    def price(self, product: Product) -> str:
        """A product's price, or that it is not known."""
        if product.price is None:
            return self("card.no_price")
        return format_price(product.price, product.currency, self.language)

    def _likely(self, guess: Told) -> str:
        name = inside(guess.text)
        return name if guess.score is None else self("style.likely", name=name, percent=round(100 * guess.score))

    def _some(self, category: Label | str) -> str:
        name = self.category(category)
        return with_article(name) if self.language == "en" else name


def with_article(name: str) -> str:
    """An English name within a sentence: a shirt, an anorak, jeans, swimwear, a T-shirt."""
    said = inside(name)
    if (name.endswith("s") and not name.endswith("ss")) or name.endswith(("wear", "ery")):
        return said
    return f"{'an' if said[:1] in 'aeiou' else 'a'} {said}"


def inside(name: str) -> str:
    """A name as it stands inside a sentence: striped, V-neck, 줄무늬."""
    return name if name[1:2] == "-" else name[:1].lower() + name[1:]
