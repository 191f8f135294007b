"""What holds for all parameter values and all combinations of conditions, decided instead of tried.

texts        what a value of a template is made of: literal text, and parts that parameters give
accepted     the sets of texts that parameters may be, and what operations make of them
logic        statements about parameters, made of atoms
statements   the Conditions and Rules of a template as such statements
sat          a SAT solver's answer, for what a plain search takes too long
reachable    which combinations of conditions a stack can have, with parameters that reach each
branches     which outcomes and which sides of Fn::If no accepted value brings about
covering     stacks for combinations of conditions, and few of them that cover what goes together
constraints  what AWS demands of a property that is one text
properties   the properties that functions form as one text, and what is demanded of each
distinct     whether two names differ for all accepted values
ranges       the numbers that parameters give to properties, and the corners of what they may be
fitting      whether a text fits a demand, whatever values its parts have
elsewhere    the same template in other regions, once for each way in which they differ
names        whether every accepted value forms names and ARNs that AWS takes
"""

from stackproof.automata.automaton import Undecided

__all__ = ["Undecided"]
