# ruff: noqa: E501, SIM905
"""No packet goes to an address that is not public (SEC-12): a real listener counts what arrives."""

import ipaddress
import socket
import threading
import time

import pytest
from django.utils import translation

from rapport.kernel.outbound import addresses, http
from rapport.kernel.sentences import kept, say

PRIVATE = """
127.0.0.1 127.1 127.255.255.254 0.0.0.0 0 localhost LOCALHOST localhost. 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255
192.168.0.1 192.168.255.255 169.254.169.254 169.254.0.1 100.64.0.1 100.127.255.254 192.0.0.1 192.0.2.1 198.18.0.1
198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 2130706433 0x7f000001 0x7f.1 017700000001
0177.0.0.1 0x7f.0x0.0x0.0x1 3232235521 2852039166 127.0.1 10.1 [::1] [::] [::ffff:127.0.0.1] [::ffff:10.0.0.1]
[::ffff:169.254.169.254] [::ffff:7f00:1] [fe80::1] [fc00::1] [fd00:ec2::254] [fec0::1] [ff02::1] [2002:7f00:1::]
[2002:a00:1::] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [2001:db8::1] [100::1] [::127.0.0.1] [0:0:0:0:0:0:0:1]
①②⑦.⓪.⓪.① 127。0。0。1 ⓛocalhost
""".split()
SHAPES = (
    "http://{}/",
    "https://{}/",
)
ODD = [
    "gopher://127.0.0.1/", "file:///etc/passwd", "ftp://127.0.0.1/", "dict://127.0.0.1:11211/", "//127.0.0.1/", "127.0.0.1",
    "", "http://", "http:///etc/passwd", "http://user@127.0.0.1/", "http://a:b@example.com/", "http://example.com:22/",
    "http://127.0.0.1:25/", "http://[::1", "http://exa mple.com/", "javascript:alert(1)", "data:text/plain,x", "http://\x00/",
    "unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "http://127.0.0.1\\@example.com/", "http://%31%32%37.0.0.1/",
    "http://127.0.0.1%00.example.com/", "http://127.0.0.1#@example.com/", "http://127.0.0.1?@example.com/",
]  # fmt: skip


@pytest.fixture
def listener(monkeypatch):
    """Count connections on loopback at a port that the guard takes for an allowed one."""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    accepted, answers = [], [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]
    monkeypatch.setattr(http, "PORTS", {80, 443, port})

    def serve():
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            with connection:
                accepted.append(connection.recv(65_536))
                for part in answers:
                    if isinstance(part, float):
                        time.sleep(part)
                    else:
                        try:
                            connection.sendall(part)
                        except OSError:
                            break

    thread = threading.Thread(target=serve)
    thread.start()
    yield port, accepted, answers
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


@pytest.mark.parametrize("host", PRIVATE)
def test_private_hosts_get_no_packet(listener, host):
    port, accepted, _answers = listener
    for shape in SHAPES:
        for authority in (host, f"{host}:{port}"):
            with pytest.raises(http.RequestRefused):
                http.fetch(shape.format(authority), seconds=2)
    assert accepted == []


@pytest.mark.parametrize("url", ODD)
def test_odd_addresses_are_refused(listener, url):
    with pytest.raises(http.RequestRefused):
        http.fetch(url, seconds=2)
    assert listener[1] == []


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    found = [(2, 1, 6, "", (text, 80)) for text in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: found)
    with pytest.raises(addresses.Unreachable):
        addresses.public_addresses("mixed.example", 80)


def test_the_judged_address_is_the_one_that_is_called(monkeypatch, listener):
    """A name that is public when judged and loopback when asked again: the second answer is never used."""
    port, accepted, _answers = listener
    asked, called = [], []

    def rebinding(host, *_args, **_more):
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.216.34" if len(asked) == 1 else "127.0.0.1", port))]

    def connect(self, host, *_args, **_more):
        called.append(host)
        raise http.httpcore.ConnectError("nobody there")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(http.httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(http.RequestRefused):
        http.fetch(f"http://rebind.example:{port}/")
    assert called == ["93.184.216.34"]
    assert accepted == []


@pytest.fixture
def reachable(listener, monkeypatch):
    """Let exactly the name ``public.example`` lead to the listener, as if it were public."""
    port = listener[0]
    judge = addresses.public_addresses

    def judged(host, number):
        return ["127.0.0.1"] if host == "public.example" else judge(host, number)

    monkeypatch.setattr(http, "public_addresses", judged)
    return f"http://public.example:{port}/", *listener


def test_a_public_answer_is_returned(reachable):
    url, _port, accepted, answers = reachable
    answers[:] = [b"HTTP/1.1 404 No\r\nContent-Type: Text/Plain; charset=x\r\nContent-Length: 2\r\n\r\nno"]
    answer = http.fetch(url, headers={"X-One": "1"})
    assert (answer.status, answer.content, answer.content_type) == (404, b"no", "text/plain")
    assert b"x-one: 1" in accepted[0].lower()


def test_headers_that_drip_are_given_up(reachable):
    url, _port, _accepted, answers = reachable
    answers[:] = [b"HTTP/1.1 200 OK\r\n", *[b"x", 0.2] * 60]
    began = time.monotonic()
    with pytest.raises(http.RequestRefused):
        http.fetch(url, seconds=0.7)
    assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/", "http://169.254.169.254/", "file:///etc/passwd", "//[::1]:{port}/"]
)
def test_redirects_to_private_addresses_are_refused(reachable, target):
    url, port, accepted, answers = reachable
    location = target.format(port=port).encode()
    answers[:] = [
        b"HTTP/1.1 302 F\r\nLocation: " + location + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    ]
    with pytest.raises(http.RequestRefused):
        http.fetch(url, seconds=2)
    assert len(accepted) == 1


