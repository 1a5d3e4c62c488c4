"""Projects and their earlier tuner runs (`GET /api/projects`, `GET /api/{projectId}/optimize/runs`)."""

from pydantic import Field

from eitui.api.models.base import Answer, Items, Model, Required
from eitui.api.models.number import Flag, Time, Whole
from eitui.api.models.space import TunerSpaceImpulse
from eitui.api.models.text import FreeForm, LongText, Text, Texts


class Project(Model):
    """A project. Who works on it is left out: a monitor has no use for people's data."""

    id: Whole = None
    name: Text = ""
    description: LongText = ""
    created: Time = None
    owner: Text = ""
    """The user or organisation it belongs to."""
    last_accessed: Time = None
    last_modified: Time = None
    last_modification_details: Text = ""
    labeling_method: Text = ""
    """`single_label`, `object_detection` or `label_map`."""
    metadata: FreeForm = Field(default_factory=dict)
    is_enterprise_project: Flag = None
    whitelabel_id: Whole = None
    whitelabel_name: Text = ""
    tags: Texts = ()
    category: Text = ""
    license: Text = ""
    tier: Text = ""
    """`free`, `community-plus`, `professional` or `enterprise`."""
    has_public_version: Flag = None
    is_public: Flag = None
    allows_live_public_access: Flag = None
    public_project_listed: Flag = None


class ListProjectsResponse(Answer):
    """The projects that the key opens: with a project's key, that one."""

    projects: Required[Project]


class TunerRun(Model):
    """A run, as the list of runs describes it."""

    tuner_job_id: Whole = None
    tuner_coordinator_job_id: Whole = None
    index: Whole = None
    name: Text = ""
    created: Time = None
    job_status: Text = ""
    """`cancelled`, `creating`, `failed`, `pending`, `running` or `success`."""
    continuation_job_id: Whole = None
    space: Items[TunerSpaceImpulse] = ()
    visible: Flag = None
    """Whether the Studio shows it."""


class ListTunerRunsResponse(Answer):
    """All runs of a project."""

    runs: Required[TunerRun]
