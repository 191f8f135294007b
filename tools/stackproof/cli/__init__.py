"""Arguments, commands, printing, exit codes, the result cache; alone prints and reads the environment.

The modules, in reading order:

arguments         what the command line takes
permissions_arguments  what the command `permissions` takes
permissions_command    policies printed, or compared
preflight_report  the looks at an account as lines
redrive_command   records put back into their stream
region_pairs      scenarios that the command line gives
cdk_assembly      those that a synthesised CDK app gives
deploy_commands   the commands that deploy, done
deploy_arguments  what they take
result_cache      results kept from one run to the next
init_command      the command `init`, done
revisions         what files were at a revision of git
changes_command   the command `changes`, done
rule_folders      which folders of rules are read
check             templates proven, or their kept results found
completion        what a shell needs to complete the command line
watch             checks again after each change
commands          the other commands, done
main              the command line
"""