def test_redirects_end(reachable):
    url, _port, accepted, answers = reachable
    answers[:] = [b"HTTP/1.1 302 F\r\nLocation: /on\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"]
    with pytest.raises(http.RequestRefused, match="leads on"):
        http.fetch(url)
    assert len(accepted) == 4


def test_large_answers_are_not_read_on(reachable):
    url, _port, _accepted, answers = reachable
    answers[:] = [b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n", b"x" * 5_000_000]
    with pytest.raises(http.RequestRefused, match="larger"):
        http.fetch(url, most_bytes=10_000)


def test_a_small_answer_that_unpacks_to_a_large_one_is_refused(reachable):
    import gzip

    url, _port, _accepted, answers = reachable
    packed = gzip.compress(b"\0" * 50_000_000)
    answers[:] = [
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed),
        packed,
    ]
    with pytest.raises(http.RequestRefused, match="packed"):
        http.fetch(url, most_bytes=1_000_000)


def test_slow_answers_are_given_up(reachable):
    url, _port, _accepted, answers = reachable
    answers[:] = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"x", 0.2] * 60]
    began = time.monotonic()
    with pytest.raises(http.RequestRefused):
        http.fetch(url, seconds=0.7)
    assert time.monotonic() - began < 8


def test_what_is_not_http_is_refused(reachable):
    url, _port, _accepted, answers = reachable
    answers[:] = [b"SSH-2.0-OpenSSH\r\n"]
    with pytest.raises(http.RequestRefused):
        http.fetch(url, seconds=2)


def test_public_addresses_are_public():
    for text in ("93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"):
        assert addresses.is_public(ipaddress.ip_address(text))


def test_a_host_with_broken_ipv6_could_not_be_reached(reachable, monkeypatch):
    url, _port, accepted, _answers = reachable
    # Nobody listens at the second address of loopback: it refuses.
    monkeypatch.setattr(http, "public_addresses", lambda *_: ["127.0.0.2", "127.0.0.1"])
    assert http.fetch(url, seconds=5).content == b"ok"
    assert len(accepted) == 1


def test_an_address_that_swallows_packets_took_the_time_of_the_others(reachable, monkeypatch):
    url, _port, _accepted, _answers = reachable
    connect, given = http.httpcore.SyncBackend.connect_tcp, []

    def swallowing(self, host, port, timeout, **more):
        given.append(timeout)
        if host == "2606:4700::1111":
            raise http.httpcore.ConnectTimeout
        return connect(self, host, port, timeout, **more)

    monkeypatch.setattr(http.httpcore.SyncBackend, "connect_tcp", swallowing)
    monkeypatch.setattr(http, "public_addresses", lambda *_: ["2606:4700::1111", "127.0.0.1"])
    assert http.fetch(url, seconds=8).content == b"ok"
    assert given[0] <= 4 < given[1]


def test_a_host_that_no_address_leads_to_is_refused(reachable, monkeypatch):
    url, _port, accepted, _answers = reachable
    monkeypatch.setattr(http, "public_addresses", lambda *_: ["127.0.0.2", "127.0.0.3"])
    with pytest.raises(http.RequestRefused, match=r"public\.example did not answer"):
        http.fetch(url, seconds=5)
    assert accepted == []


def test_headers_go_on_to_another_page_of_the_same_server(reachable):
    url, _port, accepted, answers = reachable
    answers[:] = [b"HTTP/1.1 302 F\r\nLocation: /on\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"]
    with pytest.raises(http.RequestRefused):
        http.fetch(url, headers={"X-Key": "secret"}, most_redirects=1)
    assert [b"secret" in each for each in accepted] == [True, True]


@pytest.mark.parametrize(
    "leads_to", ["http://api.example/", "https://api.example:8443/", "https://other.example/"]
)
def test_a_key_was_sent_on_in_clear_text(monkeypatch, leads_to):
    sent = []

    def once(_session, _method, target, headers, *_more):
        sent.append((str(target), headers))
        return http.Fetched(str(target), 302, {"location": leads_to}, b"")

    monkeypatch.setattr(http, "_once", once)
    monkeypatch.setattr(http, "PORTS", {80, 443, 8443})
    with pytest.raises(http.RequestRefused):
        http.fetch("https://api.example/", headers={"X-Key": "secret"}, most_redirects=1)
    assert [bool(headers) for _target, headers in sent] == [True, False]


def test_the_default_port_is_the_same_server():
    urls = ("https://api.example:443/on", "https://api.example/")
    assert len({http._origin(http.httpx.URL(url)) for url in urls}) == 1


def test_a_redirect_to_a_damaged_address_is_refused(reachable):
    url, _port, _accepted, answers = reachable
    answers[:] = [
        b"HTTP/1.1 302 F\r\nLocation: https://[::1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    ]
    with pytest.raises(http.RequestRefused):
        http.fetch(url)


def test_refusals_of_addresses_were_english_for_german_readers():
    with pytest.raises(http.RequestRefused) as caught:
        http.fetch("http://127.0.0.1/")
    with translation.override("de"):
        assert say(kept(caught.value.reason, 500)) == "127.0.0.1 liegt nicht im öffentlichen Internet."
