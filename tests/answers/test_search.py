from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.builders import NAVY, RED, WHITE, Colour, ColourReader, build_product, write_photo

from meot import photos
from meot.answers.cutoff import Bounds, Cutoff
from meot.answers.search import Search
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError, QueryError
from meot.index.exact import ExactIndex
from meot.index.growing import GrowingIndex
from meot.types import Filters, Label, Look, Photo


class Shop:
    """A catalogue with its search, to be filled product by product."""

    def __init__(self, folder: Path, reader: ColourReader | None = None) -> None:
        self.folder, self.reader = folder, reader or ColourReader()
        self.catalogue = Catalogue.open(folder / "shop.db", create=True)
        self.search = Search(catalogue=self.catalogue, index=GrowingIndex(), reader=self.reader)

    def put(
        self, id: str, colour: Colour, lower: Colour | None = None, reader: ColourReader | None = None, **more: object
    ) -> int:
        path = write_photo(self.folder / f"{id}.png", colour, lower=lower)
        number = self.catalogue.put_product(build_product(id, str(more.pop("title", id)), **more), [path])
        reader = reader or self.reader
        for key, path in self.catalogue.pending(reader.models):
            self.catalogue.put_reading(key, reader.read(photos.load(path)))
        return number


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.catalogue.close()


def photo(upper: Colour, lower: Colour | None = None) -> Photo:
    pixels = np.full((64, 48, 3), upper, np.uint8)
    pixels[32:] = upper if lower is None else lower
    return photos.from_pixels(pixels)


def found(shop: Shop, query: Photo, filters: Filters | None = None, limit: int = 10, offset: int = 0) -> list[str]:
    """Per garment "region: ids"."""
    answer = shop.search.by_photo(query, filters or Filters(), limit, offset)
    return [f"{r.garment.region}: {' '.join(m.product.id for m in r.matches)}" for r in answer.results]


def test_each_garment_finds_its_own_kind_nearest_first(shop: Shop) -> None:
    shop.put("navy-white", NAVY, WHITE)
    shop.put("red-navy", RED, NAVY)
    shop.put("navyish", (40, 45, 80))
    assert found(shop, photo(NAVY, WHITE)) == ["upper: navy-white navyish red-navy", "lower: navy-white red-navy"]
    results = shop.search.by_photo(photo(NAVY, WHITE), Filters(), 10).results
    scores = [match.score for match in results[0].matches]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(1)
    assert results[1].garment_number == 1
    assert (results[1].matches[0].category, results[1].matches[0].colours) == ("jeans", ("white",))


def test_a_new_product_is_found_at_once_and_a_changed_one_too(shop: Shop) -> None:
    shop.put("red", RED)
    assert found(shop, photo(NAVY)) == ["upper: red"]
    shop.put("navy", NAVY)
    assert found(shop, photo(NAVY)) == ["upper: navy red"]
    shop.put("red", NAVY, RED)
    shop.put("navy", WHITE)
    assert found(shop, photo(NAVY)) == ["upper: red navy"]


def test_products_that_share_a_photo_are_both_found(shop: Shop) -> None:
    shop.put("a", NAVY)
    shop.put("b", NAVY)
    assert found(shop, photo(NAVY)) == ["upper: a b"]
    assert found(shop, photo(NAVY), limit=1) == ["upper: a"]


def test_a_product_stands_once_however_many_garments_it_shows(shop: Shop, tmp_path: Path) -> None:
    paths = [write_photo(tmp_path / f"p{i}.png", (28, 34, 62 + i)) for i in range(9)]
    shop.catalogue.put_product(build_product("many", "many"), paths)
    shop.put("other", RED)
    assert found(shop, photo(NAVY), limit=2) == ["upper: many other"]
    assert found(shop, photo(NAVY), limit=1, offset=1) == ["upper: other"]


