"""Options that several commands take."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

encoder_option = click.option(
    "--encoder",
    metavar="NAME",
    help="Take the vectors of your own encoder: open_clip:MODEL/PRETRAINED, timm:MODEL ... (docs/encoders.md).",
)
workers_option = click.option(
    "--workers", metavar="N|ADDRESS", help="Read photos in N processes, or on a cluster; see docs/scale.md."
)


def read_price(_context: click.Context, option: click.Parameter, typed: str | None) -> float | None:
    """A callback for an option that is a price. QueryError, in the typed signs, for one that cannot be."""
    from meot.answers import filters

    return None if typed is None else filters.read_price(option.opts[0], typed)


def place_name(where: str) -> str:
    """Where a catalogue lies, as it is printed: an address without its password."""
    from meot.catalogue.place import Place

    return Place.of(where).name


def parse_headers(texts: Iterable[str]) -> dict[str, str]:
    """Headers written as ``NAME:VALUE``. click.BadParameter for anything else."""
    return dict(map(_parse_header, texts))


def _parse_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z0-9-]+", name) or not re.fullmatch(r"[\x20-\x7e]*", value):
        raise click.BadParameter("expected NAME:VALUE in plain letters, as in 'X-Naver-Client-Id: abc'")
    return name, value.strip()
