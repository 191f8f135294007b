"""Rule files in Guard and Python: found, run on deployments, their cases, their documentation.

The modules, in reading order:

rule_files    the rules: files under rules/, and their cases
selection     which rules are run, and how bad each is
settings      what a rule lets a project set
compiled      the code of a rule, compiled once
python_rules  rules written in Python, run
guard_report  Guard's report, read
guard_engine  the Guard engine that is installed
guard_forms   whether a file in Guard looks at each resource by itself
guard         rules written in Guard, run
side_process  tasks shared with a process beside this one
runner        all of them put to every deployment
cases         a rule's cases tried out
catalogue     the rules as people read them
"""
