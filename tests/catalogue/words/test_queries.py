from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest
from tests.catalogue.words.shelf import SHOP, ask, names, stock

from meot.catalogue.words import Fields, WordIndex


@pytest.fixture(scope="module")
def index() -> Iterator[WordIndex]:
    index = stock(SHOP)
    yield index
    index.close()


_SHIRTS = ["shirt", "flannel", "linen shirt", "seen"]
_NO_SHIRTS = ["t-shirt", "t shirt apart", "sweatshirt", "tee"]
_TEES = ["t-shirt", "t shirt apart", "tee"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        # parts of words
        ("조거", ["jogger apart", "jogger"]),
        ("치", ["skirt"]),
        ("마", ["skirt"]),
        ("거팬", ["jogger", "jogger apart"]),
        ("swea", ["sweatshirt", "stripes"]),
        ("quilt", ["jacket"]),
        ("xford", ["shirt"]),
        ("red", ["red"]),
        ("fit", ["slim"]),
        ("4410", ["seen"]),
        # written as one or apart
        ("조거팬츠", ["jogger", "jogger apart"]),
        ("조거 팬츠", ["jogger apart", "jogger"]),
        ("와이드팬츠", ["jogger"]),
        ("팬츠 와이드", ["jogger"]),
        ("니트가디건", ["cardigan"]),
        ("체크셔츠 플란넬", ["flannel"]),
        ("린넨 셔츠", ["linen shirt"]),
        ("t shirt", [*_TEES, "sweatshirt", "shirt"]),
        ("sweat shirt", ["sweatshirt"]),
        ("slim fit", ["slim"]),
        ("slimfit", ["slim"]),
        ("v-neck", ["stripes"]),
        ("vneck", ["stripes"]),
        ("lightblue", ["jeans"]),
        ("가디건을", ["cardigan"]),
        ("검정색", ["jogger apart"]),
        ("검정색으로", ["jogger apart"]),
        ("남색컬러", ["seen"]),
        ("블랙으로", ["jogger apart"]),
        # plurals, hyphens, apostrophes, letters in other forms
        ("shirts", [*_SHIRTS, *_NO_SHIRTS]),
        ("SHIRT", [*_SHIRTS, *_NO_SHIRTS]),
        ("ｓｈｉｒｔ", [*_SHIRTS, *_NO_SHIRTS]),
        ("t-shirt", [*_TEES, "sweatshirt", "shirt"]),
        ("dress", ["square", "dresses"]),
        ("dresses", ["square", "dresses"]),
        ("jackets", ["jacket"]),
        ("mens", ["mens"]),
        ("men's 32", ["mens"]),
        ("men’s", ["mens"]),
        ("cafe", ["cafe"]),
        ("CAFÉ", ["cafe"]),
        (unicodedata.normalize("NFD", "가디건"), ["cardigan"]),
        # other names for the same thing
        ("셔츠", ["flannel", "shirt", "linen shirt", "seen", "tee", "t-shirt", "t shirt apart", "sweatshirt"]),
        ("티셔츠", ["tee", "t-shirt", "t shirt apart", "sweatshirt", "shirt"]),
        ("black", ["jogger apart"]),
        ("하늘색 청바지", ["jeans"]),
        ("light blue", ["jeans"]),
        ("남색 셔츠", ["seen"]),
        ("navy shirts", ["seen"]),
        ("줄무늬", ["stripes"]),
        ("check shirt", ["flannel"]),
        ("검정 팬츠", ["jogger apart"]),
        ("바지", ["slim", "jogger", "jeans"]),
        # words that users taught
        ("rain_cape", ["rain cape"]),
        ("rain cape", ["rain cape"]),
        # title, keyword, brand, what was seen, description
        ("denim", ["denim", "denim keyword", "denim brand", "denim seen", "denim description"]),
        # words that say nothing
        ("the coat in red", ["red"]),
        ("a dress for summer", ["dresses"]),
        # nothing
        ("linen pullover", []),
        ("zzzzzz", []),
        ("하늘색 셔츠", []),
        ("?! '", []),
        ("👕", []),
        ("", []),
    ],
)
def test_what_is_found_in_what_order(index: WordIndex, query: str, found: list[str]) -> None:
    hits = ask(index, query)
    assert names(hits) == found
    assert hits.corrected == {}