def test_upper_and_outer_are_searched_together_and_whole_alone(shop: Shop) -> None:
    kinds = (("outer", "coat"), ("whole", "dress"), ("suit", "suit"), ("upper", "shirt"))
    for i, (region, category) in enumerate(kinds):
        shop.put(region, (28 + i, 34, 62), reader=ColourReader(halves=((region, category), ("lower", "jeans"))))
    assert {*found(shop, photo(NAVY))[0].removeprefix("upper: ").split()} == {"outer", "upper"}
    assert found(shop, photo(NAVY), Filters(region="outer")) == ["upper: outer"]
    assert found(shop, photo(NAVY), Filters(region="whole")) == []
    whole = ColourReader(halves=(("whole", "dress"), ("lower", "jeans")))
    search = Search(catalogue=shop.catalogue, index=ExactIndex(), reader=whole)
    assert [m.product.id for m in search.by_photo(photo(NAVY), Filters(), 9).results[0].matches] == ["whole"]


@pytest.mark.parametrize(
    ("filters", "answer"),
    [
        (Filters(max_price=10), ["upper: a", "lower: a"]),
        (Filters(min_price=11), ["upper: b", "lower: b"]),
        (Filters(colour="red"), ["upper: b", "lower: a"]),
        (Filters(region="lower"), ["lower: a b"]),
        (Filters(category="청바지"), ["lower: a b"]),
        (Filters(category="hoodie"), ["upper: "]),
        (Filters(category="jeans", colour="white"), ["lower: b"]),
        (Filters(region="head"), []),
    ],
)
def test_filters(shop: Shop, filters: Filters, answer: list[str]) -> None:
    shop.put("a", NAVY, RED, price=10.0)
    shop.put("b", RED, WHITE, price=20.0)
    shop.put("unpriced", NAVY, NAVY)
    got = found(shop, photo(NAVY, RED), filters)
    assert [line.replace(" unpriced", "").replace("unpriced ", "") for line in got] == answer


def test_an_unknown_price_passes_no_bound(shop: Shop) -> None:
    shop.put("unpriced", NAVY)
    assert found(shop, photo(NAVY), Filters(max_price=1e9)) == ["upper: "]


def test_a_photo_without_clothes_finds_nothing(shop: Shop) -> None:
    shop.put("a", NAVY)
    answer = shop.search.by_photo(photo((255, 0, 255)), Filters(), 10)
    assert answer.results == ()
    assert answer.look.garments == ()


def test_an_empty_catalogue_answers_empty(shop: Shop) -> None:
    assert found(shop, photo(NAVY)) == ["upper: "]
    assert shop.search.by_words("셔츠", Filters(), 10).matches == ()


def test_like_leaves_the_product_itself_out(shop: Shop) -> None:
    number = shop.put("a", NAVY, RED)
    shop.put("b", (30, 36, 66))
    shop.put("c", RED)
    assert [m.product.id for m in shop.search.like(number, Filters(), 10).matches] == ["b", "c"]
    assert [m.product.id for m in shop.search.like(number, Filters(region="lower"), 10).matches] == []
    with pytest.raises(CatalogueError, match="no product has number 99"):
        shop.search.like(99, Filters(), 10)


def test_a_catalogue_read_with_other_models_says_so(shop: Shop) -> None:
    number = shop.put("a", NAVY)
    newer = Search(catalogue=shop.catalogue, index=ExactIndex(), reader=ColourReader(version="colour.2"))
    for _ in range(2):
        with pytest.raises(CatalogueError, match="read with other models"):
            newer.by_photo(photo(NAVY), Filters(), 10)
    with pytest.raises(CatalogueError, match="read with other models"):
        newer.like(number, Filters(), 10)
    assert len(newer.by_words("a", Filters(), 10).matches) == 1


def test_words_find_titles_and_readings(shop: Shop) -> None:
    shop.put("a", NAVY, title="와이드 조거팬츠")
    shop.put("b", RED, title="Oxford")
    assert [m.product.id for m in shop.search.by_words("조거", Filters(), 10).matches] == ["a"]
    assert [m.product.id for m in shop.search.by_words("빨간색 셔츠", Filters(), 10).matches] == ["b"]
    assert [m.product.id for m in shop.search.by_words("shirt", Filters(colour="남색"), 10).matches] == ["a"]


