"""An outcome as text, JSON, SARIF, JUnit or GitHub annotations.

The modules, in reading order:

text          an outcome as text or JSON
source_lines  where a value ends, and the lines around it
autofix       what to write where a value fails a rule
sarif         an outcome as SARIF, for code scanning
junit         an outcome as JUnit's XML, for build servers
github        an outcome as GitHub's annotations
updates       what becomes of stacks, as text, JSON and annotations
formats       the formats by name, and which reports go where
"""