@pytest.mark.parametrize(
    ("query", "corrected", "first"),
    [
        ("shrit", {"shrit": "shirt"}, "shirt"),
        ("jaket", {"jaket": "jacket"}, "jacket"),
        ("jacekts", {"jacekts": "jackets"}, "jacket"),
        ("sweetshrit", {"sweetshrit": "sweatshirt"}, "sweatshirt"),
        ("oxfort shirt", {"oxfort": "oxford"}, "shirt"),
        ("nvay shirt", {"nvay": "navy"}, "seen"),
        ("청바자", {"청바자": "청바지"}, "jeans"),
        ("가디간", {"가디간": "가디건"}, "cardigan"),
        ("셔쯔", {"셔쯔": "셔츠"}, "flannel"),
        ("풀란넬 셔츠", {"풀란넬": "플란넬"}, "flannel"),
        ("조거펜츠", {"조거펜츠": "조거팬츠"}, "jogger"),
    ],
)
def test_slips_are_forgiven_and_said(index: WordIndex, query: str, corrected: dict[str, str], first: str) -> None:
    hits = ask(index, query)
    assert hits.corrected == corrected
    assert names(hits)[0] == first
    right = ask(index, " ".join(corrected.get(word, word) for word in query.split()))
    assert set(names(hits)) == set(names(right))
    assert hits.scores[0] < right.scores[0]


@pytest.mark.parametrize("query", ["rde", "shtrr", "33", "4419", "jckt", "셔", "바즈즈"])
def test_what_is_too_short_or_too_far_is_not_corrected(index: WordIndex, query: str) -> None:
    assert ask(index, query).corrected == {}


def test_a_rare_word_is_corrected_only_beside_a_very_common_one() -> None:
    shop = {f"shirt {i}": Fields("Blue shirt", "", "", "", "") for i in range(120)}
    shop |= {"slip": Fields("Blue shrit", "", "", "", ""), "name": Fields("Shire coat", "", "", "", "")}
    index = stock(shop)
    slip, name = ask(index, "shrit"), ask(index, "coat")
    assert slip.corrected == {"shrit": "shirt"}
    assert names(slip, shop)[0] == "slip"
    assert len(slip.numbers) == 121
    assert name.corrected == {}
    assert ask(index, "shire").corrected == {"shire": "shirt"}


def test_a_name_that_nothing_bears_is_no_slip_of_another_one() -> None:
    shop = {f"shirt {i}": Fields("밤색 셔츠", "", "", "", "") for i in range(5)}  # brown; 남색 is navy
    hits = ask(stock(shop), "남색 셔츠")
    assert (len(hits.numbers), hits.corrected) == (0, {})
    assert ask(stock(shop), "밥색 셔츠").corrected == {"밥색": "밤색"}


_LIKE_A_QUERY_LANGUAGE = ('"', "'", "*", "a AND", "NEAR(", "title:coat", "-coat", "^", "(", '"" OR ""', "{title} : x")
_LIKE_SQL = ("; DROP TABLE postings", "%", "_", "+", "AND", "OR", "NOT", "coat\x00", "\n")
_LONG = ("a" * 5000, "조" * 5000, "조거" * 100, "a b " * 90)
_RARE = ("👕👗", "\u202e", "\ud800", "ß", "İstanbul", "ﬁt", "コート", "外套", "пальто", "٣٢", "①")


@pytest.mark.parametrize("query", [*_LIKE_A_QUERY_LANGUAGE, *_LIKE_SQL, *_LONG, *_RARE])
def test_any_text_is_only_text(index: WordIndex, query: str) -> None:
    hits = ask(index, query)
    assert len(hits.numbers) == len(hits.scores) == len(hits.titled)


def test_scores_tell_titles_from_the_rest(index: WordIndex) -> None:
    for query in ("셔츠", "denim", "shirt", "팬츠"):
        hits = ask(index, query)
        assert (hits.scores > 0.5).tolist() == hits.titled.tolist()
        assert hits.scores.tolist() == sorted(hits.scores.tolist(), reverse=True)
        assert 0 < hits.scores.min() <= hits.scores.max() <= 1


def test_equal_hits_stand_by_number_and_short_titles_first() -> None:
    shop = {title: Fields(title, "", "", "", "") for title in ("Long warm coat", "Coat A1", "Coat B2", "Coat")}
    assert names(ask(stock(shop), "coat"), shop) == ["Coat", "Coat A1", "Coat B2", "Long warm coat"]


def test_a_title_that_says_it_all_goes_first_even_for_words_that_all_share() -> None:
    shop = {f"skirt {i}": Fields("Navy skirt", "shirts and skirts", "", "", "") for i in range(20)}
    shop["shirt"] = Fields("A long name for a navy shirt with many more words in it", "", "", "", "")
    hits = ask(stock(shop), "navy shirt")
    assert names(hits, shop)[0] == "shirt"
    assert len(hits.numbers) == 21
    assert hits.titled.tolist() == [True] + 20 * [False]
