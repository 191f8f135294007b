"""The only package that calls AWS: clients, change sets, stack events, StackSets, outputs.

The modules, in reading order:

client            AWS as it is called: clients, retries, errors
stack_events      how a stack stands, and what it went through
forecast          what an operation will do to a stack that stands, and where a change set says otherwise
change_set        one change of one stack
template_upload   a template sent by URL, and the bucket that it goes through
look              one look at an account, and what came of it
look_at_names     whether names are free, or the stack's own
look_at_quotas    whether there is room for what a stack adds
look_at_services  whether services are set up for it
runner            a plan carried out
stackset_runner   the same by a StackSet
preflight         all looks before anything is created
failure_objects   what objects hold of records that could not be stored
redrive           those records put back into their stream
outputs           what both stacks tell
"""
