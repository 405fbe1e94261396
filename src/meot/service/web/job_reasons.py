"""Why a job failed, or a source was left as it was, in a visitor's language: kept as an English sentence, told anew."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from meot.service.next_steps import for_pages

if TYPE_CHECKING:
    from meot.service.web.voice import Voice

_LONGEST = 200
_MOST_READ = 4000
"""Characters that are looked at: others may have had a say in a reason, and each pattern looks at it many times."""
_KINDS: dict[str, tuple[str, ...]] = {
    "died": (r"its worker died \d+ times; .*",),
    "ours": (r"a fault of ours, .*",),
    "photos_gone": (
        r"the photos of this job are gone; .*",
        r".* is no longer there; send it again",
        r".*: expected photos of products, got none; .*",
    ),
    "fewer": (r"(?P<source>.*): names only (?P<named>\d+) of its (?P<alive>\d+) products.*",),
    "no_products": (r"(?P<source>.*): (?:expected products, got none|expected a product a row|no photos in this ).*",),
    "not_fetched": (r"(?P<source>.*): cannot be fetched \((?P<error>.*)\); .*",),
    "no_column": (r"(?P<source>.*): column (?P<missing>.*) is missing; .*",),
    "unwritable": (
        r".*: cannot be (?:written|deleted) \(.*",
        r".*: photos cannot be kept there \(.*",
        r".*: the photo's copy cannot be written \(.*",
        r"(?:a photo|photos of drafts) cannot be (?:kept|deleted) \(.*",
        r".*: expected a catalogue that can be written, got a read-only one; .*",
        r".*: the disk cannot be read or written; .*",
    ),
    "full": (
        r".*: the disk is full; .*",
        r"cannot write .*; free some space, then try again",
        r".*: the temporary folder cannot be written \(.*",
        r"the word index cannot be kept \(.*",
    ),
    "locked": (
        r".*: another program has been writing for .*",
        r"another process is writing the word index for long; .*",
    ),
    "away": (r".*: the database server cannot be reached; .*", r".*: the database server's name leads nowhere; .*"),
    "database": (
        r".*: the database server does not let this user in; .*",
        r".*: the database (?:is damaged|cannot be opened); .*",
        r".*: the server has no such database\b.*",
        r".*: no (?:catalogue|closet) here; .*",
        r".*: its (?:driver is not installed|folder does not exist); .*",
        r".*: expected (?:a meot catalogue|a catalogue|a database|an address with a database's name).*",
        r"(?:catalogue must be|the catalogue's address cannot be read).*",
    ),
    "other_models": (
        r"expected vectors of .*",
        r"expected workers that read with .*",
        r"the catalogue was read with other models than these .*",
    ),
    "index": (
        r"(?:the|there is no) index in .*",
        r"the manifest of the index in .*",
        r"the word index is closed; .*",
    ),
    "workers": (
        r"(?:.*: )?the scheduler (?:has no worker|does not answer|is gone); .*",
        r".*: no scheduler answers \(.*",
        r".* takes no shard \(.*",
        r".*\bshard \d+ (?:is lost|was made again).*",
        r"a worker died with shard .*",
        r".*: every worker that was given it died; .*",
    ),
    "not_opened": (r"(?P<file>.*): cannot be opened \(.*", r"(?P<file>.*): not found; .*"),
    "bad_photo": (r"(?:.*: )?(?:photo |expected a photo|expected pixels).*",),
    "not_readable": (
        r"(?P<source>.*): expected (?:a CSV|a feed|a file|a page|a product feed|a Shopify export|an 11st answer).*",
        r"(?P<source>.*): expected (?:an XML feed|one of|text in|.* got a damaged file).*",
    ),
    "no_format": (r"no format is called (?P<got>.*?); .*",),
    "no_source": (r"no source is called .*", r".*: this catalogue has no sources yet; .*"),
    "changed": (r".* was changed meanwhile; .*",),
    "bad_name": (
        r"a (?:person|product|source)'s (?:name|address) must have .*",
        r".* is the source of other products already; .*",
        r".*: expected a source that is not in yet, .*",
        r"expected the SHA-256 of a photo, .*",
    ),
    "not_there": (
        r"(?:.*: )?no draft is called .*",
        r"no (?:photo|garment|product|job) (?:\S+ in this closet|has (?:number|key)).*",
        r"nothing was said to be not alike, .*",
    ),
}
"""Kind of reason -> the sentences that it is kept in; the first that fits counts. What they name is told with it."""
_PATTERNS = [(key, re.compile(each, re.DOTALL)) for key, patterns in _KINDS.items() for each in patterns]


class Told(NamedTuple):
    """said: the reason. original: the English sentence, where ``said`` is what can be said of any; "" otherwise."""

    said: str
    original: str


def tell_job(reason: str, say: Voice) -> Told:
    """Why a job failed, of the sentence that is kept of it."""
    for key, pattern in _PATTERNS:
        if found := pattern.fullmatch(reason[:_MOST_READ]):
            named = {name: (text or "")[:_LONGEST] for name, text in found.groupdict().items()}
            return Told(say(f"job_reason.{key}", **named), "")
    return Told(say("job_reason.other"), for_pages(reason))
