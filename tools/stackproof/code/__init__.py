"""Inline Python, and definitions of state machines, read without running them: names, values, calls.

The modules, in reading order:

scopes             what a code's names are bound to
values             what an expression of a code may be worth
members            what can be taken out of such a value
call_results       what calls return
interpreter        what each expression is worth, worked out on demand
inline             the functions whose code stands in the template
boto3_calls        what their code does with AWS
event_reading      which fields of its event it reads
resolution         what a value of it comes to in one stack
custom_resources   what custom resources send, and what is read of that
pyflakes           what pyflakes says of code
modules            that code as modules and as files, lines numbered as there
state_machines     what state machines do, state by state
jsonata_variables  which variables their expressions use, and which are assigned
variable_flow      which variables some way through their states leaves unassigned
jsonata_states     what their expressions read of $states that is not there
jsonata_syntax     whether an expression of theirs can be read
compared_values    what texts they compare with answers that services never give
definition_check   whether a definition is sound
express_workflows  whether an Express workflow can do what it says
call_arguments     whether what their tasks give is what operations take
"""
