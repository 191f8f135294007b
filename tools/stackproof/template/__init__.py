"""A template as written: its text with places, its sections, where functions may stand, its parameters.

The modules, in reading order:

json_reader     JSON with places
includes        what AWS::Include puts in from files beside it
loader          a file checked to be a template
sub_text        the text of a Fn::Sub, cut at its variables
transforms      which transforms it asks for
serverless      AWS::Serverless resources made plain ones
grammar         which functions may stand where
function_check  a template's functions checked
used_sections   what some conditions of a template are made of
section_check   a template's sections checked
parameters      what a template declares of its parameters
body           a template as it is sent
"""
