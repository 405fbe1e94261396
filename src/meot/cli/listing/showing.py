"""What goes out, and what people are told about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from meot.cli.options import place_name

if TYPE_CHECKING:
    from meot.answers.listing.draft import Draft
    from meot.answers.listing.outgoing import Written

_BAR_FROM = 20
"""Photos from which a progress bar is worth its line."""
_MOST_NAMED = 5


class Going(NamedTuple):
    """How listings go out. root: folder that ``photos_at`` stands for."""

    to: str | None
    out: Path | None
    language: str
    photos_at: str | None
    root: Path


def finish(drafts: Sequence[Draft], going: Going, where: str, as_json: bool, summary: Mapping[str, Any]) -> int:
    """Write and report; 1 when a product failed or had to be left out, else 0."""
    from meot import taxonomy
    from meot.answers.listing import outgoing

    written = _write(drafts, going)
    if as_json:
        told = [outgoing.tell(draft, going.to, going.language, taxonomy.load()) for draft in drafts]
        left = [] if written is None else [{"product": name, "reason": reason} for name, reason in written.left]
        said = {**summary, "kept_in": where, "left": left, "drafts": told}
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        _report(drafts, going, where, written)
    failed = any(draft.state == "failed" for draft in drafts)
    return 1 if failed or (written is not None and written.left) else 0


def _write(drafts: Sequence[Draft], going: Going) -> Written | None:
    """What goes out, stored when there is a file for it; None without a format."""
    if going.to is None:
        return None
    from meot import taxonomy
    from meot.answers.listing import item, outgoing

    if going.photos_at is not None:
        place = item.photos_at(going.photos_at, going.root)
    else:
        place = item.photos_beside(going.out)
    written = outgoing.write(drafts, going.to, language=going.language, place=place, taxonomy=taxonomy.load())
    if going.out is not None:
        going.out.write_text(written.text, encoding="utf-8", newline="")
    return written


def _report(drafts: Sequence[Draft], going: Going, where: str, written: Written | None) -> None:
    """Lines for people; where the listings themselves are the output, the lines go to stderr."""
    aside = written is not None and going.out is None
    if written is not None and aside:
        click.echo(written.text, nl=False)
    if written is None:
        for draft in drafts:
            click.echo("\n".join(tell_lines(draft, going.language)))
    for line in _left_out(written.left if written is not None else ()):
        click.echo(f"meot: {line}", err=True)
    counts = {state: sum(draft.state == state for draft in drafts) for state in ("sure", "review", "failed")}
    said = f"{counts['sure']} sure, {counts['review']} to review, {counts['failed']} failed"
    text = f"{place_name(where)}: {len(drafts)} products, {said}"
    if written is not None and going.out is not None:
        text += f"; {written.count} written to {going.out}"
    click.echo(text, err=aside)
    if counts["review"]:
        click.echo(f"see `meot list review {place_name(where)}`", err=True)


def _left_out(left: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A line a reason, with the first products that it is the reason of."""
    reasons: dict[str, list[str]] = {}
    for name, reason in left:
        reasons.setdefault(reason, []).append(name)
    for reason, names in reasons.items():
        shown, more = ", ".join(names[:_MOST_NAMED]), len(names) - _MOST_NAMED
        rest = f" and {more} more" if more > 0 else ""
        yield f"{shown}{rest} {'is' if len(names) == 1 else 'are'} left out: {reason}"


def tell_lines(draft: Draft, language: str) -> Iterator[str]:
    """A draft for people: its title, what is open, what to ask."""
    from meot import taxonomy
    from meot.answers.listing import outgoing
    from meot.answers.listing.wording import Writer

    writer = Writer(language=language, taxonomy=taxonomy.load())
    reason = f": {draft.reason}" if draft.reason else ""
    more = f", {draft.left_out} more left out" if draft.left_out else ""
    count = len(draft.photos)
    yield f"{draft.product} ({count} photo{'' if count == 1 else 's'}{more}): {draft.state}{reason}"
    title = writer.write(draft.values).title
    if title:
        yield f"  {title}"
    for field, answer in draft.review.items():
        said = ", ".join(f"{id} {score:.0%}" for id, score in answer.candidates.items())
        yield f"  {field}? {said}"
    asked = outgoing.ask(draft, None, writer)
    if asked:
        yield f"  to be said: {', '.join(field for field in asked if field not in draft.review)}"


class Bar:
    """A progress bar on stderr for many photos."""

    def __init__(self) -> None:
        self._bar: Any = None

    def show(self, done: int, total: int) -> None:
        """Move the bar; it appears with the first news of many photos."""
        if self._bar is None:
            if total < _BAR_FROM:
                return
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="photo", file=sys.stderr, mininterval=0.1 if sys.stderr.isatty() else 5)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
