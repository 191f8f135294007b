"""What a rule of Python needs: the two stacks, findings, values, and references by name.

A rule imports this module, and what it needs of the packages aws, topology, code, iam, monitoring. Two modules are here
whole, since few rules need them: `acceptance` (what parameters accept, what a template rejects), `body` (its size).
"""

from stackproof.evaluation import acceptance
from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.resource import once_of_alike
from stackproof.evaluation.stack import Stack, resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Finding, Findings, Path, for_each
from stackproof.foundation.memo import memoised
from stackproof.foundation.placeholders import holds_unknown
from stackproof.foundation.values import as_list, as_mapping, is_true, number, properties_path, values_at, written
from stackproof.template import body
from stackproof.template.loader import SECTIONS
from stackproof.template.parameters import declarations
from stackproof.topology.resource_index import resource_of, resources_by_name

__all__ = [
    "SECTIONS",
    "CannotTell",
    "Deployment",
    "Document",
    "Finding",
    "Findings",
    "Path",
    "Stack",
    "acceptance",
    "as_list",
    "as_mapping",
    "body",
    "declarations",
    "for_each",
    "holds_unknown",
    "is_true",
    "memoised",
    "number",
    "once_of_alike",
    "properties_path",
    "resolve",
    "resource_of",
    "resources_by_name",
    "values_at",
    "written",
]
