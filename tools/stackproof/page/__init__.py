"""An outcome as one HTML page: diagram, name lengths, creation order.

The modules, in reading order:

grouping         what a picture of two stacks shows, in which groups
canvas           the parts of a picture, and its canvas
arrows           what leads across as lines, with labels that no line crosses
diagram          two stacks as a picture, and what leads across
claims           what a project claims, with the rules that hold it
name_lengths     how much longer names could be
permission_rows  what CloudFormation needs to deploy two stacks
html             an outcome as one page of HTML
"""
