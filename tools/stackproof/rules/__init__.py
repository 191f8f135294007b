"""Rule files in Guard and Python: found, run on deployments, their cases, their documentation.

The modules, in reading order:

rule_files    the promises: files under rules/, and their cases
compiled      the code of a rule, compiled once
python_rules  promises written in Python, run
guard_report  Guard's report, read
guard_engine  the Guard engine that is installed
guard         promises written in Guard, run
runner        all of them put to every deployment
cases         a rule's cases tried out
catalogue     the promises as people read them
"""
