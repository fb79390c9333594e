"""The seven roles of staff, from least to most."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member of staff is; the rights of each stand in ``permissions``."""

    COLLABORATOR = "collaborator", _("Collaborator")
    REPRESENTATIVE = "representative", _("Representative")
    SPECIALIST = "specialist", _("Specialist")
    TEAM_LEAD = "team_lead", _("Team lead")
    QA_ANALYST = "qa_analyst", _("QA analyst")
    MANAGER = "manager", _("Manager")
    ADMINISTRATOR = "administrator", _("Administrator")
