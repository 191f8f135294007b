"""What a stack's resources are to each other: names, routes, event sources, backups, links between regions.

The modules, in reading order:

texts            the texts of a stack, the ARNs and words in them
resource_index   which resource a text names
elsewhere        what others create
handed_on        what a stack hands on to others
made_ids         ids that AWS makes up, where resources use them
claims           what there can be once, and who claims it
records          records of DNS, by the name that they answer for
regional         in which region a value has to be
network          which subnet is routed how
security_groups  what security groups let through
network_acls     what the access lists of subnets let through
endpoints        who can use which endpoint of a VPC
event_sources    who reads which stream
edge             which functions run at the edge
backups          what backup plans keep
replication      what S3 replicates, and by which keys
lifecycles       what moves and deletes the objects of a bucket
cross_region     what leads from one region to the other
required_names   what one stack needs of the other when it is created
dependencies     what one stack needs of the other, and which of them comes first
"""
