"""Who answers while the database is brought up to date or the demo is built: nobody hangs, and machines know.

Runs in a process of its own, on the port that web takes over.
"""

import socket
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

AGAIN_SECONDS = 3
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="{seconds}">
<title>Rapport is preparing</title>
<style>:root {{ color-scheme: light dark; font: 1.125rem/1.5 system-ui }} main {{ max-width: 32rem;
margin: 20vh auto; padding: 1rem }}</style>
<main><h1>Rapport is preparing</h1>
<p>The database is being brought up to date. This page opens by itself as soon as that is done.</p></main>
</html>
"""


def serve(listening: socket.socket) -> int:
    """Answer on ``listening`` until the process is ended."""
    server = ThreadingHTTPServer(listening.getsockname()[:2], _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.serve_forever()
    return 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    server_version, sys_version = "Rapport", ""
    timeout = 5

    def do_GET(self) -> None:
        """Say that we are alive, but not ready."""
        if self.path == "/healthz":
            self._answer(HTTPStatus.OK, "text/plain", "ok\n")
        elif self.path == "/readyz":
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", "preparing\n")
        else:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/html", PAGE.format(seconds=AGAIN_SECONDS))

    do_HEAD = do_POST = do_GET  # noqa: N815  the library names them

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.send_header("Retry-After", str(AGAIN_SECONDS))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
