"""A small client of the service, for programs: ``pip install 'meot[client]'``.

>>> from meot.client import Client
>>> shop = Client("http://127.0.0.1:8000", token="meot_...")       # doctest: +SKIP
>>> look = shop.read("street.jpg")                                  # doctest: +SKIP
>>> [match["title"] for match in shop.search("navy shirt")]         # doctest: +SKIP
"""

from __future__ import annotations

from meot.client.calls import RefusedError as RefusedError
from meot.client.calls import UnansweredError as UnansweredError
from meot.client.client import Client as Client

__all__ = ["Client", "RefusedError", "UnansweredError"]
