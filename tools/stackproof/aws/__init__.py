"""Facts about AWS, none about a template: regions, schemas, names and ARNs, IAM actions, metrics, runtimes.

The modules, in reading order:

arn          wildcards of ARNs and actions
regions      the regions, zones and partitions that AWS has
schemas      what the types of resources hold
cidr         arithmetic on CIDR blocks
references   the names and ARNs that CloudFormation forms
attributes   which attributes types of resources have
iam_actions  what IAM's actions are, and the resources they know
metrics      what metrics services publish
taggable     which types take tags, and where
runtimes     when runtimes end
"""
