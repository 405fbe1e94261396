"""The vocabulary: every foreign label has a place, every id is a known one."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from meot import taxonomy
from meot.models import store

TERMS = taxonomy.load()
CLOTHING = (
    "Blazer",
    "Blouse",
    "Body",
    "Dress",
    "Hat",
    "Hoodie",
    "Longsleeve",
    "Outwear",
    "Pants",
    "Polo",
    "Shirt",
    "Shoes",
    "Shorts",
    "Skirt",
    "T-Shirt",
    "Top",
    "Undershirt",
)
CCP9 = {
    "background": ["null"],
    "skin": ["skin"],
    "hair": ["hair"],
    "suit": ["suit"],
    "upper_clothes": [
        "blazer",
        "blouse",
        "bra",
        "cape",
        "cardigan",
        "coat",
        "hoodie",
        "intimate",
        "jacket",
        "jumper",
        "shirt",
        "sweater",
        "sweatshirt",
        "t-shirt",
        "top",
        "vest",
    ],
    "lower_clothes": ["jeans", "leggings", "panties", "pants", "shorts", "skirt", "stockings", "tights"],
    "dress": ["bodysuit", "dress", "romper", "swimwear"],
    "shoes": [
        "boots",
        "clogs",
        "flats",
        "heels",
        "loafers",
        "pumps",
        "sandals",
        "shoes",
        "sneakers",
        "socks",
        "wedges",
    ],
    "accessories": [
        "accessories",
        "bag",
        "belt",
        "bracelet",
        "earrings",
        "glasses",
        "gloves",
        "hat",
        "necklace",
        "purse",
        "ring",
        "scarf",
        "sunglasses",
        "tie",
        "wallet",
        "watch",
    ],
}
"""The nine superclasses that published figures on CCP use, with all 59 labels."""
CCP = [label for labels in CCP9.values() for label in labels]
SHOPIFY = {
    "aa",
    "aa-1",
    "aa-1-4",
    "aa-1-9",
    "aa-1-10-2",
    "aa-1-10-6",
    "aa-1-11",
    "aa-1-12",
    "aa-1-12-4",
    "aa-1-12-8",
    "aa-1-12-11",
    "aa-1-13",
    "aa-1-13-1",
    "aa-1-13-3",
    "aa-1-13-7",
    "aa-1-13-8",
    "aa-1-13-9",
    "aa-1-13-12",
    "aa-1-13-13",
    "aa-1-13-14",
    "aa-1-14",
    "aa-1-14-5",
    "aa-1-15",
    "aa-1-19",
    "aa-8",
}
GOOGLE = {212, 5598, 1831, 207, 204, 1581, 2331, 6229, 6228, 2271, 7313, 5182, 5250, 1594, 203, 1604, 166, 187, 173}
GOOGLE_OF_DEEPFASHION2 = {
    1: 212,
    2: 212,
    3: 5598,
    4: 5598,
    5: 212,
    6: 212,
    7: 207,
    8: 204,
    9: 1581,
    10: 2271,
    11: 2271,
    12: 2271,
    13: 2271,
}
SHOPIFY_COLOURS = {
    "black": 1,
    "blue": 2,
    "white": 3,
    "beige": 6,
    "brown": 7,
    "gray": 8,
    "green": 9,
    "orange": 10,
    "pink": 11,
    "purple": 12,
    "red": 13,
    "yellow": 14,
    "navy": 15,
    "multicolor": 2865,
}


def all_names() -> list[taxonomy.Names]:
    rows = [r.names for r in TERMS.regions] + [c.names for c in TERMS.categories] + [c.names for c in TERMS.colours]
    rows += [c.names for c in TERMS.components] + [v.names for c in TERMS.components for v in c.values]
    rows += [v.alone for c in TERMS.components for v in c.values] + [g.names for g in TERMS.style_groups]
    return rows + [style.names for style in TERMS.styles] + [row.names for row in TERMS.style_search]


@pytest.mark.parametrize("label", CLOTHING)
def test_every_clothing_label_means_something(label: str) -> None:
    assert TERMS.categories_of("clothing", label)
    assert TERMS.region_of("clothing", label).garment


@pytest.mark.parametrize("label", CCP)
def test_every_ccp_label_belongs_to_a_region(label: str) -> None:
    assert TERMS.region_of("ccp", label)


def test_ccp_regions_follow_the_nine_superclasses() -> None:
    assert len(CCP) == len(set(CCP)) == 59
    for superclass, labels in CCP9.items():
        assert {label for label in labels if TERMS.region_of("ccp", label).ccp9 != (superclass,)} == set()


def test_no_label_is_named_that_its_source_does_not_have() -> None:
    assert {label for c in TERMS.categories for label in c.clothing} == set(CLOTHING)
    assert {label for c in TERMS.categories for label in c.ccp} | set(TERMS.regions_of["ccp"]) == set(CCP)


def test_a_label_never_means_categories_of_two_regions() -> None:
    for source, labels in (("clothing", CLOTHING), ("ccp", CCP)):
        for label in labels:
            regions = {TERMS.categories[i].region for i in TERMS.categories_of(source, label)}
            assert len(regions) <= 1, (source, label, regions)


def test_ids_are_unique_and_values_are_bytes() -> None:
    tables = (TERMS.regions, TERMS.categories, TERMS.components, TERMS.colours)
    styles = (TERMS.styles, TERMS.style_groups, TERMS.style_search)
    for rows in (*tables, *styles):
        ids = [row.id for row in rows]
        assert len(ids) == len(set(ids))
    values = [r.value for r in TERMS.regions]
    assert len(values) == len(set(values))
    assert all(0 <= v <= 255 for v in values)


def test_foreign_ids_are_known_ones() -> None:
    for category in TERMS.categories:
        assert category.shopify in SHOPIFY, category.id
        assert category.google in GOOGLE, category.id
        google = {GOOGLE_OF_DEEPFASHION2[i] for i in category.deepfashion2}
        assert not google or category.google in google | {1831, 1604}, category.id  # a worn-over vest; underwear
    assert {i for c in TERMS.categories for i in c.deepfashion2} == set(range(1, 14))


def test_colours_name_shopifys_value_of_their_own_name() -> None:
    for colour in TERMS.colours:
        assert colour.shopify == SHOPIFY_COLOURS.get(colour.id, colour.shopify), colour.id
        assert colour.shopify in SHOPIFY_COLOURS.values(), colour.id
        assert all(0 <= x <= 255 for anchor in colour.anchors for x in anchor)


def test_everything_has_names_in_both_languages() -> None:
    for names in all_names():
        assert names["en"].strip()
        assert any("가" <= letter <= "힣" for letter in names["ko"]), names


def test_names_of_categories_and_colours_tell_them_apart() -> None:
    for language in ("en", "ko"):
        for names in ([c.names[language] for c in TERMS.categories], [c.names[language] for c in TERMS.colours]):
            assert len(names) == len(set(names))


def known_answers() -> dict[str, set[str]]:
    """Every answer that has a place in the vocabulary, by question."""
    known = {c.id: {value.id for value in c.values} for c in TERMS.components}
    return known | {"category": {c.id for c in TERMS.categories}, "style": {s.id for s in TERMS.styles}}


def test_the_style_search_paper_has_its_seventeen_classes_under_its_headings() -> None:
    counts = Counter(row.part for row in TERMS.style_search)
    assert counts == {"menswear": 4, "womenswear": 4, "styles": 5, "unisex": 4}


@pytest.mark.parametrize("row", TERMS.style_search, ids=lambda row: row.id)
def test_a_class_of_the_paper_is_answers_that_exist_or_have_to_be_taught(row: taxonomy.StyleClass) -> None:
    known = known_answers()
    unknown = {question for question, answers in row.answers.items() if not set(answers) <= known.get(question, set())}
    unknown |= {"style" for id in row.answers.get("style", ()) if not TERMS.style(id).learned}
    assert row.answers
    assert unknown <= set(row.unread) <= set(row.answers)
    assert row.learned == (not row.unread)


def test_no_two_classes_of_the_paper_are_the_same_answers() -> None:
    said = [tuple(sorted(row.answers.items())) for row in TERMS.style_search]
    assert len(said) == len(set(said))


def test_what_the_labels_cannot_teach_is_said_to_be_taught() -> None:
    untaught = {row.id for row in TERMS.style_search if not row.learned}
    assert untaught >= {"techwear", "athleisure", "linen_shirt"}
    assert {style.id for style in TERMS.styles if not style.learned} == {"techwear", "athleisure"}


def test_every_style_is_of_a_group_that_has_several() -> None:
    sizes = Counter(style.group for style in TERMS.styles)
    assert set(sizes) == {group.id for group in TERMS.style_groups}
    assert min(sizes.values()) > 1
    assert not set(sizes) & {style.id for style in TERMS.styles}


def test_values_are_implied_by_categories_that_exist() -> None:
    named = {id for component in TERMS.components for value in component.values for id in value.implied_by}
    assert named
    assert named <= {category.id for category in TERMS.categories}


def test_names_that_stand_alone_tell_all_values_of_a_garment_apart() -> None:
    said = [value.alone["en"] for component in TERMS.components for value in component.values]
    assert len(said) == len(set(said))


@pytest.mark.parametrize(("task", "rows"), [("parser", TERMS.regions), ("garment", TERMS.categories)])
def test_the_bundled_models_answer_in_the_taxonomys_order(
    task: str, rows: tuple[taxonomy.Region, ...] | tuple[taxonomy.Category, ...]
) -> None:
    _, card = store.find(task)
    assert card.labels == tuple(row.id for row in rows)


def test_unknown_ids_are_key_errors() -> None:
    for find in (TERMS.region, TERMS.category, TERMS.component, TERMS.style, TERMS.colour):
        with pytest.raises(KeyError, match="nonsense"):
            find("nonsense")


def test_every_category_stands_in_a_garment_region() -> None:
    for category in TERMS.categories:
        assert TERMS.region(category.region).garment


def test_json_has_the_promised_shape() -> None:
    found = TERMS.as_json()
    assert {"version", "regions", "categories", "components", "styles", "colours"} <= set(found)
    assert {"id", "value", "names", "sources"} <= set(found["regions"][0])
    assert {"clothing", "ccp", "deepfashion2", "shopify", "google"} == set(found["categories"][0]["sources"])
    assert {"id", "names", "group", "learned"} == set(found["styles"][0])
    assert {"id", "part", "names", "answers", "learned", "unread"} == set(found["style_search"][0])
    assert json.loads(json.dumps(found)) == found
