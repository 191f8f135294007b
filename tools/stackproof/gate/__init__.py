"""The verdict: rules, coverage, refusals and cfn-lint less suppressions; and the mutation test of the gate.

The modules, in reading order:

mutants          small changes to a template, one value at a time
branch_coverage  what no scenario takes, and so nothing proves
refusals         what the template has to refuse
mutation         every mutant put to the rules
project_file     a table of pyproject.toml, and its lines
project          which templates a project has beside the first
suppressions     what is not reported, and why
outcome          the value that every report is made of
corners          every rule at the ends of the ranges that numbers have
combinations     every rule on stacks of all combinations of conditions
joining          what came of several templates, as one outcome
gate             the whole proof of one template
"""
