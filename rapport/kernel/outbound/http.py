"""HTTP to addresses that somebody else chose: public addresses only, bounded in time, size and redirects.

The name is resolved once, all its addresses are judged, and the connection goes to one of exactly these:
a second answer of the name server (DNS rebinding) changes nothing. TLS is still checked against the name.
"""

import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpcore
import httpx

from rapport.kernel.outbound.addresses import Unreachable, public_addresses
from rapport.kernel.outbound.sentences import sentence
from rapport.kernel.sentences import Told

SECONDS = 10.0
MOST_BYTES = 10 * 1024 * 1024
MOST_REDIRECTS = 3
PORTS = {80, 443}
USER_AGENT = "Rapport"


class RequestRefused(Told):
    """The address is not fetched, or the answer not read on; ``reason`` says why."""


@dataclass(frozen=True)
class Fetched:
    """An answer, read to its end."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise RequestRefused(sentence("too_slow"))
    return left


class BoundedStream(httpcore.NetworkStream):
    """A connection that ends at a moment, however slowly the other side drips its bytes."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  ours is shorter
        """Read what is there, within the time that is left."""
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Write within the time that is left."""
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Begin TLS; the certificate is checked against the name, not the address."""
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return BoundedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._stream.get_extra_info(info)


class PinnedNetwork(httpcore.NetworkBackend):
    """Opens connections to public addresses only, judged at the moment of connecting."""

    def __init__(self, deadline: float) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  the deadline is ours
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the judged addresses that takes it."""
        try:
            addresses = public_addresses(host, port)
        except Unreachable as error:
            raise RequestRefused(error.reason) from None
        more = {"local_address": local_address, "socket_options": socket_options}
        for number, address in enumerate(addresses[:-1]):
            # One that swallows packets, as with broken IPv6, leaves the others their share of the time.
            share = _left(self._deadline) / (len(addresses) - number)
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._opened(address, port, share, **more)
        return self._opened(addresses[-1], port, _left(self._deadline), **more)

    def _opened(self, address: str, port: int, seconds: float, **more: Any) -> httpcore.NetworkStream:
        return BoundedStream(self._inner.connect_tcp(address, port, seconds, **more), self._deadline)

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Refuse: no address leads to a socket file."""
        raise RequestRefused(sentence("no_file", path=path))


def _client(deadline: float) -> httpx.Client:
    transport = httpx.HTTPTransport(trust_env=False)
    transport._pool = httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=PinnedNetwork(deadline)
    )
    # Packed answers are not asked for: a small one can unpack to any size.
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    return httpx.Client(transport=transport, trust_env=False, follow_redirects=False, headers=headers)


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    most_bytes: int = MOST_BYTES,
    seconds: float = SECONDS,
    most_redirects: int = MOST_REDIRECTS,
) -> Fetched:
    """Fetch ``url`` (http or https) and return the whole answer, whatever its status.

    ``seconds`` bounds everything together, ``most_bytes`` the decoded body. Redirects of a GET are followed
    up to ``most_redirects``, each judged anew; ``headers`` go to scheme, host and port of ``url`` only.

    Raises:
        RequestRefused: the address is not public or not HTTP, the answer too large or too slow, or not HTTP
            at all.

    """
    deadline = time.monotonic() + seconds
    sent, target = dict(headers or {}), _checked(url)
    with _client(deadline) as session:
        for _hop in range(most_redirects + 1):
            try:
                answer = _once(session, method, target, sent, content, most_bytes)
            except httpx.HTTPError as error:
                said = f"{type(error).__name__}: {error}"
                raise RequestRefused(sentence("no_answer", host=target.host, error=said)) from None
            following = answer.headers.get("location", "")
            if method != "GET" or answer.status not in {301, 302, 303, 307, 308} or not following:
                return answer
            before, target = target, _led_to(target, following)
            if _origin(target) != _origin(before):
                sent = {}
    raise RequestRefused(sentence("redirects", most=most_redirects))


def _origin(target: httpx.URL) -> tuple[str, str, int | None]:
    return target.scheme, target.host, target.port


def _led_to(target: httpx.URL, location: str) -> httpx.URL:
    try:
        return _checked(urljoin(str(target), location))
    except ValueError:
        raise RequestRefused(sentence("no_url")) from None


def _checked(url: str) -> httpx.URL:
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        raise RequestRefused(sentence("no_url")) from None
    if target.scheme not in {"http", "https"} or not target.host:
        raise RequestRefused(sentence("no_web"))
    if target.userinfo:
        raise RequestRefused(sentence("user_name"))
    if (target.port or 443) not in PORTS:
        raise RequestRefused(sentence("port", port=target.port or 0))
    return target


def _once(
    session: httpx.Client,
    method: str,
    target: httpx.URL,
    headers: Mapping[str, str],
    content: bytes | None,
    most_bytes: int,
) -> Fetched:
    with session.stream(method, target, headers=dict(headers), content=content) as response:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise RequestRefused(sentence("packed"))
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > most_bytes:
                raise RequestRefused(sentence("too_large", most=most_bytes))
        return Fetched(str(target), response.status_code, dict(response.headers), bytes(body))
