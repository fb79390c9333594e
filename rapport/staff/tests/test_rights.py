import io

import pytest
from PIL import Image

from rapport.kernel.files import images, storage
from rapport.kernel.live.models import LiveSignal
from rapport.staff.actions.brands import archive_brand, create_brand, edit_brand
from rapport.staff.actions.change_role import change_role
from rapport.staff.actions.create_agent import create_agent
from rapport.staff.actions.disable import disable, enable
from rapport.staff.actions.set_groups import set_brands, set_teams
from rapport.staff.actions.set_password import set_password
from rapport.staff.actions.sign_out_everywhere import sign_out_everywhere
from rapport.staff.actions.teams import archive_team, create_team, rename_team
from rapport.staff.actions.update_profile import set_avatar, update_profile
from rapport.staff.authority import NotAllowed, Refused
from rapport.staff.models import Agent, AuditEntry, AuditWords
from rapport.staff.roles import Role
from rapport.staff.tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Agent:
    return person("Boss Adler", Role.ADMINISTRATOR)


@pytest.fixture
def manager() -> Agent:
    return person("Mika Sorel", Role.MANAGER)


def kinds() -> list[str]:
    return list(AuditEntry.objects.order_by("seq").values_list("kind", flat=True))


def test_a_change_of_role_is_audited_with_old_and_new(boss):
    agent = person()
    change_role(actor=boss, agent=agent, role=Role.TEAM_LEAD)
    entry = AuditEntry.objects.latest("seq")
    assert entry.kind == "agent.role_changed"
    assert (entry.actor_id, entry.subject_kind, entry.subject_id) == (boss.pk, "staff.agent", agent.pk)
    assert (entry.words.before, entry.words.after) == ({"role": "representative"}, {"role": "team_lead"})


