"""A gate for one CloudFormation template that is deployed to two regions.

The packages in reading order, each importing only those above it:

foundation   what every other package speaks: findings and places, documents, memoised facts, colours, progress
automata     regular languages: sets of characters, finite automata, the patterns of Java and of schemas
aws          facts about AWS, none about a template: regions, schemas, names and ARNs, IAM actions, metrics, runtimes
template     a template as written: its text with places, its sections, where functions may stand, its parameters
evaluation   a template worked out for one scenario: parameters, conditions, functions, references, stacks, a deployment
topology     what a stack's resources are to each other: names, routes, event sources, backups, links between regions
changes      two versions of a stack compared: what is created, updated, replaced, deleted, in which order
code         inline Python read without running it: names, values, boto3 calls; and the same code as modules
iam          policies, and what they must allow: statements, a request simulator, what code and services need of a role
permissions  what CloudFormation must be allowed to deploy a template, and the commands that deploy it
monitoring   whether things are noticed: metrics published, dashboards, event patterns, delivery of messages
proof        what holds for all parameter values and all combinations of conditions: names, numbers, what is reachable
rules        rule files in Guard and Python: found, run on deployments, their cases, their documentation
lint         cfn-lint on the template and on each folded stack, in worker processes
gate         the verdict: rules, coverage, refusals and cfn-lint less suppressions; and the mutation test of the gate
report       an outcome as text, JSON, SARIF, JUnit or GitHub annotations
plan         in which order two stacks are deployed or deleted: operations, StackSet calls, shell commands; calls no AWS
deploy       the only package that calls AWS: clients, change sets, stack events, StackSets, outputs
page         an outcome as one HTML page: diagram, name lengths, creation order
lsp          the gate in an editor by the Language Server Protocol: findings while typing, values of both regions
cli          arguments, commands, printing, exit codes, the result cache; alone prints and reads the environment

`stackproof.api` holds what a rule of Python needs; `stackproof.editor` is for cfn-lint in an editor.
"""
