"""What the service writes down: one line a request and a line a fault, for people or as JSON, on the error output.

Written are methods, routes, statuses, times, numbers. Never: what visitors sent (query strings, forms, photos, names,
tokens, keys in addresses), nor, unless it is asked for, where from.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Any, TextIO

from meot.errors import MeotError
from meot.service.observed import Observation, Observer

_REQUESTS = logging.getLogger("meot.requests")
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_TOLD = (MeotError, AttributeError, TypeError, NameError, ImportError, AssertionError, MemoryError)
"""Errors whose message is of the code's making; another's may hold what a visitor sent."""
_SECRET = re.compile(r"meot_[\w-]+|(?<=://)[^/@\s]+(?=@)")
_FIELDS = "fields"


def set_up(style: str, output: TextIO | None = None) -> None:
    """Write to ``output`` (None: the error output): "json" and "text" a line a request, "quiet" only warnings, faults.

    Takes the place of what an earlier call set up.
    """
    handler = logging.StreamHandler(output or sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    for name in ("meot", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    if style != "quiet":
        for name in ("meot.requests", "meot.jobs"):
            logging.getLogger(name).setLevel(logging.INFO)


def log_requests(*, addresses: bool) -> Observer:
    """What writes a line a request. addresses: whether visitors' are written, too."""

    def write(seen: Observation) -> None:
        fields: dict[str, object] = {
            "method": seen.method,
            "route": seen.route,
            "status": seen.status,
            "ms": round(seen.seconds * 1000, 1),
            "request": seen.id,
        }
        if seen.person is not None:
            fields["person"] = seen.person
        if addresses:
            fields["address"] = seen.address
        fault = seen.error
        info = None if fault is None else (type(fault), fault, fault.__traceback__)
        level = logging.ERROR if fault is not None else logging.DEBUG if seen.route in _PROBES else logging.INFO
        _REQUESTS.log(level, "request", extra={_FIELDS: fields}, exc_info=info)

    return write


class JsonLines(logging.Formatter):
    """Each record as one JSON object: time, level, logger, message, and the fields of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        said: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _plain(record.getMessage()),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            said["fault"] = list(_tell_fault(record.exc_info[1]))
        return json.dumps(said, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Each record as a line for people; a fault's frames stand below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        fields = getattr(record, _FIELDS, None)
        if fields is None:
            text = _plain(record.getMessage())
        else:
            more = " ".join(f"{name}={value}" for name, value in fields.items() if name not in _LEADING)
            text = f"{fields['method']} {fields['route']} {fields['status']} {fields['ms']} ms {more}"
        lines = [f"{_time(record)} {record.levelname.lower()} {text}"]
        if record.exc_info and record.exc_info[1] is not None:
            lines += [f"    {line}" for line in _tell_fault(record.exc_info[1])]
        return "\n".join(lines)


_LEADING = ("method", "route", "status", "ms")


def _tell_fault(error: BaseException) -> Iterator[str]:
    """The frames of an error and of what caused it, and its kind; its message only when that is the code's own."""
    if error.__cause__ is not None:
        yield from _tell_fault(error.__cause__)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"
    message = str(error) if isinstance(error, _TOLD) else getattr(error, "strerror", None) or "(message left out)"
    yield _plain(f"{type(error).__name__}: {message}")


def _plain(text: str) -> str:
    """Without tokens and passwords, and on one line, so that nobody writes lines of their own."""
    return _SECRET.sub("***", text).translate(dict.fromkeys((*range(32), 127), " "))


def _time(record: logging.LogRecord) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03d}Z"


def _is_news(record: logging.LogRecord) -> bool:
    """Whether the server's own record tells something: a fault of the application is in our line already."""
    return not record.getMessage().startswith("Exception in ASGI application")
