"""What every other package speaks: findings and places, documents, memoised facts, colours, progress.

The modules, in reading order:

version       which release of this package runs
finding       what is said: a finding, or that a check could not tell
memo          what is worked out of a value once
document      a text, its value, and the place of every part of it
files         files as text
toml_places   where the keys of a text of TOML stand
json_schema   what is wrong with a value by a schema
yaml_reader   YAML with places, or plain and fast
placeholders  texts for what only AWS knows
ordering      what is created before what
progress      what is seen while it works
colour        colours of a terminal, or none
pool          several processes that share work
values        one value or a list, numbers and truths
cache_folder  where results and compiled rules are kept
"""
