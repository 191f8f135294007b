"""What an update does: two versions of a stack compared, resource by resource, in the order in which it happens.

The modules, in reading order:

difference    where two values differ
resource      what becomes of one resource
stack_update  what becomes of all resources of a stack, references to replaced ones included, in order
update        the updates of both stacks of a deployment, in order, and what stands between them
collisions    what is there twice while an update is under way
table         updates as rows, those of several scenarios together
"""
