"""In which order two stacks are deployed or deleted: operations, StackSet calls, shell commands; calls no AWS.

The modules, in reading order:

examples         values that stand for something real
operations       the operations that deploy both, in order
switching        one parameter switched on both stacks
foreign_buckets  what the owner of another account's bucket has to set
creations        what each operation creates, in what order
stackset         the same as calls of the StackSets API
shell_template   how a script sends the template
shell_script     the same as a table and as commands
"""
