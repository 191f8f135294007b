"""A template worked out for one scenario: parameters, conditions, functions, references, a stack, a deployment.

The modules, in reading order:

parameter_files     files of parameter values
scenario            what is deployed where, with which parameters
parameter_values    parameter values, accepted or refused
scope               what a reference sees before any resource exists
evaluator           the walk that works a template's values out
references          what a reference to a resource becomes
intrinsics          the functions that are met on the way
conditions          which conditions hold
transformed         a template after its transforms
assertions          what the template asserts of its parameters
resource            resources that are alike, shared
dynamic_references  what other services store
stack               a template worked out for one scenario
acceptance          what a template accepts before anything is created
deployment          two stacks side by side
"""
