"""What an Express workflow cannot do: it ends after five minutes, and waits for no job and no callback.

Source: Step Functions Developer Guide, "Choosing workflow type in Step Functions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.code.definition_check import Fault
from stackproof.code.state_machines import StateMachine, all_states

EXPRESS_SECONDS = 300
WAITS = re.compile(r"\.sync(:2)?$|\.waitForTaskToken$|:activity:")


def express_faults(machine: StateMachine) -> Iterator[Fault]:
    """Give the states of an Express workflow that it does not run to their end."""
    for state in all_states(machine):
        resource = str(state.value.get("Resource", ""))
        if WAITS.search(resource):
            message = f"{state.name} waits for an end or an answer, which an Express workflow does not"
            yield Fault(state.path, message, "set StateMachineType to STANDARD")
        seconds = state.value.get("Seconds")
        if isinstance(seconds, int) and seconds >= EXPRESS_SECONDS:
            message = f"{state.name} waits {seconds} s, and an Express workflow ends after {EXPRESS_SECONDS} s"
            yield Fault(state.path, message, "set StateMachineType to STANDARD")
