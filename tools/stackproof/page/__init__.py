"""An outcome as one HTML page: diagram, name lengths, creation order.

The modules, in reading order:

grouping      what a picture of two stacks shows, in which groups
canvas        the parts of a picture, and its canvas
diagram       two stacks as a picture, and what leads across
name_lengths  how much longer names could be
html          an outcome as one page of HTML
"""
