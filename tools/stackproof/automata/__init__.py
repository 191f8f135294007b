"""Regular languages: sets of texts as finite automata over code points. Imports nothing of stackproof.

charset     sets of characters, as ranges of code points
backtrack   the `regex` module: Unicode properties, and matching of what no automaton carries
automaton   finite automata: union, concatenation, intersection, difference, images, shortest examples
syntax      regular expressions of Java and of JSON schemas, read to a tree
graph       that tree as states with empty moves, and what look-ahead demands
pattern     a pattern as an automaton, or the reason why it is undecided
numbers     whole numbers as texts
"""
