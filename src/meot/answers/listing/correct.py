"""What a person says of drafts: facts and corrections. They win, stay, and teach what photos can show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from meot.answers import teaching
from meot.answers.listing import facts
from meot.answers.listing.answer import CATEGORY, DETAILS
from meot.answers.listing.draft import Draft, make
from meot.answers.listing.stored import of_stored, to_store
from meot.answers.subject import Wish, understand
from meot.catalogue.drafts import ChangedError, Drafts, StoredDraft
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError, QueryError
from meot.labels.lessons import CATEGORY as CATEGORY_LESSON
from meot.labels.lessons import COMPONENT, Lesson
from meot.labels.likeness import Likeness
from meot.taxonomy import Taxonomy
from meot.types import Reader

Said = tuple[Mapping[str, str], Mapping[str, str]]
"""The facts of a draft, and its corrections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """draft: as it is now. lessons: what the photos taught. untaught: (field, reason) of corrections that only count
    for this product.
    """

    draft: Draft
    lessons: tuple[Lesson, ...] = ()
    untaught: tuple[tuple[str, str], ...] = ()


def correct(
    drafts: Drafts,
    product: str,
    values: Mapping[str, str],
    taxonomy: Taxonomy,
    lessons: Sequence[Lesson] = (),
    seen: StoredDraft | None = None,
) -> Draft:
    """The draft of a product with these corrections, kept; an empty value takes a correction back.

    What others correct at the same moment stays. seen: what the draft must still be, for who insists on that.
    QueryError for an unknown field or value, CatalogueError when there is no such draft, ChangedError when it is not
    what was seen; nothing is changed then.
    """
    taught = {lesson.name: lesson.names for lesson in lessons if lesson.kind == CATEGORY_LESSON}
    said = {name: facts.check(name, text, taxonomy, taught) for name, text in values.items() if text}

    def change(before: Draft) -> Said:
        kept = {name: value for name, value in {**before.corrected, **said}.items() if values.get(name, "-")}
        return before.given, kept

    return _keep(drafts, product, change, taxonomy, seen)


def give(drafts: Drafts, said: Mapping[str, Mapping[str, str]], taxonomy: Taxonomy) -> int:
    """Lay facts, as :func:`meot.answers.listing.facts.read` gives them, under every draft of their products.

    How many drafts there were. A cell that is empty leaves what was said before; corrections win over facts.
    """
    known = [(stored.product, found) for stored in drafts.all() if (found := facts.of(stored.product, said))]
    for product, found in known:
        _keep(drafts, product, partial(_with_given, found), taxonomy)
    return len(known)


def _with_given(found: Mapping[str, str], before: Draft) -> Said:
    return {**before.given, **found}, before.corrected


def _keep(
    drafts: Drafts,
    product: str,
    change: Callable[[Draft], Said],
    taxonomy: Taxonomy,
    seen: StoredDraft | None = None,
) -> Draft:
    """The draft anew, from the readings that there are, kept; tried again when somebody was faster."""
    while True:
        stored = drafts.get(product) if seen is None else seen
        before = of_stored(stored)
        given, corrected = change(before)
        after = make(
            before.product,
            before.photos,
            taxonomy,
            models=before.models,
            given=given,
            corrected=corrected,
            threshold=before.threshold,
            left_out=before.left_out,
        )
        try:
            drafts.put(to_store(after), seen=stored)
        except ChangedError:
            if seen is not None:
                raise
        else:
            return after


def teach(
    draft: Draft,
    fields: Sequence[str],
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    load_likeness: Callable[[], Likeness],
    build_reader: Callable[[], Reader],
) -> Correction:
    """Make lessons of what was corrected, where photos can show it: category and details.

    Only photos of the product alone teach, that is flat lays, or all of them when none lies flat. ``build_reader`` is
    asked for a reader that was not taught, and it and ``load_likeness`` only when there is something to teach.
    """
    wanted = [field for field in fields if field in (CATEGORY, *DETAILS) and field in draft.corrected]
    files = [r.file.path for r in draft.photos if not r.worn and r.garments] or [r.file.path for r in draft.photos]
    lessons: list[Lesson] = []
    untaught: list[tuple[str, str]] = []
    reader: Reader | None = None
    for field in wanted:
        wish = _wish(field, draft.corrected[field])
        try:
            about = understand(wish, catalogue.lessons()[1], taxonomy)
            reader = reader or build_reader()
            gathered = teaching.gather(about, files, reader)
            lessons.append(teaching.store(catalogue, about, gathered, load_likeness()))
        except (QueryError, CatalogueError) as error:
            untaught.append((field, str(error)))
    return Correction(draft=draft, lessons=tuple(lessons), untaught=tuple(untaught))


def _wish(field: str, value: str) -> Wish:
    if field == CATEGORY:
        return Wish(kind=CATEGORY_LESSON, name=value)
    return Wish(kind=COMPONENT, question=field, name=value)
