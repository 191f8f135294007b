"""Proof that one CloudFormation template keeps its promises in two regions.

The modules, as the data goes, each importing only those above it:

finding       what is said: a finding, or that a check could not tell
document      a text, its value, and the place of every part of it
json_text     JSON with places
yaml_text     YAML with places
template      a file checked to be a template
regions       the regions, zones and partitions that AWS has
scenario      what is deployed where, with which parameters
"""
