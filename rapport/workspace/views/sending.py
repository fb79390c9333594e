"""What an agent does about a message of theirs: take it back, try again, readdress, give up, accept."""

import json

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rapport.conversations.actions.accept_participant import accept_participant
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.mend_delivery import SETTLED, NotMendable, readdress, retry, skip
from rapport.conversations.actions.reply import CannotCarry
from rapport.conversations.actions.undo_forward import undo_forward
from rapport.conversations.actions.undo_send import TakenBack, TooLate, undo_send
from rapport.conversations.begun import readers_offered
from rapport.conversations.models import Conversation, Delivery, DeliveryRecipient, Message, SideMessage
from rapport.conversations.queries.access import NotFound
from rapport.conversations.queries.answered import message_answered
from rapport.conversations.recipients import BadAddress
from rapport.kernel.web.door import door
from rapport.kernel.web.scripted import by_script
from rapport.staff.permissions import Permission
from rapport.workspace import said, undoing
from rapport.workspace.offered import default_recipients
from rapport.workspace.requests import AgentRequest, load
from rapport.workspace.unscripted import refused, sent_on
from rapport.workspace.views.conversation import composer

WORKING = {"retry": retry, "skip": skip}
MENDED = {
    "retry": gettext_lazy("It is sent again as soon as possible."),
    "address": gettext_lazy("It goes to the new address now."),
    "skip": gettext_lazy("It is no longer sent."),
}


@door(Permission.REPLY)
@require_POST
def undo(request: AgentRequest, number: int, message: int) -> HttpResponse:
    """Take a message back; its text is in the composer again."""
    found = load(request, number)
    side = "side" in request.GET
    try:
        taken = (_forward_back if side else _answer_back)(request, found, message)
    except (Message.DoesNotExist, SideMessage.DoesNotExist, NotFound):
        raise Http404 from None
    except TooLate:
        words = _("Too late: it is being sent or was sent. Nothing was changed.")
        if not by_script(request):
            return sent_on(request, f"/conversations/{number}", undoing.complaint(words))
        return composer(request, found, status=409, errors=[words])
    found.refresh_from_db()
    apart = [_apart(side=side)] if taken.draft.kind == "note" else []
    overtaken = [said.of_overtaken(taken.overtaken, found)] if taken.overtaken else []
    if not by_script(request):
        words = " ".join(apart + overtaken) or _("Taken back.")
        return sent_on(request, f"/conversations/{number}", undoing.toast(words, []))
    answer = composer(request, found, mode="forward" if side else "reply", errors=apart)
    if overtaken:
        answer["HX-Trigger"] = json.dumps(undoing.toast(overtaken[0], []))
    return answer


def _forward_back(request: AgentRequest, found: Conversation, side_message: int) -> TakenBack:
    draft = undo_forward(agent=request.agent, conversation_id=found.pk, side_message_id=side_message)
    return TakenBack(draft)


def _answer_back(request: AgentRequest, found: Conversation, message: int) -> TakenBack:
    offered = readers_offered(*default_recipients(found, message_answered(found)))
    return undo_send(agent=request.agent, conversation_id=found.pk, message_id=message, offered=offered)


def _apart(*, side: bool) -> str:
    if side:
        return _(
            "It was taken back. Another forward is begun here, so its words stand under “Note”, where nobody "
            "outside reads them."
        )
    return _(
        "It was taken back. An answer to others is begun here, so its words stand under “Note”, where nobody "
        "outside reads them."
    )


@door(Permission.REPLY)
@require_POST
def mend(request: AgentRequest, number: int, message: int, act: str) -> HttpResponse:
    """Try a delivery again, send it to another address, or give it up."""
    found, here = load(request, number), f"/conversations/{number}"
    delivery = _delivery(found, message, side="side" in request.GET)
    try:
        if act == "address":
            _readdress(request, found, delivery)
        else:
            WORKING[act](agent=request.agent, conversation_id=found.pk, delivery_id=delivery.pk)
    except NotFound:
        raise Http404 from None
    except BadAddress:
        return refused(request, here, _("This is no mail address. Nothing was changed."))
    except CannotCarry as reason:
        return refused(request, here, _("%(reason)s Nothing was changed.") % {"reason": reason})
    except NotMendable:
        return refused(request, here, _("It is being sent or was sent already."))
    except Forbidden:
        raise PermissionDenied from None
    return _settled(request, here, str(MENDED[act]))


@door(Permission.REPLY)
@require_POST
def accept(request: AgentRequest, number: int, message: int) -> HttpResponse:
    """Accept the address of an unverified message as a participant."""
    found = load(request, number)
    try:
        accept_participant(agent=request.agent, conversation_id=found.pk, message_id=message)
    except NotFound:
        raise Http404 from None
    return _settled(request, f"/conversations/{number}", _("The address is accepted."))


def _settled(request: AgentRequest, here: str, words: str) -> HttpResponse:
    """Answer that it is done: a script draws the thread anew, which shows it; a plain form is told."""
    if not by_script(request):
        return sent_on(request, here, undoing.toast(words, []))
    return HttpResponse(status=204, headers={"HX-Trigger": "rapport:refresh-thread"})


def _readdress(request: AgentRequest, found: Conversation, delivery: Delivery) -> None:
    chosen = _chosen(delivery, request.POST.get("recipient", ""))
    if chosen is None:
        raise Http404
    readdress(
        agent=request.agent,
        conversation_id=found.pk,
        delivery_id=delivery.pk,
        recipient_id=chosen.pk,
        address=request.POST.get("address", ""),
    )


def _chosen(delivery: Delivery, chosen: str) -> DeliveryRecipient | None:
    """Return the recipient that the form names, or the first that has not had it."""
    left = delivery.recipients.exclude(state__in=SETTLED).order_by("pk")
    return next((row for row in left if str(row.pk) == chosen), left.first() if not chosen else None)


def _delivery(found: Conversation, message: int, *, side: bool) -> Delivery:
    words = {"side_message_id": message} if side else {"message_id": message}
    delivery = Delivery.objects.filter(conversation=found, **words).order_by("-pk").first()
    if delivery is None:
        raise Http404
    return delivery
