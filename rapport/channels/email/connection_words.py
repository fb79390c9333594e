"""What it means when a connection to a mail server cannot be made."""

import socket
import ssl

from rapport.channels.email.sentences import sentence
from rapport.kernel.sentences import Sentence


def words_of_connection(error: BaseException, host: str) -> Sentence | None:
    """Return what is wrong and where to look; None for an error that is not about the connection itself."""
    if isinstance(error, socket.gaierror):
        return sentence("no_server", host=host)
    if isinstance(error, ConnectionRefusedError):
        return sentence("connection_refused", host=host)
    if isinstance(error, ssl.SSLCertVerificationError):
        return sentence("certificate", host=host, reason=error.verify_message.rstrip("."))
    if isinstance(error, ssl.SSLError):
        return sentence("no_tls", host=host)
    if isinstance(error, TimeoutError):
        return sentence("no_answer", host=host)
    return None


def closed(host: str) -> Sentence:
    """Say that a server ended the connection."""
    return sentence("closed", host=host)


def answered(host: str, said: str) -> Sentence:
    """Give a server's own words."""
    return sentence("answered", host=host, said=said)