def test_withdrawn_rights_close_open_streams(boss):
    agent = person()
    team = create_team(actor=boss, name="Returns")
    set_teams(actor=boss, agent=agent, team_ids=[team.pk])
    assert not LiveSignal.objects.filter(topic=f"agent:{agent.pk}:revoked").exists()
    set_teams(actor=boss, agent=agent, team_ids=[])
    assert LiveSignal.objects.filter(topic=f"agent:{agent.pk}:revoked").count() == 1
    change_role(actor=boss, agent=agent, role=Role.COLLABORATOR)
    disable(actor=boss, agent=agent)
    assert LiveSignal.objects.filter(topic=f"agent:{agent.pk}:revoked").count() == 3


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.MANAGER, Role.ADMINISTRATOR}])
def test_only_managers_and_administrators_change_people(boss, role):
    actor, other = person("Otto Prinz", role), person()
    for act in (
        lambda: change_role(actor=actor, agent=other, role=Role.TEAM_LEAD),
        lambda: set_teams(actor=actor, agent=other, team_ids=[]),
        lambda: set_brands(actor=actor, agent=other, brand_ids=[]),
        lambda: disable(actor=actor, agent=other),
        lambda: enable(actor=actor, agent=other),
        lambda: sign_out_everywhere(actor=actor, agent=other),
        lambda: create_agent(actor=actor, address="x@shop.example", name="X"),
        lambda: create_team(actor=actor, name="X"),
        lambda: create_brand(actor=actor, name="X"),
        lambda: set_avatar(actor=actor, agent=other, content=None),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_manager_neither_makes_nor_touches_an_administrator(manager, boss):
    agent = person()
    for act in (
        lambda: change_role(actor=manager, agent=agent, role=Role.ADMINISTRATOR),
        lambda: change_role(actor=manager, agent=boss, role=Role.REPRESENTATIVE),
        lambda: disable(actor=manager, agent=boss),
        lambda: create_agent(actor=manager, address="x@shop.example", name="X", role=Role.ADMINISTRATOR),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_the_last_administrator_stays(boss):
    with pytest.raises(Refused):
        change_role(actor=None, agent=boss, role=Role.MANAGER)
    with pytest.raises(Refused):
        disable(actor=None, agent=boss)
    second = person("Zoe Brandt", Role.ADMINISTRATOR)
    change_role(actor=second, agent=boss, role=Role.MANAGER)
    with pytest.raises(Refused):
        disable(actor=None, agent=second)


def test_nobody_changes_their_own_role_or_disables_themselves(boss):
    person("Zoe Brandt", Role.ADMINISTRATOR)
    with pytest.raises(Refused):
        change_role(actor=boss, agent=boss, role=Role.MANAGER)
    with pytest.raises(Refused):
        disable(actor=boss, agent=boss)


def test_an_address_belongs_to_one_person(boss):
    person()
    with pytest.raises(Refused) as refused:
        create_agent(actor=boss, address="MARA@shop.example", name="Another")
    assert refused.value.field == "address"
    assert Agent.objects.count() == 2


def test_audit_never_holds_a_password(boss):
    create_agent(actor=boss, address="x@shop.example", name="X", password="the hidden words 9")
    everything = str(list(AuditEntry.objects.values())) + str(list(AuditWords.objects.values()))
    assert "hidden" not in everything
    assert "argon2" not in everything


def test_a_refused_act_leaves_no_entry(boss):
    before = kinds()
    with pytest.raises(Refused):
        change_role(actor=boss, agent=boss, role=Role.MANAGER)
    change_role(actor=boss, agent=boss, role=Role.ADMINISTRATOR)
    assert kinds() == before


def test_brands_and_teams_are_audited(boss):
    brand = create_brand(actor=boss, name="Shop")
    edit_brand(actor=boss, brand=brand, name="Shop", colour="#112233", website="", signature_html="<p>Hi</p>")
    archive_brand(actor=boss, brand=brand, archived=True)
    archive_brand(actor=boss, brand=brand, archived=True)
    rename_team(actor=boss, team=create_team(actor=boss, name="A"), name="B")
    assert kinds()[-5:] == [
        "brand.created",
        "brand.changed",
        "brand.archived",
        "team.created",
        "team.renamed",
    ]


@pytest.mark.parametrize("colour", ["red", "#12", "url(x)", "#11223g", "#112233;x"])
def test_a_colour_is_a_colour(boss, colour):
    with pytest.raises(Refused):
        create_brand(actor=boss, name="Shop", colour=colour)


def test_a_signature_is_sanitised():
    agent = person()
    update_profile(
        actor=agent,
        agent=agent,
        name="Mara",
        public_name="",
        bio="",
        language="de",
        time_zone="Europe/Berlin",
        signature_html='<p onclick="x()">Hi<script>alert(1)</script></p>',
    )
    agent.refresh_from_db()
    assert "script" not in agent.signature_html
    assert "onclick" not in agent.signature_html
    assert agent.time_zone == "Europe/Berlin"


def test_a_picture_is_made_anew():
    agent = person()
    target = io.BytesIO()
    image = Image.new("RGB", (900, 600), "navy")
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    image.save(target, "JPEG", exif=exif)
    set_avatar(actor=agent, agent=agent, content=target.getvalue())
    content = storage.read(agent.avatar)
    assert b"secret place" not in content
    assert images.probe(content).width <= 256


@pytest.mark.parametrize("content", [b"", b"<svg onload=x>", b"GIF89a<script>", b"%PDF-1.4"])
def test_what_is_no_picture_is_refused(content):
    agent = person()
    with pytest.raises(Refused):
        set_avatar(actor=agent, agent=agent, content=content)


def test_the_audit_knew_nothing_of_the_teams_and_brands_of_an_invitation(boss):
    team, brand = create_team(actor=boss, name="Returns"), create_brand(actor=boss, name="Velo")
    agent = person("Nora Falk", team_ids=[team.pk], brand_ids=[brand.pk])
    entry = AuditEntry.objects.get(kind="agent.created", subject_id=agent.pk)
    assert (entry.words.after["teams"], entry.words.after["brands"]) == (["Returns"], ["Velo"])


def test_a_password_set_by_the_operator_was_said_to_be_set_by_its_owner(boss):
    set_password(actor=None, account=boss.account, password="another long secret 8")
    entry = AuditEntry.objects.get(kind="account.password_set")
    assert (entry.actor_kind, entry.actor_id, entry.subject_id) == ("system", None, boss.pk)


def test_archived_teams_and_brands_were_lost_with_the_next_save(boss):
    agent = person("Nora Falk")
    teams = [create_team(actor=boss, name=name) for name in ("Old", "New", "Next")]
    brands = [create_brand(actor=boss, name=name) for name in ("Old brand", "New brand")]
    agent.teams.set(teams[:2])
    agent.brands.set(brands[:1])
    archive_team(actor=boss, team=teams[0], archived=True)
    archive_brand(actor=boss, brand=brands[0], archived=True)
    set_teams(actor=boss, agent=agent, team_ids=[teams[2].pk])
    set_brands(actor=boss, agent=agent, brand_ids=[brands[1].pk])
    assert {team.name for team in agent.teams.all()} == {"Old", "Next"}
    assert {brand.name for brand in agent.brands.all()} == {"Old brand", "New brand"}
