"""``meot data get``: public data sets."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(help="Download a public data set; without NAME, list those that are known.")
@click.argument("name", required=False)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to put it in.")
@click.option("--url", help="Download this address instead of a known set.")
@click.option("--sha256", help="What the checksum must be; for a set of one file.")
@click.option("--unpack/--no-unpack", default=True, show_default=True, help="Unpack archives beside themselves.")
def command(name: str | None, out: Path | None, url: str | None, sha256: str | None, unpack: bool) -> None:
    """Fetch every file of a set, say its checksum, and unpack it."""
    from meot.data import collect
    from meot.data.download import fetch
    from meot.data.unpack import unpack as unpack_archive

    if name is None and url is None:
        click.echo(_known())
        return
    if out is None:
        raise click.UsageError("give --out FOLDER to put it in")
    files = (collect.File(url),) if url else collect.source(name or "").files
    if sha256 is not None:
        if len(files) != 1:
            raise click.UsageError(f"{name} has {len(files)} files; --sha256 is for a set of one")
        files = (files[0]._replace(checksum=f"sha256:{sha256}"),)
    for file in files:
        found = fetch(file.url, out, checksum=file.checksum, name=file.name)
        click.echo(f"{found.file}: {'downloaded' if found.new else 'there already'}, sha256 {found.sha256}")
        click.echo(f"  verified by: {found.proven}")
        folder = unpack_archive(found.file) if unpack else None
        if folder is not None:
            click.echo(f"  unpacked in {folder}")
    if not url and name:
        click.echo(f"licence: {collect.SOURCES[name].licence}; {collect.SOURCES[name].page}")


def _known() -> str:
    from meot.columns import pad
    from meot.data.collect import SOURCES

    lines = []
    for name, source in SOURCES.items():
        how = source.size if source.files else "ask its owner"
        lines.append(f"{pad(name, 26)}{source.title}\n{'':26}{source.licence}; {how}; {source.page}")
    return "\n".join(lines)
