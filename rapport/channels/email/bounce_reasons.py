"""Why a mail was not delivered: from what servers say to one reason, its words, and hard or soft.

Hard means that the address will not work again (nobody there, moved, takes no mail); everything else is soft.
"""

import re
from typing import NamedTuple

from rapport.channels.email.sentences import sentence
from rapport.kernel.sentences import Sentence


class Reason(NamedTuple):
    """A reason: stable key, a plain sentence, and whether it is hard."""

    key: str
    words: Sentence
    hard: bool = False


_HARD = ("user_unknown", "host_unknown", "moved", "not_accepted")
_SOFT = (
    "mailbox_full", "too_big", "spam", "blocked", "authentication", "relaying", "suspended",
    "refused", "unclear", "virus", "expired", "too_many", "server_error", "unknown",
)  # fmt: skip
REASONS = {key: Reason(key, sentence(f"bounce_{key}"), hard=key in _HARD) for key in (*_HARD, *_SOFT)}

_PATTERNS = [
    (key, re.compile(pattern, re.IGNORECASE))
    for key, pattern in (
        (
            "refused",
            (
                r"(?:domain of )?sender(?:'?s)? (?:e-?mail |mail )?(?:address|domain|id\b|"
                r"verif\S+)[^.\n]{0,80}(?:reject|not exist|not found|unknown|invalid|denied|fail|refused|"
                r"resolve)|(?:invalid|unknown|bad|unverified|fake) (?:sender|return|from\b)|"
                r"provide a valid from|recipient preference|refused by (?:the )?recipient|"
                r"permission to post|not (?:be )?open to posting|5\.1\.[78]\b"
            ),
        ),
        ("host_unknown", r"account or domain may not exist|domain is not reachable|no mx found for domain"),
        ("not_accepted", r"indicated no smtp service"),
        (
            "expired",
            (
                r"(?:not found|lookup failed?|name service error[^\n]{0,60}),? try again|"
                r"temporar\S* (?:\S+ ){0,2}(?:lookup|resol|dns)"
            ),
        ),
        ("mailbox_full", r"mailbox full|over quota"),
        (
            "user_unknown",
            (
                r"user unknown|recipnotfound|badrcptto|bad[ _\-]recipient|destinataire invalide|"
                r"unknown (?:user|recipient)\b|no such (?:user|recipient|mailbox|address)|"
                r"\b542 \S+ rejected|リストにありません|no valid recipients?"
            ),
        ),
        (
            "mailbox_full",
            (
                r"mail ?box (?:is |was |has been |\S{1,80} is )?(?:temporarily )?(?:full|over ?quota)|"
                r"over ?quota|quota (?:is )?(?:exceeded|limit|violation|full)|exceed(?:s|ed|"
                r"ing)? (?:\S+ ){0,4}(?:quota|storage|mailbox)"
                r"|(?:mailbox|account|inbox|storage|maildir) (?:\S+ ){0,4}(?:exceed|full|overdrawn|limit)|"
                r"over (?:the |their |its )?(?:maximum |disk |storage |allotted )?(?:quota|space|limit)|"
                r"insufficient (?:disk |system |mailbox |storage )?(?:space|storage)|not enough (?:disk|"
                r"storage|space)|disk (?:is )?full|out of (?:email |disk )?space"
                r"|too much mail|too many messages (?:on|in)|mailbox size limit|boite (?:\S+ ){0,3}pleine|"
                r"postfach (?:\S+ ){0,3}voll|buz[oó]n (?:\S+ ){0,3}lleno|casella (?:\S+ ){0,3}piena|"
                r"メールボックス.{0,20}(?:一杯|いっぱい|超)|容量|local limit|mailbox exceeds|no space left"
            ),
        ),
        (
            "too_big",
            (
                r"(?:message|mail)(?: file| header)? (?:size )?(?:is )?(?:too (?:big|large|long)|exceeds?)|"
                r"(?:message|mail) size limit|size (?:of this message )?exceeds|too (?:big|"
                r"large) (?:message|for)|exceed(?:s|ed)? (?:\S+ ){0,4}(?:fixed |maximum )?(?:message |"
                r"mail )?size|message length|larger than the (?:maximum|limit)|length exceeds"
            ),
        ),
        (
            "virus",
            (
                r"\bvirus|malware|infected|dangerous attachment|executable|blocked attachment|"
                r"attachment (?:type )?(?:is )?not allowed|phishing"
            ),
        ),
        (
            "not_accepted",
            (
                r"does ?n[o']t accept (?:any )?(?:mail|email|messages)(?! from)|null ?mx|nullmx|no valid mx|"
                r"smtp protocol returned a permanent error|does not receive mail|mail receiving disabled|"
                r"(?:service not available|host (?:is )?not (?:accept|able))|no mx record.{0,30}accept|"
                r"domain.{0,60}does not accept"
            ),
        ),
        (
            "authentication",
            (
                r"\bdmarc\b|\bdkim\b|(?:fail|pass|check|soft)\S* (?:\S+ ){0,2}\bspf\b|"
                r"\bspf\b (?:\S+ ){0,6}(?:fail|pass|check|record|valid|not)|unauthenticated|"
                r"sender policy framework|authentication (?:\S+ ){0,3}(?:fail|check|required for)|"
                r"5\.7\.(?:20|21|22|23|24|25|26|27|30|9)\b"
            ),
        ),
        (
            "relaying",
            (
                r"relay(?:ing)? (?:access |is |was |mail )?(?:denied|not|prohibited|rejected|disabled|"
                r"attempt)|(?:not|unable|refus\w+|cannot|do not|won't|permitted|no) (?:\S+ ){0,2}relay|"
                r"relay(?:ing)? (?:\S+ ){0,2}not permitted|not (?:a |an )?(?:open|authorized|local) relay|"
                r"that domain isn'?t in my list|rcpthosts|insecure mail relay|not local and"
            ),
        ),
        (
            "blocked",
            (
                r"black ?list|block ?list|\brbl\b|dnsbl|spamhaus|spamcop|barracuda|senderscore|reputation|"
                r"(?:ip|host|address|client|server|network|connection|you|sender)[^.\n]{0,50}(?:\bblocked|"
                r"\bbanned|\blisted|denied)|(?:blocked|listed|rejected|denied) (?:\S+ ){0,3}(?:by|at|in|due|"
                r"because|for|from|using) [^.\n]{0,50}(?:\bip\b|list|policy|poor|dns)|rejected due to|"
                r"no ptr|reverse (?:dns|lookup|hostname|mapping)|ptr record|rdns|"
                r"cannot find your (?:hostname|reverse)|access denied|bad sender ip|helo|ehlo|"
                r"my name was rejected|not allowed (?:to connect|access)|connection (?:refused|rejected|"
                r"blocked)|we do not accept mail from|go away|unusual rate|5\.7\.(?:606|511|705|750)\b"
            ),
        ),
        (
            "spam",
            (
                r"\bspam|junk ?mail|unsolicited|bulk mail|content (?:filter|reject|restrict)|"
                r"blacklisted url|message (?:content )?(?:rejected|refused) (?:due|because|"
                r"for)[^.\n]{0,30}content|rejected by (?:\S+ ){0,2}(?:filter|cloudmark|bogofilter|"
                r"spamassassin)|looks like|high(?:ly)? (?:probability|scor)|identified as"
            ),
        ),
        (
            "suspended",
            (
                r"(?:account|mailbox|user|recipient|inbox|address|domain|email)[^.\n]{0,50}(?:suspend|"
                r"disabled|inactive|inactivity|deactivat|locked|expired|frozen|not active|closed|on hold|"
                r"dormant)|(?:disabled|inactive|suspended|deactivated|locked|dormant|"
                r"closed) (?:\S+ ){0,2}(?:account|mailbox|user|recipient|inbox|address)|is a deactivated|"
                r"temporarily disabled"
            ),
        ),
        (
            "moved",
            (
                r"(?:has|have) (?:been )?moved|user not local|forwarding address|no longer (?:on server|"
                r"at this|available at|in use|valid|works|with|employed)|address (?:has )?changed|"
                r"replaced by|new address|recipient has moved|mailbox has moved|5\.1\.6\b"
            ),
        ),
        (
            "user_unknown",
            (
                r"(?:user|recipient|address|account|mailbox|mail ?box|name|alias|addressee|customer|inbox|"
                r"rcpt)[^.\n]{0,60}(?:unknown|not known|does(?: not|n'?t) exist|do not exist|not exist|"
                r"not found|isn'?t (?:a )?(?:valid|known|here)|not (?:a )?valid|invalid|unavailable|"
                r"not (?:listed|recogni[sz]ed|present|allowed here|here|available|local)|undeliverable|"
                r"unrouteable|no longer|nonexistent|could not be found|couldn'?t be found|wasn'?t found)"
                r"|(?:unknown|invalid|no such|bad|nonexistent|non-existent|unrecogni[sz]ed|incorrect|"
                r"undefined|illegal|undeliverable|unlisted|wrong) (?:\S+ ){0,3}(?:user|recipient|address|"
                r"account|mailbox|name|alias|person|people|addressee|customer|e-?mail|destination|local|"
                r"inbox|rcpt|id\b)|no (?:mailbox|account|user|one)\b[^.\n]{0,40}(?:here|by|with|found|name|"
                r"under|matches)"
                r"|(?:is )?not (?:a |our )?(?:known|valid|existing|active|legitimate) (?:user|recipient|"
                r"mailbox|address|account|customer)|not our customer|who are you|doesn'?t have (?:a|"
                r"an) \S+ account|does not have (?:a|an) \S+ account|this user doesn'?t|"
                r"not in (?:our )?(?:directory|address|domain)|dosn'?t exist|doesn'?t exist|not exist|"
                r"couldn'?t find|could not find|unbekannt|inconnu|desconocido|sconosciut|existiert nicht|"
                r"n'existe pas|no existe|宛先不明|"
                r"存在しません|見つかりません|не (?:существует|найден)|no mailbox|"
                r"unrouteable address|mailbox unavailable|recipient rejected|user unknown|unknown user|"
                r"5\.1\.[13]\b|5\.1\.10\b"
            ),
        ),
        (
            "host_unknown",
            (
                r"(?:host|domain|server|hostname|dns|system|site|node|mx)\b[^.\n]{0,60}(?:unknown|not found|"
                r"does(?: not|n'?t) exist|not exist|could not be found|couldn'?t be found|not (?:known|"
                r"valid|recogni[sz]ed)|no such|lookup fail|invalid|doesn'?t resolve|not resolve)|(?:unknown|"
                r"no such|invalid|illegal|bad|unroutable|unrouteable) (?:\S+ ){0,2}(?:host|domain|server|"
                r"system|site)|name (?:or service|server) not known|nxdomain|unroutable|"
                r"unable to (?:resolve|lookup|find)|no mx|name service error for|no address associated|"
                r"cannot (?:resolve|find) |couldn'?t (?:resolve|find any host)|5\.1\.2\b|5\.4\.4\b|bad host|"
                r"non-existent domain"
            ),
        ),
        (
            "expired",
            (
                r"time(?:d)?[ \-]?out|expired|delivery time|retry (?:time|timeout|limit)|(?:too|has been|"
                r"been) (?:long|in the queue|on the queue)|queue (?:too long|lifetime|time)|"
                r"could not be (?:delivered|sent) (?:\S+ ){0,4}(?:for|within|in|after) |"
                r"not be delivered for|delay(?:ed)?\b|greylist|grey-?list|try again later|temporar(?:y|ily)|"
                r"deferred|still be retried|will (?:be |keep |continue )?(?:retried|trying|to try|retry)|"
                r"giving up|connection (?:\S+ ){0,3}(?:lost|dropped|closed|reset|failed)|no route to host|"
                r"network (?:is )?(?:unreachable|error)|not (?:reachable|responding)|loop|hop count|"
                r"too many hops|unable to connect"
            ),
        ),
        (
            "too_many",
            (
                r"too many (?:\S+ ){0,2}(?:connection|recipients|messages|mails|sessions|concurrent|errors)|"
                r"rate (?:limit|control)|throttl|limit (?:exceeded|reached)|"
                r"exceeded the (?:maximum )?(?:number|rate)|excessive"
            ),
        ),
    )
]
_VAGUE = [
    (key, re.compile(pattern, re.IGNORECASE))
    for key, pattern in (
        (
            "unclear",
            (
                r"reject|denied|refused|not (?:accepted|permitted|allowed|authorized|authorised)|policy|"
                r"prohibit|blocked|forbidden|restrict|filter|permission|unacceptable|sender"
            ),
        ),
        (
            "server_error",
            r"system|internal|configur|local error|i/o error|resources|unable to|cannot|error|fail",
        ),
    )
]
_BY_STATUS = {
    "1.0": "user_unknown",
    "1.1": "user_unknown",
    "1.2": "host_unknown",
    "1.3": "user_unknown",
    "1.4": "user_unknown",
    "1.6": "moved",
    "1.7": "refused",
    "1.8": "refused",
    "1.9": "refused",
    "1.10": "not_accepted",
    "2.1": "suspended",
    "2.2": "mailbox_full",
    "2.3": "too_big",
    "2.4": "refused",
    "3.1": "mailbox_full",
    "3.2": "server_error",
    "3.3": "server_error",
    "3.4": "too_big",
    "4.1": "expired",
    "4.4": "host_unknown",
    "4.6": "expired",
    "4.7": "expired",
    "7.0": "refused",
    "7.1": "refused",
}


