"""One port: /live is our own small ASGI app, everything else is Django as WSGI in a pool of threads.

A request costs a tenth of the CPU this way: Django's middleware under ASGI hops between threads.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from a2wsgi import WSGIMiddleware

from rapport.config.gate import Gate
from rapport.config.settings import ENVIRONMENT
from rapport.config.wsgi import application as pages
from rapport.kernel.live.app import LiveApp

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Application:
    """Chooses between the live app and the pages by the path; starts and stops the hub with the server."""

    def __init__(self) -> None:
        self.live = LiveApp()
        middleware: Any = WSGIMiddleware
        self._pages: Any = middleware(Gate(pages), workers=ENVIRONMENT.web_threads)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or the server's lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["path"] == "/live" or scope["path"].startswith("/live/"):
            await self.live(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.live.hub.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.live.hub.stop()
        await send({"type": "lifespan.shutdown.complete"})


application = Application()
