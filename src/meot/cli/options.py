"""Options that several commands take."""

from __future__ import annotations

import click

encoder_option = click.option(
    "--encoder",
    metavar="NAME",
    help="Take the vectors of your own encoder: open_clip:MODEL/PRETRAINED, timm:MODEL ... (docs/encoders.md).",
)
