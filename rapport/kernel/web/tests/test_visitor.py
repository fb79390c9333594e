from ipaddress import ip_network

import pytest
from django.http import HttpResponse

from rapport.kernel.web.visitor import VisitorMiddleware, visitor

OURS = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize(
    ("connected", "forwarded_for", "who"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "127.0.0.1, 203.0.113.7,10.9.9.9", "203.0.113.7"),
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "6.6.6.6, nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
        ("::ffff:127.0.0.1", "[2001:db9::7]:4711", "2001:db9::7"),
        ("2001:db8::1", "2001:db9::7", "2001:db9::7"),
        ("", "203.0.113.7", ""),
    ],
)
def test_what_a_proxy_of_ours_says_is_believed_and_nothing_before_it(connected, forwarded_for, who):
    assert visitor(connected, forwarded_for, OURS) == who


@pytest.mark.parametrize(("proxies", "who"), [((), "127.0.0.1"), (OURS, "203.0.113.7")])
def test_nobody_is_believed_unless_the_operator_says_so(rf, settings, proxies, who):
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", headers={"x-forwarded-for": "203.0.113.7"})
    VisitorMiddleware(lambda _request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == who