@pytest.mark.parametrize("text", ["", "  ", "?!", "'\""])
def test_empty_words_are_refused(shop: Shop, text: str) -> None:
    with pytest.raises(QueryError, match="letter or a digit"):
        shop.search.by_words(text, Filters(), 10)


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (-1, 0), (100_000, 0), (5, -1)])
def test_limits_that_cannot_be_are_refused(shop: Shop, limit: int, offset: int) -> None:
    with pytest.raises(QueryError, match=r"limit|offset"):
        shop.search.by_words("셔츠", Filters(), limit, offset)
    with pytest.raises(QueryError, match=r"limit|offset"):
        shop.search.by_photo(photo(NAVY), Filters(), limit, offset)


def test_many_threads_search_while_products_come_in(shop: Shop) -> None:
    shop.put("first", NAVY)
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(found, shop, photo(NAVY)) for _ in range(30)]
        for i in range(15):
            shop.put(f"p{i}", (i, 40, 80))
        assert all(answer.result()[0].startswith("upper: ") and "first" in answer.result()[0] for answer in answers)
    assert len(found(shop, photo(NAVY), limit=100)[0].split()) == 17


def test_what_sources_say_is_filtered_and_counted(shop: Shop) -> None:
    shop.put("a", NAVY, gender="Women", source="x/one.csv")
    shop.put("b", (30, 36, 66), gender="남성", source="two")
    assert found(shop, photo(NAVY), Filters(gender="여자")) == ["upper: a"]
    assert found(shop, photo(NAVY), Filters(source="one.csv")) == ["upper: a"]
    assert found(shop, photo(NAVY), Filters(source="TWO")) == ["upper: b"]
    with pytest.raises(QueryError, match="unknown source 'tow'; did you mean two"):
        found(shop, photo(NAVY), Filters(source="tow"))
    [results] = shop.search.by_photo(photo(NAVY), Filters(gender="male"), 1, facets=True).results
    assert results.facets is not None
    assert (results.facets.products, dict(results.facets.gender)) == (1, {"female": 1, "male": 1})
    words = shop.search.by_words("shirt", Filters(gender="male"), 1, facets=True)
    assert words.facets is not None
    assert (words.facets.products, dict(words.facets.gender)) == (1, {"female": 1, "male": 1})


def test_components_and_styles_are_filtered_by_what_is_likely(shop: Shop) -> None:
    class Detailed(ColourReader):
        def read(self, photo: Photo) -> Look:
            look = super().read(photo)
            red = look.garments[0].colours[0].id == "red"
            sleeve = Label("long", 0.9, True) if red else Label("long", 0.3, False)
            pattern = Label("own_print", 0.6, False)
            first = replace(look.garments[0], components={"sleeve": sleeve, "pattern": pattern})
            return replace(look, garments=(first, *look.garments[1:]), style=Label("casual", 0.7, False))

    shop.reader = Detailed()
    shop.search = Search(catalogue=shop.catalogue, index=GrowingIndex(), reader=shop.reader)
    shop.put("unsure", NAVY)
    shop.put("sure", RED)
    for said in ({"sleeve": "long"}, {"소매": "긴팔"}, {"sleeve": "long", "pattern": "own print"}):
        assert found(shop, photo(NAVY), Filters(components=said)) == ["upper: sure"]
    assert found(shop, photo(NAVY), Filters(style="캐주얼")) == ["upper: unsure sure"]
    assert found(shop, photo(NAVY), Filters(style="street")) == ["upper: "]
    with pytest.raises(QueryError, match="unknown sleeve 'lnog'; did you mean long"):
        found(shop, photo(NAVY), Filters(components={"sleeve": "lnog"}))
    with pytest.raises(QueryError, match="unknown component 'sleve'; did you mean sleeve"):
        found(shop, photo(NAVY), Filters(components={"sleve": "long"}))


