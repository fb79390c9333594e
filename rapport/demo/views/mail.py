"""“Write as a customer”: the mailboxes of the demo's customers."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from rapport.conversations.models import Conversation, Folder
from rapport.conversations.recipients import BadAddress, parse_addresses
from rapport.demo import letters, mailboxes
from rapport.demo.doors import customers_page, demo_only
from rapport.demo.models import CustomerMail
from rapport.demo.past import recall
from rapport.inboxes.contract import Address
from rapport.inboxes.models import Inbox
from rapport.inboxes.queries.by_address import inbox_by_address
from rapport.kernel.files.names import uploaded_name
from rapport.kernel.web.render import block, page
from rapport.staff.models import Account

SUGGESTED = 14
DOWNLOAD = "application/octet-stream"


class LetterForm(forms.Form):
    """A first mail, or with ``answers`` the answer to one."""

    sender = forms.CharField(label=_("You are"), max_length=400)
    to = forms.ChoiceField(label=_("To"))
    subject = forms.CharField(label=_("Subject"), max_length=300)
    text = forms.CharField(
        label=_("Your message"), widget=forms.Textarea(attrs={"rows": 7}), max_length=100_000
    )
    file = forms.FileField(label=_("A file"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        boxes = Inbox.objects.filter(kind="email", active=True).select_related("brand").order_by("pk")
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            (box.address, f"{box.brand.name} {box.name} <{box.address}>") for box in boxes
        ]

    def clean_sender(self) -> Address:
        """Read who writes: an address, or a name with one; nobody of the shop itself."""
        try:
            found = parse_addresses([self.cleaned_data["sender"]])
        except BadAddress:
            found = ()
        if len(found) != 1:
            raise forms.ValidationError(_("Write an address, such as Ada Byron <ada@mailhaven.example>."))
        address = found[0].value
        if inbox_by_address(address) or Account.objects.filter(email__iexact=address).exists():
            raise forms.ValidationError(_("This address belongs to the shop. Choose a customer's."))
        return found[0]

    def clean_file(self) -> Any:
        """Refuse what no mail carries."""
        given = self.cleaned_data["file"]
        if given and given.size > letters.LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return given


@customers_page
@require_http_methods(["GET", "POST"])
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show one customer's mailbox beside an empty mail, and send that mail."""
    form = LetterForm(
        request.POST or None, request.FILES or None, initial={"sender": request.GET.get("as", "")}
    )
    if request.method == "POST" and form.is_valid():
        recall(form.cleaned_data["sender"].value)
        sent = _send(form, None)
        if sent is not None:
            return HttpResponseRedirect(f"{reverse('demo-thread', args=[sent.pk])}?sent=1")
    shown = _shown(str(form["sender"].value() or ""))
    if shown:
        recall(shown)
    return page(request, "demo/mailbox.html", form=form, **_mailbox(shown))


@demo_only
@require_GET
def thread_list(request: HttpRequest) -> HttpResponse:
    """Answer the list of threads alone; the open page asks for it every few seconds."""
    return block(request, "demo/mailbox.html", "threads", **_mailbox(_shown(request.GET.get("as", ""))))


@customers_page
@require_http_methods(["GET", "POST"])
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one thread of a customer's mailbox, and answer in it."""
    kept = _kept(pk)
    newest = mailboxes.newest(kept)
    written = {**request.POST.dict(), **_answering(newest)} if request.method == "POST" else None
    form = LetterForm(written, request.FILES or None, initial=_answering(newest))
    if form.is_bound and form.is_valid() and _send(form, newest) is not None:
        return HttpResponseRedirect(f"{reverse('demo-thread', args=[pk])}?sent=1")
    return page(
        request,
        "demo/thread.html",
        form=form,
        subject=newest.subject,
        letters=mailboxes.letters(kept),
        sent="sent" in request.GET,
        thread_pk=pk,
        **_mailbox(kept.mailbox),
    )


@demo_only
@require_GET
def letter_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the mails of a thread once there are others than the open page, which asks again, has seen."""
    letters = mailboxes.letters(_kept(pk))
    if request.GET.get("seen") == str(len(letters)):
        return HttpResponse(status=204)
    return block(request, "demo/thread.html", "letters", letters=letters, thread_pk=pk)


@demo_only
@require_GET
def file(_request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Give a file of a mail as a download, never as a page."""
    files = mailboxes.opened(_kept(pk)).attachments
    if number >= len(files):
        raise Http404
    name = urlencode({"n": files[number].name})[2:].replace("+", "%20")
    return HttpResponse(
        files[number].content,
        content_type=DOWNLOAD,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _send(form: LetterForm, answers: CustomerMail | None) -> CustomerMail | None:
    values, given = form.cleaned_data, form.cleaned_data["file"]
    content = (uploaded_name(given.name), given.content_type or DOWNLOAD, given.read()) if given else None
    try:
        return letters.send(
            letters.Letter(
                sender=values["sender"],
                to=values["to"],
                subject=values["subject"],
                text=values["text"],
                answers=answers,
                file=content,
            )
        )
    except letters.NotSent as reason:
        form.add_error(None, str(reason))
        return None


def _answering(mail: CustomerMail) -> dict[str, str]:
    """Return what the fields of an answer hold: the same person, the inbox of the thread, the subject."""
    opened = mailboxes.opened(mail)
    shop = opened.to[0].email if mail.sent and opened.to else (opened.reply_to or (opened.from_,))[0].email
    person = (
        opened.from_
        if mail.sent
        else next((each for each in opened.recipients if each.email.lower() == mail.mailbox), None)
    )
    inbox = inbox_by_address(shop)
    name = person.name if person else ""
    subject = mail.subject if mail.subject[:3].lower() in {"re:", "aw:"} else f"Re: {mail.subject}"
    return {
        "sender": f"{name} <{mail.mailbox}>" if name else mail.mailbox,
        "to": inbox.address if inbox else shop,
        "subject": subject,
    }


def _kept(pk: int) -> CustomerMail:
    kept = CustomerMail.objects.filter(pk=pk).first()
    if kept is None:
        raise Http404
    return kept


def _shown(typed: str) -> str:
    try:
        found = parse_addresses([typed])
    except BadAddress:
        return ""
    return found[0].value.lower() if found else ""


def _mailbox(address: str) -> dict[str, Any]:
    return {
        "address": address,
        "threads": mailboxes.threads(address) if address else [],
        "customers": _suggested(),
    }


def _suggested() -> list[str]:
    """Return customers who wait for an answer now, and those who have written here, each once."""
    waiting = Conversation.objects.filter(folder=Folder.OPEN, identity__isnull=False).order_by(
        "-last_message_at"
    )
    rows = waiting.values_list("customer__name", "identity__value")[: SUGGESTED * 2]
    found = {value: f"{name} <{value}>" if name else value for name, value in rows}
    for value in CustomerMail.objects.order_by("-at").values_list("mailbox", flat=True)[:SUGGESTED]:
        found.setdefault(value, value)
    return list(found.values())[: SUGGESTED * 2]
