import pytest

from rapport.customers.actions.companies import create_company
from rapport.customers.actions.edit_customer import edit_customer
from rapport.customers.actions.identify import identify
from rapport.customers.actions.identities import add_identity, block_identity, heard_from, remove_identity
from rapport.customers.actions.merge import merge, unmerge
from rapport.customers.models import Customer, CustomerEntry, Identity
from rapport.customers.queries.group import group_ids, identities_of
from rapport.customers.queries.people import NotFound, customer_for, matching
from rapport.customers.values import normalised
from rapport.kernel.clock import now
from rapport.staff.authority import NotAllowed, Refused
from rapport.staff.roles import Role
from rapport.staff.tests.people import person

pytestmark = pytest.mark.django_db


def known(address: str, name: str = "") -> Customer:
    return identify(value=address, name=name, at=now()).customer


def test_a_stranger_is_created_once_and_recognised_whatever_the_case():
    first = identify(value="Anna.Berg@Post.Example", name="Anna Berg", at=now())
    again = identify(value=" anna.berg@post.example ", name="", at=now())
    assert first.created
    assert not again.created
    assert again.customer.pk == first.customer.pk
    assert again.customer.name == "Anna Berg"
    assert list(CustomerEntry.objects.values_list("kind", flat=True)) == ["customer.created"]


def test_a_known_person_takes_one_query(django_assert_num_queries):
    known("anna@post.example", "Anna")
    with django_assert_num_queries(1):
        identify(value="anna@post.example", name="Anna", at=now())


def test_a_missing_name_is_learned_and_a_known_one_is_kept():
    known("anna@post.example")
    assert known("anna@post.example", "Anna Berg").name == "Anna Berg"
    assert known("anna@post.example", "A. Nonymous").name == "Anna Berg"
    assert Customer.objects.get().name == "Anna Berg"


def test_the_company_comes_only_with_a_claimed_domain():
    create_company(agent=None, name="Velo Kurier", domain="@Kurier.Example")
    assert known("dispo@kurier.example").company.name == "Velo Kurier"
    assert known("anna@post.example").company is None


def test_a_shared_address_offers_everybody_and_prefers_the_name():
    agent = person()
    anna = known("familie@post.example", "Anna Berg")
    jon = known("jon@post.example", "Jon Berg")
    add_identity(agent=agent, customer=jon, value="familie@post.example")
    assert set(Identity.objects.filter(value="familie@post.example").values_list("shared", flat=True)) == {
        True
    }
    found = identify(value="familie@post.example", name="JON BERG", at=now())
    assert found.customer.pk == jon.pk
    assert {each.pk for each in found.candidates} == {anna.pk, jon.pk}
    assert identify(value="familie@post.example", name="", at=now()).customer.pk == anna.pk


def test_removing_the_second_ends_the_sharing():
    agent = person()
    known("familie@post.example")
    second = add_identity(agent=agent, customer=known("jon@post.example"), value="familie@post.example")
    remove_identity(agent=agent, identity=second)
    assert Identity.objects.get(value="familie@post.example").shared is False


def test_merge_is_a_pointer_and_unmerge_restores_everything():
    lead = person("Lena Ott", Role.TEAM_LEAD)
    old, new = known("anna@old.example", "Anna"), known("anna@new.example", "Anna")
    before = list(Identity.objects.order_by("pk").values())
    merge(agent=lead, duplicate=old, into=new)
    assert list(Identity.objects.order_by("pk").values()) == before
    assert group_ids(old) == [new.pk, old.pk]
    assert [each.value for each in identities_of(new)] == ["anna@old.example", "anna@new.example"]
    assert known("anna@old.example").pk == new.pk
    unmerge(agent=lead, customer=old)
    assert known("anna@old.example").pk == old.pk
    assert group_ids(new) == [new.pk]


def test_chains_of_merges_come_apart_again():
    lead = person("Lena Ott", Role.TEAM_LEAD)
    a, b, c = (known(f"{letter}@post.example") for letter in "abc")
    merge(agent=lead, duplicate=a, into=b)
    merge(agent=lead, duplicate=b, into=c)
    assert group_ids(a) == [c.pk, b.pk, a.pk]
    with pytest.raises(Refused):
        merge(agent=lead, duplicate=c, into=a)
    unmerge(agent=lead, customer=b)
    assert group_ids(a) == [b.pk, a.pk]
    assert group_ids(c) == [c.pk]


def test_who_may_not_merge():
    with pytest.raises(NotAllowed):
        merge(agent=person(), duplicate=known("a@post.example"), into=known("b@post.example"))


