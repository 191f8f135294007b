"""What a rule of Python needs: the two stacks, findings, values, and references by name.

A rule imports this module, and what it needs of the packages aws, topology, code, iam, monitoring.
"""

from stackproof.evaluation.acceptance import accepted, accepts, refusal, with_parameters
from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack, resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Finding, Findings, Path, for_each
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_list, is_true, number, properties_path
from stackproof.template.body import INLINE_LIMIT, minified
from stackproof.template.loader import SECTIONS
from stackproof.template.parameters import Declaration, declarations
from stackproof.topology.resource_index import created_names, resources_by_name, waits_for

__all__ = [
    "INLINE_LIMIT",
    "SECTIONS",
    "CannotTell",
    "Declaration",
    "Deployment",
    "Document",
    "Finding",
    "Findings",
    "Path",
    "Stack",
    "accepted",
    "accepts",
    "as_list",
    "created_names",
    "declarations",
    "for_each",
    "is_true",
    "memoised",
    "minified",
    "number",
    "properties_path",
    "refusal",
    "resolve",
    "resources_by_name",
    "waits_for",
    "with_parameters",
]
