"""The answers of a closet in one language."""

from __future__ import annotations

from collections.abc import Sequence

from meot.answers.closet.comparison import Comparison, Part
from meot.answers.closet.sets import Purchase, Standing
from meot.answers.closet.shopping import Suggestion
from meot.answers.wording import Wording
from meot.taxonomy import Taxonomy
from meot.types import Garment

_SAID = {
    "en": {
        "own": "own it",
        "close": "close",
        "missing": "missing",
        "with": "{} {:.0%}",
        "overall": "the closet comes {:.0%} near to this look: {} own, {} close, {} missing",
        "people": "{} people in the photo; this is person {}",
        "empty": "the closet is empty; add photos with `meot closet add`",
        "list": "Shopping list",
        "none": "nothing in the shop fits",
        "unpriced": "price not known",
        "total": "{} of {} within the budget: {}",
        "tight": "nothing that fits is within the budget",
        "chosen": "chosen",
        "looks": "{} of {} garments",
        "unlocks": "{} would complete {}",
        "alike": "so alike that one would do ({:.0%}): {}",
        "no duplicates": "no two garments are so alike that one would do",
        "no unlock": "no single purchase completes any of these looks",
    },
    "ko": {
        "own": "있음",
        "close": "비슷한 옷 있음",
        "missing": "없음",
        "with": "{} {:.0%}",
        "overall": "옷장과 이 코디의 유사도 {:.0%}: 있음 {}, 비슷함 {}, 없음 {}",
        "people": "사진에 {}명이 있으며, {}번째 사람을 봄",
        "empty": "옷장이 비어 있음; `meot closet add`로 사진을 넣으세요",
        "list": "살 것",
        "none": "상점에 어울리는 상품이 없음",
        "unpriced": "가격 모름",
        "total": "{}/{}벌을 예산 안에서: {}",
        "tight": "예산 안에서 어울리는 상품이 없음",
        "chosen": "선택",
        "looks": "옷 {}/{}점",
        "unlocks": "{} 하나로 완성: {}",
        "alike": "하나면 충분할 만큼 같음({:.0%}): {}",
        "no duplicates": "하나면 충분할 만큼 같은 옷이 없음",
        "no unlock": "하나를 사서 완성되는 코디가 없음",
    },
}


class Saying(Wording):
    """Verdicts, garments, prices and lists in one language ("en", "ko")."""

    def __init__(self, *, language: str, taxonomy: Taxonomy) -> None:
        super().__init__(language=language, taxonomy=taxonomy)
        self._said = _SAID[language]

    def plain(self, what: str) -> str:
        """A line that has no figures in it."""
        return self._said[what]

    def garment(self, garment: Garment) -> str:
        """A garment by its category, a guess with a "?", and its main colour."""
        name = self.category(garment.category) + ("" if garment.category.sure else "?")
        main = max(garment.colours, key=lambda shade: shade.share, default=None)
        return name if main is None else f"{name}, {self.colour(main.id)}"

    def verdict(self, part: Part) -> str:
        """The verdict, with the similarity of the nearest where there is one."""
        name = self._said[part.verdict]
        return self._said["with"].format(name, part.similarity) if part.nearest else name

    def overall(self, comparison: Comparison) -> str:
        """The figure of the whole look and how many garments have which verdict."""
        given = [part.verdict for part in comparison.parts]
        counts = (given.count("own"), given.count("close"), given.count("missing"))
        return self._said["overall"].format(comparison.overall, *counts)

    def people(self, comparison: Comparison) -> str:
        """Of how many people whose clothes are meant."""
        return self._said["people"].format(comparison.people, comparison.person + 1)

    def price(self, suggestion: Suggestion) -> str:
        """A product's price with its currency."""
        product = suggestion.match.product
        return self._said["unpriced"] if product.price is None else self.money(product.price, product.currency)

    def money(self, price: float, currency: str) -> str:
        """An amount with its currency."""
        return f"{price:,.10g} {currency}".strip()

    def total(self, chosen: int, wished: int, total: float, currency: str) -> str:
        """How many of the wished garments the budget buys, and for how much."""
        return self._said["total"].format(chosen, wished, self.money(total, currency))

    def standing(self, standing: Standing) -> str:
        """How many garments of an outfit are owned."""
        return self._said["looks"].format(standing.covered, len(standing.verdicts))

    def purchase(self, purchase: Purchase) -> str:
        """What one purchase would complete."""
        names = ", ".join(standing.outfit.name for standing in purchase.unlocks)
        return self._said["unlocks"].format(self.garment(purchase.garment), names)

    def alike(self, similarity: float, garments: Sequence[str]) -> str:
        """Garments of which one would do."""
        return self._said["alike"].format(similarity, "; ".join(garments))
