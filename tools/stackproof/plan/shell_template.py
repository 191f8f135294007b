"""How a shell script sends a template: inline without white space, or through the bucket for templates.

`aws cloudformation deploy` uploads by itself, in the region of its stack; it knows no URL. A StackSet takes one.
"""

from __future__ import annotations

import shlex

from stackproof.foundation.document import Document
from stackproof.template.body import BUCKET_OUTPUT as OUTPUT
from stackproof.template.body import fits_inline, upload

PACKED = "packaged.json"
FOUND = f"Stacks[].Outputs[] | [?OutputKey=='{OUTPUT}'].OutputValue | [0]"


def opening(template: Document, bucket: str = "") -> list[str]:
    """Return the lines that a script begins with, so that the options below mean something."""
    if fits_inline(template):
        return [f"stackproof package {shlex.quote(template.path)} > {PACKED}"]
    stated = [f"TEMPLATE_BUCKET={shlex.quote(bucket)}"] if bucket else []
    # `--output text` would ask each page of the answer by itself.
    return [
        *stated,
        "bucket() {  # the bucket for templates: the one that is named, or that of which a stack of the region tells",
        '  if [ -n "${TEMPLATE_BUCKET:-}" ]; then echo "$TEMPLATE_BUCKET"; return; fi',
        f'  found=$(aws cloudformation describe-stacks --region "$1" --query "{FOUND}" --output json | tr -d \'"\')',
        f'  if [ "$found" = null ]; then echo "no stack in $1 has the output {OUTPUT}:" \\',
        '    "deploy lib/Prerequisites.json first, or set TEMPLATE_BUCKET" >&2; exit 2; fi',
        '  echo "$found"',
        "}",
    ]


def of_stack(template: Document, region: str) -> tuple[list[str], list[str]]:
    """Return the lines before `aws cloudformation deploy` in a region, and its options."""
    if fits_inline(template):
        return [], [f"--template-file {PACKED}"]
    folder = upload(template).key.partition("/")[0]
    options = f'--template-file {shlex.quote(template.path)} --s3-bucket "$BUCKET" --s3-prefix {folder}'
    return [f"BUCKET=$(bucket {region})"], [options]


def of_stack_set(template: Document, home: str, suffix: str) -> tuple[list[str], str]:
    """Return the lines before a call that makes or updates a StackSet, and its option; `suffix` of the partition."""
    if fits_inline(template):
        return [], f"--template-body file://{PACKED}"
    what = upload(template)
    lines = [
        f"BUCKET=$(bucket {home})",
        'BUCKET_REGION=$(aws s3api head-bucket --bucket "$BUCKET" --query BucketRegion --output text)',
        f'aws s3 cp --region "$BUCKET_REGION" --sse AES256 {shlex.quote(template.path)} "s3://$BUCKET/{what.key}"',
    ]
    return lines, f'--template-url "https://s3.$BUCKET_REGION.{suffix}/$BUCKET/{what.key}"'
