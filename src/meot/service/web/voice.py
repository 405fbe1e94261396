"""How the pages speak: names, guesses, prices, in one visitor's language."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from meot.answers.wording import Told, Wording
from meot.catalogue.vocabulary import GENDERS
from meot.labels.lessons import CATEGORY, COMPONENT, STYLE
from meot.service.texts import Texts
from meot.service.web.money import format_price
from meot.taxonomy import Names, Taxonomy
from meot.types import Garment, Label, Offer, Price, Product

if TYPE_CHECKING:
    from meot.service.web.selling import Sale

TaughtCalled = Callable[[str, str, str], Names]
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STOCK = frozenset({"in_stock", "out_of_stock", "preorder", "backorder", "discontinued"})


class Voice(Wording):
    """Says things in one language. taught: the names (by language) of a class that was taught, of its kind, its
    question ("" but of a component) and its id; nothing for any other.
    """

    def __init__(self, *, language: str, texts: Texts, taxonomy: Taxonomy, taught: TaughtCalled | None = None) -> None:
        super().__init__(language=language, taxonomy=taxonomy)
        self._texts, self._taught = texts, taught or _nobody_taught

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of that key in ``texts.toml``."""
        return self._texts.say(self.language, key, **values)

    def knows(self, key: str) -> bool:
        """Whether ``texts.toml`` has a sentence of that key."""
        return key in self._texts.sentences

    def category(self, category: Label | str) -> str:
        """The name of a category, or of the id of one, of a class that was taught here too."""
        return super().category(self._named(CATEGORY, category, self._categories))

    def style(self, style: Label | str) -> str:
        """The name of a style, as :meth:`category`."""
        return super().style(self._named(STYLE, style, self._styles))

    def _named(self, kind: str, said: Label | str, shipped: Collection[str]) -> Label | str:
        label = Label(said, 1.0, True) if isinstance(said, str) else said
        if label.names or label.id in shipped:
            return said
        return replace(label, names=self._taught(kind, "", label.id))

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
        parts += [self.likelihood(garment)] if self.likelihood(garment) else []
        for detail in self.details(garment):
            said = inside(detail.text)
            parts.append(said if detail.sure else self("look.maybe", name=said))
        if garment.person:
            parts.append(self("look.person", number=garment.person + 1))
        return ", ".join(parts)

    def likelihood(self, garment: Garment) -> str:
        """How likely a garment's name is right: "91 %"; "" for the only name that its place knows."""
        label = garment.category
        if label.runner_up is None or label.runner_up == label.id:
            return ""
        return self("look.percent", percent=round(100 * label.score))

    def in_colour(self, garment: Garment) -> str:
        """A garment by its main colour and its category: "navy shirt", "남색 셔츠"."""
        shades = sorted(garment.colours, key=lambda shade: -shade.share)[:1]
        name = self.category(garment.category)
        return " ".join([*(self.colour(shade.id).lower() for shade in shades), inside(name) if shades else name])

    def style_behind(self, style: Label) -> str:
        """What stands behind the outfit's style: "or else minimal"; of a guess the guess itself; "" for nothing."""
        first, *others = self.candidates(style)
        if first.sure:
            return self("style.or", name=inside(others[0].text)) if others else ""
        if not others:
            return self("look.maybe", name=self._likely(first))
        return self("look.maybe_or", name=self._likely(first), other=self._likely(others[0]))

    def price(self, asked: Product | Offer | Price | Sale) -> str:
        """A price, or that it is not known."""
        if asked.price is None:
            return self("card.no_price")
        return self.money(asked.price, asked.currency)

    def money(self, price: float, currency: str) -> str:
        """An amount in a currency."""
        return format_price(price, currency, self.language)

    def date(self, at: float) -> str:
        """A day, of seconds since 1970: "21 Nov 2026", "2026. 11. 21."."""
        day = datetime.fromtimestamp(at, UTC)
        if self.language == "ko":
            return f"{day.year}. {day.month}. {day.day}."
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def gender(self, id: str) -> str:
        """Whom a product is for; what a source calls it where that is nothing known."""
        return self(f"filters.gender_{id}") if id in GENDERS else id

    def stock(self, id: str) -> str:
        """Whether a product can be had; "" when nobody says."""
        return self(f"product.{id}") if id in _STOCK else id.replace("_", " ")

    def question(self, id: str) -> str:
        """What a component asks: "Pattern"."""
        return self._name(self._questions.get(id), id)

    def answer(self, question: str, id: str) -> str:
        """A component's answer in words that need no question beside them."""
        names = {} if (question, id) in self._values else self._taught(COMPONENT, question, id)
        return self.detail(question, Label(id, 1.0, True, names=names))

    def within(self, name: str, value: str) -> str:
        """A filter in words: the name of the category, of the colour ..."""
        named = {"category": self.category, "colour": self.colour, "region": self.region, "style": self.style}
        if name in named:
            return named[name](value)
        return self.gender(value) if name == "gender" else value if name == "source" else self.answer(name, value)

    def job(self, kind: str) -> str:
        """What a kind of long work is called; its own id where it has no name here."""
        return self.fact(kind, "jobs", "kind_")

    def fact(self, id: str, part: str = "manage_fact", start: str = "") -> str:
        """The name of something in a part of the texts; a plain form of its id where it has none there."""
        key = f"{part}.{start}{id.replace(' ', '_')}"
        return self(key) if self.knows(key) else id.replace("_", " ")

    def moment(self, at: float) -> str:
        """A moment (UTC), of seconds since 1970: "21 Nov 2026, 13:05"."""
        return f"{self.date(at)}{' ' if self.language == 'ko' else ', '}{datetime.fromtimestamp(at, UTC):%H:%M}"

    def _likely(self, guess: Told) -> str:
        name = inside(guess.text)
        return name if guess.score is None else self("style.likely", name=name, percent=round(100 * guess.score))

    def _some(self, category: Label | str) -> str:
        name = self.category(category)
        return with_article(name) if self.language == "en" else name


def _nobody_taught(kind: str, question: str, id: str) -> Names:
    return {}


def with_article(name: str) -> str:
    """An English name within a sentence: a shirt, an anorak, jeans, swimwear, a T-shirt."""
    said = inside(name)
    if (name.endswith("s") and not name.endswith("ss")) or name.endswith(("wear", "ery")):
        return said
    return f"{'an' if said[:1] in 'aeiou' else 'a'} {said}"


def inside(name: str) -> str:
    """A name as it stands inside a sentence: striped, V-neck, 줄무늬."""
    return name if name[1:2] == "-" else name[:1].lower() + name[1:]