_AFTER_DATA = re.compile(
    r"after (?:end of data|\S{0,20} ?data\b)|in reply to (?:end of )?data|end of data command|"
    r"smtp command-* data\b|>>> data <<< 5"
    r"|>>> \. <<< 5|reply to data",
    re.IGNORECASE,
)


def reason_for(text: str, status: str, transcript: str = "") -> Reason:
    """Return the reason for a server's words (4,000 characters count) and an enhanced status (RFC 3463).

    A server that calls the user unknown only after it took the whole mail (`transcript` tells) filters mails;
    the address itself may be good.
    """
    reason = _reason_for(text, status)
    if (
        reason.key == "user_unknown"
        and not status.startswith("5.1.")
        and _AFTER_DATA.search(" ".join(f"{text} {transcript}"[:8000].replace("-", " ").split()))
    ):
        return REASONS["refused"]
    return reason


def _reason_for(text: str, status: str) -> Reason:
    said = " ".join(text[:4000].split())
    detail = status[2:] if status[:1] in ("4", "5") else ""
    for key, pattern in _PATTERNS if detail in _BY_STATUS else [*_PATTERNS, *_VAGUE]:
        if pattern.search(said):
            return _tempered(REASONS[key], status)
    return _tempered(REASONS[_BY_STATUS.get(detail, "unknown")], status)


def _tempered(reason: Reason, status: str) -> Reason:
    if reason.hard and status.startswith("4"):
        return Reason(reason.key, reason.words)
    return reason
