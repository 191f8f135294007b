"""Regular languages: sets of texts as finite automata over code points. Imports nothing of stackproof.

charset       sets of characters, as ranges of code points
backtrack     the `regex` module: Unicode properties, and matching of what no automaton carries
automaton     finite automata, and the deterministic automaton of one
construction  automata of given texts, of one text after another, of states of any kind
search        what an automaton holds: its shortest texts, some texts, their lengths
sets          what two sets of texts share, what one has beyond the other, what has a given length
images        what becomes of a set of texts when a function is applied to each
nodes         the tree of a regular expression
named_sets    sets of characters that regular expressions have names for
syntax        regular expressions of Java and of JSON schemas, read to a tree
graph         that tree as states with empty moves, and what look-ahead demands
pattern       a pattern as an automaton, or the reason why it is undecided
numbers       whole numbers as texts
"""
