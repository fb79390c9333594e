"""The web process: uvicorn on one port."""

import asyncio
import gc
import resource
import socket

import uvicorn

from rapport.config import greeting
from rapport.config.asgi import Application

GRACE_SECONDS = 3


class Server(uvicorn.Server):
    """A server that ends the open streams first when it stops, as they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, application: Application, url: str) -> None:
        super().__init__(config)
        self._application = application
        self._url = url
        self._first_pages: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say on standard output that people can come."""
        await super().startup(sockets)
        if self.started:
            print(f"ready {self._url}\n{greeting.take()}", end="", flush=True)  # noqa: T201
            self._first_pages = asyncio.create_task(self._application.make_first_pages())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: no new connections, streams ended, requests given a few seconds."""
        self._application.live.hub.end_all()
        await super().shutdown(sockets)


def raise_open_files() -> None:
    """Allow as many open files as the system lets us: each stream is one."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def serve(*, bind: str, port: int, url: str, sockets: list[socket.socket] | None = None) -> None:
    """Answer requests on ``bind``:``port`` (or on ``sockets``) until SIGTERM or SIGINT."""
    from rapport.config.asgi import application

    raise_open_files()
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        application,
        host=bind,
        port=port,
        interface="asgi3",
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Forwarded headers are believed where settings say so, never because a header is there.
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=2048,
    )
    Server(config, application, url).run(sockets)
