"""What it means when a connection to a mail server cannot be made, in words of the reader's language."""

import socket
import ssl

from django.utils.translation import gettext as _


def words_of_connection(error: BaseException, host: str) -> str:
    """Return what is wrong and where to look; empty for an error that is not about the connection itself."""
    words = _words(error)
    return words.format(host=host, reason=getattr(error, "verify_message", "")) if words else ""


def _words(error: BaseException) -> str:
    if isinstance(error, socket.gaierror):
        return _("There is no server called {host}. Check the server's name.")
    if isinstance(error, ConnectionRefusedError):
        return _("{host} refuses the connection. Check the port.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("The certificate of {host} is not valid for it: {reason}.")
    if isinstance(error, ssl.SSLError):
        return _("{host} does not speak TLS on this port. Check port and security.")
    if isinstance(error, TimeoutError):
        return _("{host} does not answer.")
    return ""


def closed(host: str) -> str:
    """Say that a server ended the connection."""
    return _("{host} closed the connection. Check port and security.").format(host=host)


def answered(host: str, said: str) -> str:
    """Give a server's own words."""
    return _("{host} said: {said}").format(host=host, said=said)
