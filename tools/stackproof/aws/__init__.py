"""Facts about AWS, none about a template: regions, schemas, names and ARNs, IAM actions, metrics, runtimes.

What libraries ship is read from them; the rest stands in `data/`, one row a fact, each with its source. The modules, in
reading order:

shipped           files that other packages ship
cfnlint_files     those of cfn-lint, all of them
botocore_files    those of botocore, all of them
call_shapes       what the methods of boto3's clients take and give
data              the tables of facts that nothing ships
arn               wildcards of ARNs and actions
regions           the regions, zones and partitions that AWS has
schemas           what the types of resources hold
cidr              arithmetic on CIDR blocks
references        the names and ARNs that CloudFormation forms
attributes        which attributes types of resources have
iam_actions       what IAM's actions are, and the resources they know
sdk_services      what Step Functions calls by the names of the SDK for Java
managed_policies  what AWS's managed policies allow
metrics           what metrics services publish
taggable          which types take tags, and where
runtimes          when runtimes end
updates           what a change of a property does to a resource, and which types hold data
"""