def test_editing_keeps_the_old_words_apart_from_the_entry():
    anna = known("anna@post.example", "Anna")
    edit_customer(agent=person(), customer=anna, name="Anna Berg", tags=["vip", " vip "])
    entry = CustomerEntry.objects.get(kind="customer.edited")
    assert entry.payload == {"company_id": None}
    assert entry.words.before == {"name": "Anna", "tags": []}
    assert entry.words.after == {"name": "Anna Berg", "tags": ["vip"]}


def test_a_qa_analyst_edits_nobody():
    with pytest.raises(NotAllowed):
        edit_customer(agent=person(role=Role.QA_ANALYST), customer=known("a@post.example"), name="x")


def test_blocking_holds_for_everybody_who_shares_the_address():
    lead = person("Lena Ott", Role.TEAM_LEAD)
    known("familie@post.example")
    second = add_identity(agent=lead, customer=known("jon@post.example"), value="familie@post.example")
    block_identity(agent=lead, identity=second, blocked=True)
    assert Identity.objects.filter(value="familie@post.example", blocked=True).count() == 2


def test_hearing_from_a_shared_address_left_the_other_person_bounced():
    lead = person("Lena Ott", Role.TEAM_LEAD)
    first = identify(value="familie@post.example", at=now()).identity
    Identity.objects.update(bounced_at=now(), bounce_reason="no such mailbox")
    second = add_identity(agent=lead, customer=known("jon@post.example"), value="familie@post.example")
    heard_from(second)
    first.refresh_from_db()
    assert (first.bounced_at, first.bounce_reason) == (None, "")


def test_people_are_found_by_name_and_address():
    agent = person()
    known("anna@post.example", "Anna Berg")
    assert [each.name for each in matching(agent, "ann")] == ["Anna Berg"]
    (anna,) = matching(agent, "ANNA@post")
    assert (anna.name, anna.addresses) == ("Anna Berg", ["anna@post.example"])
    assert matching(agent, "  ") == []


def test_the_address_of_a_merged_record_found_nobody():
    anna, second, third = (known(f"{name}@post.example", "Anna Berg") for name in ("anna", "bergs", "dritte"))
    agent = person(role=Role.TEAM_LEAD)
    merge(agent=agent, duplicate=third, into=second)
    merge(agent=agent, duplicate=second, into=anna)
    assert [each.pk for each in matching(agent, "dritte@post")] == [anna.pk]
    assert [each.pk for each in matching(agent, "anna berg")] == [anna.pk]


def test_somebody_was_found_by_an_address_that_was_then_not_shown(django_assert_num_queries):
    people = [known(f"{name}@post.example", "Anna Berg") for name in ("anna", "bergs", "dritte")]
    anna, second, third = people
    agent = person(role=Role.TEAM_LEAD)
    remove_identity(agent=agent, identity=second.identities.get())
    add_identity(agent=agent, customer=third, value="040 12345", kind="phone")
    add_identity(agent=agent, customer=anna, value="040 12345", kind="phone")
    merge(agent=agent, duplicate=third, into=second)
    merge(agent=agent, duplicate=second, into=anna)
    known("anna.other@post.example", "Anna Berg")
    with django_assert_num_queries(4):
        hers, other = matching(agent, "anna berg")
    assert hers.addresses == ["anna@post.example", "dritte@post.example", "04012345"]
    assert other.addresses == ["anna.other@post.example"]


def test_somebody_without_a_name_was_found_without_a_title():
    known("anna@post.example")
    (found,) = matching(person(), "anna@post")
    assert found.name == "anna@post.example"


def test_a_collaborator_looks_nobody_up():
    agent = person(role=Role.COLLABORATOR)
    anna = known("anna@post.example", "Anna Berg")
    assert matching(agent, "anna") == []
    with pytest.raises(NotFound):
        customer_for(agent, anna.pk)


@pytest.mark.parametrize("value", ["", "\x00", "a" * 5000, "ä" * 400 + "@x", "\ud800@x.example"])
def test_any_value_is_stored_and_found_again(value):
    first = identify(value=value, at=now())
    assert identify(value=value, at=now()).customer.pk == first.customer.pk
    assert len(first.identity.value) <= 320


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+49 (0)30 1234567", "+49301234567"),
        ("0049-(0) 30 / 1234567", "0049301234567"),
        ("+44 (0) 20 7946 0958", "+442079460958"),
        ("+39 (0)6 1234567", "+39061234567"),
        ("(030) 1234567", "0301234567"),
        ("(0)30 1234567", "0301234567"),
        ("+1 (020) 1234567", "+10201234567"),
    ],
)
def test_the_zero_in_brackets_after_a_country_code_was_kept(typed, kept):
    assert normalised("phone", typed) == kept


def test_long_values_that_begin_alike_stay_apart():
    assert normalised("email", "a" * 400 + "b") != normalised("email", "a" * 400 + "c")
