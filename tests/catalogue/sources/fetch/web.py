"""A web server for tests, of good or bad behaviour."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Act = Callable[["Visit"], None]


class Visit(BaseHTTPRequestHandler):
    """One request; ``site.routes`` says what happens."""

    server: Site

    def do_GET(self) -> None:
        self.server.visits.append(self.path)
        self.server.asked.append({name.lower(): value for name, value in self.headers.items()})
        act = self.server.routes.get(self.path.partition("?")[0])
        try:
            if act is None:
                self.answer(b"not here", status=404)
            else:
                act(self)
        except OSError:
            return  # the other side went away, as it should from a server like this

    def answer(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        """A whole answer; header names are written with ``_`` for ``-``."""
        self.begin(status=status, Content_Length=str(len(body)), **headers)
        self.wfile.write(body)

    def begin(self, *, status: int = 200, **headers: str) -> None:
        """Status and headers only."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Site(ThreadingHTTPServer):
    """routes: path -> what happens. visits: the paths that were asked for; asked: the headers of each."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, routes: dict[str, Act]) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.routes, self.visits = routes, list[str]()
        self.asked: list[dict[str, str]] = []

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@contextmanager
def serve(routes: dict[str, Act]) -> Iterator[Site]:
    """A server on this machine, for a block."""
    with Site(routes) as site:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield site
        finally:
            site.shutdown()
