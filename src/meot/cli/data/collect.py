"""``meot data collect``: photos for training from web pages that allow it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from meot.data.crawl.plan import Summary

_COUNT = click.IntRange(min=1)
_WORDS = {
    "taken": "new photos",
    "duplicate": "duplicates",
    "small": "too small",
    "unreadable": "no photo, or damaged",
    "robots": "not allowed by robots.txt",
    "reserved": "reserved by their page",
    "failed": "failed",
}
_HELP = """Gather photos of one class from web pages that allow it.

ADDRESS is a page with pictures, or a picture; {keyword} in it stands for each --keyword. robots.txt is obeyed, crawl
delays and "come back later" too. Photos are put in FOLDER/NAME, what is known of each (page, address, alt text,
caption, licence notes, time, checksum) in FOLDER/collected.jsonl, and all photos of the folder in FOLDER/table.jsonl.
Stopped by Ctrl-C, the same command goes on; run again, it takes only what is new. Whether you may train on what you
collect is yours to judge: notes are what pages say, and where a page says nothing, nothing is known."""


@click.command("collect", help=_HELP)
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@click.option("--into", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder.")
@click.option("--class", "name", default="", help="What the photos show; names their folder in FOLDER.")
@click.option("--question", default="category", show_default=True, help="What the class answers: style, collar ...")
@click.option("--keyword", "keywords", multiple=True, help="Fills {keyword} in an address; may be given many times.")
@click.option("--follow", metavar="PATTERN", help="Follow links, on the hosts of ADDRESS, that hold this regex.")
@click.option("--depth", type=click.IntRange(min=0), default=1, show_default=True, help="How many links away.")
@click.option("--pages", type=_COUNT, default=1000, show_default=True, help="Ask for so many pages at most.")
@click.option("--most", type=_COUNT, help="End when the class has so many photos in FOLDER.")
@click.option("--min-side", type=click.IntRange(min=32), default=200, show_default=True, help="Shortest side, px.")
@click.option(
    "--delay", type=click.FloatRange(min=0), default=1.0, show_default=True, help="Least seconds between requests."
)
@click.option("--private-hosts", is_flag=True, help="Allow addresses in private networks, for a site of your own.")
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")
def command(
    addresses: tuple[str, ...],
    keywords: tuple[str, ...],
    private_hosts: bool,
    follow: str | None,
    depth: int,
    as_json: bool,
    **options: Any,
) -> int:
    """Collect and say what came of it. The exit status is 1 when no photo of the class is there, 130 when stopped."""
    from meot.data.crawl.plan import Plan, fill
    from meot.data.crawl.run import collect

    plan = Plan(
        addresses=fill(addresses, keywords),
        private_hosts=("*",) if private_hosts else (),
        follow=follow,
        depth=depth if follow is not None else 0,
        **options,
    )
    summary = collect(plan, show=not as_json)
    click.echo(json.dumps(summary.as_json(), ensure_ascii=False) if as_json else _text(summary))
    return 130 if not summary.finished else 0 if summary.photos else 1


def _text(summary: Summary) -> str:
    lines = [f"{summary.counts[outcome]:6} {words}" for outcome, words in _WORDS.items() if summary.counts[outcome]]
    lines += [f"       {reason}" for reason in summary.reasons]
    lines.append(f"{summary.pages:6} pages read; {summary.photos} photos of this class in the folder")
    last = f"next: meot data check {summary.table}" if summary.finished else "stopped; run the same command to go on"
    return "\n".join([*lines, last])
