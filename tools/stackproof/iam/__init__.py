"""Policies, and what they must allow: statements, a request simulator, what code and services need of a role.

The modules, in reading order:

statements         what their policies state, of which roles
conditions         whether the conditions of a statement hold for a request
simulation         what identity-based policies decide of a request
need               what a role is needed for
code_needs         what code needs of its role
lambda_needs       what Lambda needs of it
kms_needs          what it takes to use what is encrypted
integrations       what a task of a state machine calls, on which resources
workflow_needs     what state machines need of theirs, and of what they pass
scheduled_calls    what EventBridge Scheduler needs for any call
service_needs      what other services need of theirs
deploying_roles    roles in which CloudFormation makes other stacks
needs              all that each role is needed for
resource_policies  what policies on resources deny, or do not allow
services_called    which services the code of a function calls
callers            what is known of a request beside its action and resource
lacking            what a role lacks of that
grants             what roles are granted, and by what it is used
"""
