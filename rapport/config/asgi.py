"""One port: /live is our own small ASGI app, everything else is Django as WSGI in a pool of threads.

A request costs a tenth of the CPU this way: Django's middleware under ASGI hops between threads.
"""

from rapport.config.bodies import Bodies, Message, Receive
from rapport.config.gate import Gate
from rapport.config.pages import Pages
from rapport.config.readers import Send
from rapport.config.settings import DATA, DATA_UPLOAD_MAX_MEMORY_SIZE, ENVIRONMENT
from rapport.config.wsgi import application as django
from rapport.kernel.live.app import LiveApp


class Application:
    """Chooses between the live app and the pages by the path; starts and stops the hub with the server."""

    def __init__(self) -> None:
        # It needs models, for which Django has to be set up.
        from rapport.config.senders import may_send_much

        self.live = LiveApp()
        # SQLite computes in this process, and one at a time is fastest. PostgreSQL is waited for meanwhile;
        # where several processes do so, each is fastest with one again.
        waits = bool(ENVIRONMENT.database_url) and ENVIRONMENT.web_processes == 1
        gate = Gate(2 if waits else 1)
        # The views know their own limits, and say them; this is the largest that any of them takes.
        bodies = Bodies(DATA, largest=max(ENVIRONMENT.call_max_bytes, 2 * DATA_UPLOAD_MAX_MEMORY_SIZE))
        self._pages = Pages(django, gate, bodies, threads=ENVIRONMENT.web_threads, known=may_send_much)

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

    async def make_first_pages(self) -> None:
        """Make the pages that people open first, before anybody does."""
        from rapport.config import first_pages

        await self._pages.prepare(first_pages.make)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.live.hub.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.live.hub.stop()
        await send({"type": "lifespan.shutdown.complete"})


application = Application()
