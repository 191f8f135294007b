"""Proof that one CloudFormation template keeps its promises in two regions.

The modules, as the data goes, each importing only those above it:

release       which release of this package runs
finding       what is said: a finding, or that a check could not tell
once          what is worked out of a value once
document      a text, its value, and the place of every part of it
json_text     JSON with places
yaml_text     YAML with places
template      a file checked to be a template
tokens        texts for what only AWS knows
substitution  the text of a Fn::Sub, cut at its variables
grammar       which functions may stand where
syntax        a template's functions checked
sections      a template's sections checked
regions       the regions, zones and partitions that AWS has
schemas       what the types of resources hold
scenario      what is deployed where, with which parameters
declarations  what a template declares of its parameters
parameters    parameter values, accepted or refused
network       arithmetic on CIDR blocks
scope         what a reference sees before any resource exists
formats       the names and ARNs that CloudFormation forms
attributes    which attributes types of resources have
evaluator     the walk that works a template's values out
references    what a reference to a resource becomes
intrinsics    the functions that are met on the way
conditions    which conditions hold
assertions    what the template asserts of its parameters
order         what is created before what
dynamic       what other services store
stack         a template worked out for one scenario
referents     which resource a value refers to
topology      which subnet is routed how
consumers     who reads which stream
acceptance    what a template accepts before anything is created
identity      what a stack creates, by the texts that name it
deployment    two stacks side by side
statements    what their policies state, of which roles
backups       what backup plans keep
iam           what identity-based policies decide of a request
actions       what IAM's actions are, and the resources they know
names         what a code's names are bound to
values        what an expression of a code may be worth
parts         what can be taken out of such a value
returns       what calls return
expressions   what each expression is worth, worked out on demand
inline        the functions whose code stands in the template
calls         what their code does with AWS
settled       what a value of it comes to in one stack
needs         what a role is needed for
code_needs    what code needs of its role
lambda_needs  what Lambda needs of it
key_needs     what it takes to use what is encrypted
roles         what other services need of theirs
custom        what custom resources send, and what is read of that
metrics       what metrics services publish
publishing    whether a metric is published in a deployment
dashboards    what dashboards draw
reach         what sends to what, and whether it gets in
patterns      which events a pattern matches
samples       events to try patterns on
taggable      which types take tags, and where
lint_code     what pyflakes says of code
lifecycle     when runtimes end
handlers      that code as modules and as files, lines numbered as there
rules         the promises: files under rules/, and their cases
python_rules  promises written in Python, run
guard_report  Guard's report, read
guard         promises written in Guard, run
promises      all of them put to every deployment
trial         a rule's cases tried out
mutants       small changes to a template, one value at a time
progress      what is seen while it works
coverage      what no scenario takes, and so nothing proves
refusals      what the template has to refuse
lint_memory   what cfn-lint need not check again
lint_lookups  what cfn-lint need not look up again
lint_shortcuts  the same findings of cfn-lint in less time
lint_worker   cfn-lint in a process of its own
lint          cfn-lint on the template and on every folded side
mutate        every mutant put to the rules
suppression   what is not reported, and why
gate          the whole proof of one template
package       a template as it is sent
paint         colours of a terminal, or none
report        an outcome as text or JSON
excerpt       where a value ends, and the lines around it
repair        what to write where a broken value stands
sarif         an outcome as SARIF, for code scanning
junit         an outcome as JUnit's XML, for build servers
annotations   an outcome as GitHub's annotations
outputs       an outcome in each of those formats
editor        findings as rules of cfn-lint, for editors
catalogue     the promises as people read them
destinations  which reports go where
arguments     what the command line takes
handover      what one stack needs of the other
plan          the operations that deploy both, in order
crossings     what leads from one region to the other
exhibits      what a picture of two stacks shows, in which groups
drawing       the parts of a picture, and its canvas
picture       two stacks as a picture, and what leads across
grants        what roles are granted, and by what it is used
headroom      how much longer names could be
creations     what each operation creates, in what order
page          an outcome as one page of HTML
stackset      the same as calls of the StackSets API
awscli        the same as a table and as commands
aws           AWS as it is called: clients, retries, errors
events        how a stack stands, and what it went through
changes       one change of one stack
deploy        a plan carried out
stackset_run  the same by a StackSet
stackouts     what both stacks tell
deploying     the commands that deploy, done
deploy_args   what they take
cache         results kept from one run to the next
checking      templates proven, or their kept results found
completion    what a shell needs to complete the command line
commands      the other commands, done
cli           the command line
"""
