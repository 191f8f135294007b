"""In which order two stacks are deployed or deleted: operations, StackSet calls, shell commands; calls no AWS.

The modules, in reading order:

dependencies    what one stack needs of the other
operations      the operations that deploy both, in order
creations       what each operation creates, in what order
stackset        the same as calls of the StackSets API
foreign_buckets what the owner of a bucket in another account has to set
shell_template  how a script sends the template
shell_script    the same as a table and as commands
"""
