"""The verdict: rules, coverage, refusals and cfn-lint less suppressions; and the mutation test of the gate.

The modules, in reading order:

configuration    what a project has configured
project          which templates a project has
choice           which rules are run, and how bad each finding is
suppressions     what is not reported, and why
mutants          small changes to a template, one value at a time
branch_coverage  what no scenario takes, and so nothing proves
placeholders     what is found of values that only stand for others
refusals         what the template has to refuse
noticing         one mutant put to rules and scenarios, the likeliest first
mutation         every mutant put to the rules
baseline         known findings
starter          scenarios for a template that has none
outcome          the value that every report is made of
corners          every rule at the ends of the ranges that numbers have
combinations     every rule on stacks of all combinations of conditions
comparison       a template compared with what it was before
reporting        what of the findings is reported
work             a template read, and its stacks worked out
unlisted         names that no stack creates, where what others create is not listed
joining          what came of several templates, as one outcome
gate             the whole proof of one template
versions         templates compared with their versions before
"""
