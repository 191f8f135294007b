"""What CloudFormation must be allowed to deploy a template, and what the commands that deploy it must be.

The modules, in reading order:

handlers         which actions are called for a resource
arn_patterns     the ARNs that resources have or will have
required         what a stack needs: actions on ARNs, with their reasons
widening         fewer patterns in the place of many ARNs
documents        policies of what is needed, as large as IAM takes them
role             a role with these policies
execution_roles  what a StackSet does in its execution role
at_a_glance      the actions that a template's types need, as it is written
own_calls        what the commands of stackproof call themselves
held             the policies that a file holds
comparison       what a policy lacks, and what it has too much
"""
