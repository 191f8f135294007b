"""The gate in an editor, by the Language Server Protocol: findings while typing, values of both regions, fixes.

The modules, in reading order:

positions    places in a text as an editor counts them
values       what a value of the template becomes in each region
diagnostics  findings as an editor shows them
session      the checks of one project, warm
server       the protocol, by pygls
"""
