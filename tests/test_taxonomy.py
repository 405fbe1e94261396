from __future__ import annotations

import pytest

from meot import taxonomy

TERMS = taxonomy.load()
CLOTHING = (
    "Blazer", "Blouse", "Body", "Dress", "Hat", "Hoodie", "Longsleeve", "Outwear", "Pants", "Polo", "Shirt", "Shoes", "Shorts",
    "Skirt", "T-Shirt", "Top", "Undershirt",
)
CCP = """null accessories bag belt blazer blouse bodysuit boots bra bracelet cape cardigan clogs coat dress earrings flats
glasses gloves hair hat heels hoodie intimate jacket jeans jumper leggings loafers necklace panties pants pumps purse ring
romper sandals scarf shirt shoes shorts skin skirt sneakers socks stockings suit sunglasses sweater sweatshirt swimwear
t-shirt tie tights top vest wallet watch wedges""".split()
CCP9 = {
    "upper_clothes": "blazer blouse bra cape cardigan coat hoodie intimate jacket jumper shirt sweater sweatshirt t-shirt top vest",
    "lower_clothes": "jeans leggings panties pants shorts skirt stockings tights",
    "dress": "bodysuit dress romper swimwear",
    "shoes": "boots clogs flats heels loafers pumps sandals shoes sneakers socks wedges",
    "skin": "skin", "hair": "hair", "suit": "suit", "background": "null",
}
SHOPIFY = {
    "aa", "aa-1", "aa-1-4", "aa-1-9", "aa-1-10-2", "aa-1-10-6", "aa-1-11", "aa-1-12", "aa-1-12-4", "aa-1-12-8", "aa-1-12-11",
    "aa-1-13", "aa-1-13-1", "aa-1-13-3", "aa-1-13-7", "aa-1-13-8", "aa-1-13-9", "aa-1-13-12", "aa-1-13-13", "aa-1-13-14",
    "aa-1-14", "aa-1-14-5", "aa-1-15", "aa-1-19", "aa-8",
}
GOOGLE = {212, 5598, 1831, 207, 204, 1581, 2331, 6229, 6228, 2271, 7313, 5182, 5250, 1594, 203, 1604, 166, 187, 173}


@pytest.mark.parametrize("label", CLOTHING)
def test_every_clothing_label_means_something(label: str) -> None:
    assert TERMS.categories_of("clothing", label)
    assert TERMS.region_of("clothing", label).garment


@pytest.mark.parametrize("label", CCP)
def test_every_ccp_label_belongs_to_a_region(label: str) -> None:
    assert TERMS.region_of("ccp", label)


def test_ccp_regions_follow_the_nine_superclasses() -> None:
    told = {label: name for name, labels in CCP9.items() for label in labels.split()}
    for label in CCP:
        assert TERMS.region_of("ccp", label).ccp9[0] == told.get(label, "accessories"), label


def test_a_label_never_means_categories_of_two_regions() -> None:
    for source, labels in (("clothing", CLOTHING), ("ccp", CCP)):
        for label in labels:
            regions = {TERMS.categories[i].region for i in TERMS.categories_of(source, label)}
            assert len(regions) <= 1, (source, label, regions)


def test_ids_are_unique_and_values_are_bytes() -> None:
    for rows in (TERMS.regions, TERMS.categories, TERMS.components, TERMS.styles, TERMS.colours):
        ids = [row.id for row in rows]
        assert len(ids) == len(set(ids))
    values = [r.value for r in TERMS.regions]
    assert len(values) == len(set(values))
    assert all(0 <= v <= 255 for v in values)


def test_foreign_ids_are_known_ones() -> None:
    for category in TERMS.categories:
        assert category.shopify in SHOPIFY, category.id
        assert category.google in GOOGLE, category.id
        assert all(1 <= i <= 13 for i in category.deepfashion2)
    assert {i for c in TERMS.categories for i in c.deepfashion2} == set(range(1, 14))


def test_everything_has_names_in_both_languages() -> None:
    rows = [*TERMS.regions, *TERMS.categories, *TERMS.components, *TERMS.styles, *TERMS.colours]
    rows += [value for component in TERMS.components for value in component.values]
    for row in rows:
        assert row.names["en"].strip()
        assert any("가" <= letter <= "힣" for letter in row.names["ko"])


def test_every_category_stands_in_a_garment_region() -> None:
    for category in TERMS.categories:
        assert TERMS.region(category.region).garment


def test_json_has_the_promised_shape() -> None:
    found = TERMS.as_json()
    assert {"version", "regions", "categories", "components", "styles", "colours"} <= set(found)
    assert {"id", "value", "names", "sources"} <= set(found["regions"][0])
    assert {"clothing", "ccp", "deepfashion2", "shopify", "google"} == set(found["categories"][0]["sources"])
