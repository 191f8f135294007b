"""cfn-lint on the template and on each folded stack, in worker processes.

The modules, in reading order:

source_guard    whether functions have the source that was read
watched         what cfn-lint's checks look at
resource_memo   what cfn-lint need not check again
lookup_patches  what cfn-lint need not look up again
patches         the same findings of cfn-lint in less time
worker          cfn-lint in a process of its own
process         that process, started, asked and ended
run             cfn-lint on the template and on every folded side
"""
