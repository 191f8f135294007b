"""The only package that calls AWS: clients, change sets, stack events, StackSets, outputs.

The modules, in reading order:

client           AWS as it is called: clients, retries, errors
stack_events     how a stack stands, and what it went through
change_set       one change of one stack
template_upload  a template sent by URL, and the bucket that it goes through
runner           a plan carried out
stackset_runner  the same by a StackSet
outputs          what both stacks tell
"""