def test_photo_and_words_together(shop: Shop) -> None:
    shop.put("navy", NAVY, title="Oxford")
    shop.put("red", RED, title="Oxford")
    shop.put("plain", (30, 36, 66))

    def ask(words: str) -> list[str]:
        answer = shop.search.by_photo(photo(NAVY), Filters(), 9, words=words)
        return [match.product.id for results in answer.results for match in results.matches]

    assert ask("oxford") == ["navy", "red"]
    assert ask("in red") == ["red"]
    assert ask("the same, but red oxford") == ["red"]
    assert ask("바지") == []  # the photo shows no trousers
    assert ask("nowhere") == []


def test_what_is_too_far_is_left_out_and_said(shop: Shop) -> None:
    shop.put("near", (30, 36, 70))
    shop.put("far", (250, 240, 20))
    near = Bounds(similar=0.9, same=0.99, lead=0.05)
    cut = Search(
        catalogue=shop.catalogue, index=GrowingIndex(), reader=shop.reader, cutoff=Cutoff(flat=near, worn=near)
    )
    answer = cut.by_photo(photo(NAVY), Filters(), 9, facets=True)
    [results] = answer.results
    assert [(m.product.id, m.kind) for m in results.matches] == [("near", "same")]
    assert (answer.cut, results.nothing_similar) == (True, False)
    assert results.facets is not None
    assert results.facets.products == 1
    [green] = cut.by_photo(photo((0, 255, 120)), Filters(), 9).results
    assert (green.matches, green.nothing_similar) == ((), True)
    [none] = cut.by_photo(photo((0, 255, 120)), Filters(colour="pink"), 9).results
    assert (none.matches, none.nothing_similar) == ((), False)  # the filter left nothing to compare with
    uncut = shop.search.by_photo(photo(NAVY), Filters(), 9)
    assert [m.kind for m in uncut.results[0].matches] == ["", ""]
    assert not uncut.cut


def test_other_kinds_are_left_out_where_the_kind_is_sure(shop: Shop) -> None:
    shop.put("jeans", NAVY, reader=ColourReader(halves=(("lower", "jeans"), ("feet", "boots"))))
    wide = Bounds(similar=-1.0, same=2.0, lead=2.0)
    for category, ids in (("skirt", []), ("trousers", ["jeans"]), ("own_kind", ["jeans"])):
        reader = ColourReader(halves=(("lower", category), ("feet", "boots")))
        search = Search(
            catalogue=shop.catalogue, index=GrowingIndex(), reader=reader, cutoff=Cutoff(flat=wide, worn=wide)
        )
        [results] = search.by_photo(photo(NAVY), Filters(), 9).results
        assert [match.product.id for match in results.matches] == ids


def test_filters_alone_find_what_passes_them_main_garments_first_then_the_newest(shop: Shop) -> None:
    shop.put("1", NAVY, price=10.0)
    shop.put("2", RED, lower=NAVY, price=20.0)
    shop.put("3", WHITE, price=30.0)
    shop.put("4", NAVY, price=40.0)
    shop.catalogue.put_product(build_product("5", "no photo", price=50.0), [])

    def ids(filters: Filters) -> list[str]:
        return [match.product.id for match in shop.search.by_filters(filters, 10).matches]

    assert ids(Filters(colour="navy")) == ["4", "1", "2"]
    assert ids(Filters(colour="navy", min_price=15.0)) == ["4", "2"]
    assert ids(Filters(min_price=25.0, max_price=45.0)) == ["4", "3"]
    assert ids(Filters(max_price=1.0)) == []
    assert ids(Filters()) == ["4", "3", "2", "1", "5"]


def test_filters_alone_are_paged_and_counted_like_any_answer(shop: Shop) -> None:
    for number in range(5):
        shop.put(str(number), NAVY if number % 2 else RED, price=float(number))
    seen: list[str] = []
    after = None
    for _ in range(3):
        found = shop.search.by_filters(Filters(), 2, after=after, facets=True)
        seen += [match.product.id for match in found.matches]
        after = found.next
    assert (seen, after) == (["4", "3", "2", "1", "0"], None)
    assert found.facets is not None
    assert (found.facets.products, dict(found.facets.colour)) == (5, {"red": 3, "navy": 2})
    with pytest.raises(QueryError, match="swap them"):
        shop.search.by_filters(Filters(min_price=2.0, max_price=1.0), 10)
