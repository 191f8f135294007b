"""Inline Python read without running it: names, values, boto3 calls; and the same code as modules.

The modules, in reading order:

scopes            what a code's names are bound to
values            what an expression of a code may be worth
members           what can be taken out of such a value
call_results      what calls return
interpreter       what each expression is worth, worked out on demand
inline            the functions whose code stands in the template
boto3_calls       what their code does with AWS
resolution        what a value of it comes to in one stack
custom_resources  what custom resources send, and what is read of that
pyflakes          what pyflakes says of code
modules           that code as modules and as files, lines numbered as there
state_machines    what state machines do, state by state
definition_check  whether that is sound
"""
