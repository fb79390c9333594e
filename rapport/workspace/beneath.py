"""What a forward has below its words, as the composer names it and posts it again."""

from dataclasses import dataclass

from rapport.conversations.below import Below
from rapport.conversations.models import Conversation, Message, SideMessage
from rapport.conversations.queries.files import is_shown
from rapport.conversations.queries.passed_on import answerable, forwardable, forwarded_by_default
from rapport.inboxes.contract import Address
from rapport.kernel.web.moments import Moments
from rapport.workspace.entries import FileView, file_view
from rapport.workspace.requests import AgentRequest, whole_number, whole_numbers

NOBODY = Address("")


@dataclass(frozen=True)
class BelowView:
    """A message that is passed on, or what a third party wrote and is answered; neither where there is none.

    ``files`` are those that can be left out, each with whether it goes along. ``chosen``: an agent named it,
    and no later message takes its place. ``refused``: what the agent named cannot stand there.
    """

    author: Address = NOBODY
    moment: str = ""
    message_id: int | None = None
    side_id: int | None = None
    files: tuple[tuple[FileView, bool], ...] = ()
    chosen: bool = False
    refused: bool = False

    @property
    def name(self) -> str:
        """Who wrote it."""
        return self.author.name or self.author.value


def below_view(conversation: Conversation, last: Message | None, wanted: Below | None) -> BelowView:
    """Return what is ``wanted``; where an agent has not said, ``last``, which an answer would answer."""
    if wanted is None:
        message = forwarded_by_default(conversation, last)
        return BelowView() if message is None else _message_view(message, None)
    if wanted.side_id:
        side = answerable(conversation, wanted.side_id)
        return BelowView(chosen=True, refused=True) if side is None else _side_view(side)
    if wanted.message_id:
        message = forwardable(conversation, wanted.message_id)
        return BelowView(chosen=True, refused=True) if message is None else _message_view(message, wanted)
    return BelowView()


def _side_view(side: SideMessage) -> BelowView:
    author = Address(side.sender_address, side.sender_name)
    return BelowView(author, Moments.here().full(side.created_at), side_id=side.pk, chosen=True)


def _message_view(message: Message, wanted: Below | None) -> BelowView:
    along = wanted.file_ids if wanted is not None else None
    return BelowView(
        Address(message.sender_address, message.sender_name),
        Moments.here().full(message.created_at),
        message_id=message.pk,
        files=tuple(
            (file_view(file), along is None or file.pk in along)
            for file in message.attachments.order_by("pk")
            if not is_shown(file, message.signed_html)
        ),
        chosen=wanted is not None,
    )


def asked(request: AgentRequest) -> Below | None:
    """Return what the address of a page asks to forward or to answer."""
    message, side = (whole_number(request.GET.get(name)) for name in ("message", "side"))
    return Below(message_id=message, side_id=side) if message or side else None


def posted(request: AgentRequest) -> Below | None:
    """Return what the composer had below the words of a forward; where it offered no files, all go along.

    None from a form that does not say it.
    """
    if not {"message", "side"} & request.POST.keys():
        return None
    return Below(
        message_id=whole_number(request.POST.get("message")),
        side_id=whole_number(request.POST.get("side")),
        file_ids=tuple(whole_numbers(request, "copied")) if "choice" in request.POST else None,
    )
