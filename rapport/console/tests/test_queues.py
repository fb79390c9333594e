"""Work that was given up is shown with its reason, and tried again."""

import pytest

from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Delivery
from rapport.conversations.recipients import parse_addresses
from rapport.kernel.clock import now
from rapport.kernel.jobs.models import Job, State
from rapport.kernel.jobs.worker import drain
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from tests import world
from tests.world import conversation_of, receive
from tests.world import mail as mail_to

pytestmark = pytest.mark.django_db


def test_the_reason_of_a_dead_letter_was_english_for_everybody(client, boss):
    Job.objects.create(name="a_job_of_tomorrow")
    drain(["jobs"])
    Agent.objects.filter(pk=boss.pk).update(language="de")
    page = client.get("/settings/queues").content.decode()
    assert "Keine Arbeit heißt a_job_of_tomorrow." in page


def test_dead_letters_are_shown_with_their_reason_and_tried_again(client, boss):
    job = Job.objects.create(name="sweep", state=State.FAILED, attempts=12, last_error="the disk is full")
    assert "the disk is full" in client.get("/settings/queues").content.decode()
    client.post("/settings/queues/jobs/retry", {"id": job.pk})
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


def test_a_mail_that_was_given_up_had_no_button_to_try_it_again(client):
    company = world.build()
    client.force_login(company.agent(Role.ADMINISTRATOR).account)
    conversation = conversation_of(receive(company.inbox, mail_to()))
    answer = Answer(html="<div>Yes</div>", to=parse_addresses(["ada@customer.example"]))
    reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer)
    delivery = Delivery.objects.get()
    Delivery.objects.update(state=State.FAILED, attempts=5)
    page = client.get("/settings/queues").content.decode()
    assert f'name="id" value="{delivery.pk}"' in page
    client.post("/settings/queues/delivery/retry", {"id": delivery.pk})
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.QUEUED, 0)


def test_all_that_was_to_be_tried_again_was_the_first_fifty_of_it(client):
    company = world.build()
    client.force_login(company.agent(Role.ADMINISTRATOR).account)
    conversation = conversation_of(receive(company.inbox, mail_to()))
    Delivery.objects.bulk_create(
        Delivery(conversation=conversation, state=State.FAILED, created_at=now()) for _ in range(120)
    )
    answer = client.post("/settings/queues/delivery/retry", follow=True)
    assert "120 are tried again." in answer.content.decode()
    drain(["jobs"])
    assert not Delivery.objects.filter(state=State.FAILED).exists()
