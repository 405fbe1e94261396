"""Text files in the encodings that shops use, and their rows, read as a stream."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from meot.catalogue.sources.entry import Broken
from meot.errors import CatalogueError

BLOCK = 1 << 18
_RUN = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # wide signs count in Korean and Japanese spreadsheets
_OTHER_NAMES = {"ksc56011987": "cp949", "ms949": "cp949", "xwindows949": "cp949", "euckr": "cp949", "gbk": "gb18030"}
_TAKEN = frozenset({"cp949", "shift_jis", "cp932", "euc_jp", "gb18030", "big5", "cp1252", "iso8859-1", "iso8859-15"})


def encoding_of(file: Path, *, declared: str = "") -> str:
    """The encoding that fits the whole file: its mark, UTF-8, the one it declares, CP949, in this order.

    CatalogueError when none does, or the file cannot be opened.
    """
    with open_bytes(file) as head:
        mark = head.read(2)
    if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        tried = ["utf-16"]
    else:
        tried = ["utf-8-sig", *known_encoding(declared), "cp949"]
    for encoding in tried:
        if _fits(file, encoding):
            return encoding
    raise CatalogueError(
        f"{file}: expected text in UTF-8, UTF-16 or CP949, got another encoding; save it as UTF-8",
        "no_text",
        file=file.name,
    )


def known_encoding(declared: str) -> list[str]:
    """The Python name of a declared encoding in a list; an empty list for one that is not taken."""
    try:
        name = codecs.lookup(_OTHER_NAMES.get("".join(filter(str.isalnum, declared.lower())), declared)).name
    except (LookupError, ValueError):
        return []
    return [name] if name in _TAKEN else []


def _fits(file: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with open_bytes(file) as stream:
        try:
            while block := stream.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def open_bytes(file: Path) -> BinaryIO:
    """The file, opened for its bytes. CatalogueError when it cannot be."""
    try:
        return file.open("rb")
    except OSError as error:
        raise CatalogueError(f"{file}: cannot be opened ({error.strerror or error}); check the path") from None


def open_text(file: Path, *, declared: str = "") -> TextIO:
    """The file, opened for its text, line ends as they are. CatalogueError when it cannot be."""
    return file.open(encoding=encoding_of(file, declared=declared), newline="")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of text: its header, and each row with the line where it ends, or why it cannot be used."""

    header: list[str]
    rows: Iterator[tuple[int, list[str]] | Broken]


@contextmanager
def open_sheet(file: Path) -> Iterator[Sheet]:
    """A CSV separated by comma, semicolon or tab. CatalogueError when it cannot be read or has no header."""
    with open_text(file) as stream:
        head = stream.readline(BLOCK)
        stream.seek(0)
        rows = csv.reader(stream, delimiter=max(",;\t", key=head.count), strict=True)
        try:
            header = next(rows)
        except (StopIteration, csv.Error):
            said = f"{file}: expected a CSV with a header line, got none; mend it"
            raise CatalogueError(said, "no_header", file=file.name) from None
        yield Sheet([name.strip() for name in header], _rows(rows, file.name, len(header)))


def _rows(rows: Iterator[list[str]], file: str, width: int) -> Iterator[tuple[int, list[str]] | Broken]:
    while True:
        problem = ""
        try:
            cells = next(rows, None)
        except csv.Error as error:
            cells, problem = [], f"row is broken ({error}); mend it"
        if cells is None:
            return
        line = rows.line_num  # type: ignore[attr-defined]
        filled = any(cell.strip() for cell in cells)
        if filled and len(cells) != width:
            problem = f"expected {width} cells as in the header, got {len(cells)}; mend the row"
        if problem:
            yield Broken(name_line(file, line), problem, hides=True)
        elif filled:
            yield line, [unguard(cell.strip()) for cell in cells]


def guard(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would run (``=``, ``+``, ``-``, ``@``, tab ...)."""
    return f"'{cell}" if _RUN.match(cell) else cell


def unguard(cell: str) -> str:
    """The cell before :func:`guard`, whoever guarded it; every other cell as it is."""
    return cell[1:] if cell.startswith("'") and _RUN.match(cell) else cell


def name_line(file: str, line: int) -> str:
    """How a row is spoken of."""
    return f"{file} line {line}"
