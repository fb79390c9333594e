"""What the e-mail channel says and what is stored of it: every sentence by its code."""

from rapport.kernel.sentences import Sentences
from rapport.kernel.sentences import gettext_noop as _

sentence = Sentences(
    "email",
    {
        # Connections to mail servers
        "no_server": _("There is no server called {host}. Check the server's name."),
        "connection_refused": _("{host} refuses the connection. Check the port."),
        "certificate": _("The certificate of {host} is not valid for it: {reason}."),
        "no_tls": _("{host} does not speak TLS on this port. Check port and security."),
        "no_answer": _("{host} does not answer."),
        "closed": _("{host} closed the connection. Check port and security."),
        "answered": _("{host} said: {said}"),
        "sign_in_refused": _("{host} refuses user name or password."),
        "sign_in_refused_saying": _("{host} refuses user name or password: {said}"),
        "not_offered": _("{host} does not offer what is set: {said}. Check the security setting."),
        "not_marked": _("New mail is read, but cannot be marked as read in {folder}: {said}"),
        "not_moved": _("New mail is read, but cannot be moved from {folder} to {to}: {said}"),
        "surprise": _("Mail cannot be read ({said}). It stays in the mailbox; Rapport tries again."),
        "own_disk": _("Rapport's own disk does not take the mail ({said}). It stays in the mailbox."),
        # Access at Google and Microsoft
        "access_short": _(
            "{provider} gave access for an hour only. Allow access while you are away, and try again."
        ),
        "access_missing": _("The mailbox is not connected with {provider} yet."),
        "access_not_let_in": _(
            "{host} does not let {provider}'s access in: {said}. Is it the account of this mailbox?"
        ),
        "access_not_asked": _("{provider} could not be asked for access: {error}"),
        "access_not_understood": _("{provider} gave an answer that is not understood."),
        "access_refused": _("{provider} refuses access: {said}. Connect the mailbox again."),
        # Sending
        "no_way_out": _("This inbox has no way to send mail; set one up in its settings."),
        "no_address": _("“{address}” is not a mail address"),
        "no_message_id": _("The message has no usable Message-ID."),
        "letters": _("The mail server cannot take addresses with these letters."),
        "server_refused": _("The mail server refused it: {said}"),
        "service_not_set_up": _(
            "The mail service of this inbox is not set up: choose one and enter its key."
        ),
        "service_unusable": _("{service} cannot be used: {reason}"),
        "service_cannot": _("The mail cannot go this way: {reason}"),
        "service_key": _("{service} refuses the key of this inbox."),
        "service_refused": _("{service} did not take the mail (status {status}): {said}"),
        "service_unreachable": _("{service} cannot be reached: {error}"),
        # Fetching from a mail service
        "mail_gone": _("The mail service no longer has the mail (status {status})."),
        "mail_not_given": _("The mail service did not give the mail (status {status})."),
        "topic_not_amazons": _("The address for the confirmation is not Amazon's; nothing was confirmed."),
        "topic_not_confirmed": _("Amazon did not take the confirmation (status {status})."),
        # What a mail is
        "loop_instance": _("This installation sent the mail itself."),
        "loop_id": _("The mail carries a Message-ID of ours."),
        "loop_servers": _("The mail passed {count} servers, so it probably goes round in a loop."),
        "list_named": _("It came through the mailing list {name}."),
        "list": _("It came through a mailing list."),
        "bulk": _("The sender marked it as bulk mail."),
        "spam_saying": _("The mail server says that it is spam ({header}: {value})."),
        "spam": _("The mail server says that it is spam ({header})."),
        "no_reply": _("The address {address} does not take answers."),
        "automatic_header": _("The header {header} names an automatic reply."),
        "absence_header": _("The header {header} names an absence note."),
        "machine_header": _("The header {header} names an automatic mail."),
        "scheduled_job": _("A scheduled job wrote it."),
        "auto_submitted": _("It says that a machine wrote it (Auto-Submitted: {value})."),
        "automatic_says": _("It says that it is an automatic reply ({header}: {value})."),
        "autoresponder": _("An autoresponder wrote it."),
        "automatic_subject": _("Its subject is that of an automatic reply: {subject}"),
        "automatic_sender": _("Its sender {address} is an autoresponder."),
        "plus_arrived": _("Our test mail to a plus address arrived."),
        "mail_named": _("The mail service named the mail; it is fetched from there."),
        "topic": _("Amazon asked whether its topic may call us; it may."),
        "several": _("The mail service handed over {count} mails in one call."),
        # Earlier mail
        "import_taken_back": _("The import was taken back."),
        # Mail that the server keeps back
        "withheld": _("The mail server does not hand it over ({folder}, UID {uid}): {said}"),
        "asked_again": _("The mail server is asked for it once more."),
        "handed_over": _("The mail server has handed it over after all."),
        "other_mailbox": _("It stands in the mailbox of {user} at {host}, which this inbox no longer reads."),
        "no_longer_there": _("It no longer stands in the mailbox."),
        # Mail that cannot be read
        "too_large": _("The mail is larger than {most} bytes."),
        "too_many_parts": _("The mail has more than {most} parts."),
        "too_deep": _("The mail is nested deeper than {most} levels."),
        "headers_too_large": _("The headers are larger than {most} bytes."),
        "header_too_long": _("A header is longer than {most} bytes."),
        "too_many_recipients": _("The mail names more than {most} recipients."),
        "call_damaged": _("The stored call of the mail service is damaged."),
        "service_unknown": _("No mail service is called {name}."),
        "call_unreadable": _("The call of the mail service could not be read ({error})."),
        "call_empty": _("The call of the mail service holds no mail."),
        "put_elsewhere": _(
            "The receipt rule put the mail into {place}; it is not fetched there. "
            "Let the rule publish to SNS, with Base64 as encoding."
        ),
        # Reports on mails of ours
        "delivered": _("A mail of ours was delivered, as this report says."),
        "late": _("A mail of ours is late; the server keeps trying."),
        "not_delivered": _("A mail of ours was not delivered. {reason}"),
        "unwanted": _("A recipient marked a mail of ours as unwanted."),
        "no_more": _("A recipient wants no more of these mails."),
        "complaint": _("A mail server complains about a mail of ours ({kind})."),
        "bounce_user_unknown": _("Nobody has this address."),
        "bounce_host_unknown": _("The domain of the address does not exist or takes no mail."),
        "bounce_moved": _("The address has moved or is no longer used."),
        "bounce_not_accepted": _("The domain accepts no mail at all."),
        "bounce_mailbox_full": _("The mailbox is full."),
        "bounce_too_big": _("The mail is too big for the recipient."),
        "bounce_spam": _("The recipient's server took the mail for spam."),
        "bounce_blocked": _("The recipient's server blocks our mail server."),
        "bounce_authentication": _(
            "The recipient's server could not confirm our sender address (SPF, DKIM, DMARC)."
        ),
        "bounce_relaying": _("The server does not take mail for this address from us."),
        "bounce_suspended": _("The mailbox is switched off at the moment."),
        "bounce_refused": _("The recipient or a rule there does not accept this mail."),
        "bounce_unclear": _("The recipient or a rule there does not accept this mail."),
        "bounce_virus": _("The recipient's server thinks that the mail holds something harmful."),
        "bounce_expired": _("The server could not be reached for a long time."),
        "bounce_too_many": _("The server takes no more mail from us at the moment."),
        "bounce_server_error": _("The recipient's server has a fault."),
        "bounce_unknown": _("The server gave no clear reason."),
        # The customer in form mails
        "pattern_no_email": _("One line must contain {{email}}."),
        "pattern_lines": _("At most {most} lines."),
        "pattern_twice": _("“{line}” takes the same thing twice."),
        "pattern_stars": _("“{line}” has more than two stars."),
    },
)
