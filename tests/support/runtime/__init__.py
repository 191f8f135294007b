"""AWS as far as the two functions of the template meet it, in this process: every wait is short, every call is checked.

stacks   the two stacks of the template that tests deploy
clock    seconds that pass when someone waits, and no others
roles    which IAM action a call needs, and whether a role allows it
aws      the account: tables, parameters, objects, logs; the calls that a function makes, and what goes wrong with them
function Lambda: a container a module, JSON in and out, timeouts
trades   records as producers send them, good and bad
mapping  a Kinesis stream and its event source mapping
custom   CloudFormation's side of a custom resource, and what takes the answers
"""
