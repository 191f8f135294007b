"""Which events an event pattern matches. Source of the operators: EventBridge User Guide, "Comparison operators"."""

from typing import Any

import pytest

from stackproof.monitoring.event_patterns import matches

EVENT = {
    "source": "aws.backup",
    "resources": ["arn:a", "arn:b"],
    "detail": {"state": "FAILED", "size": 5, "last": None, "done": False, "name": "Vault-1", "tags": []},
}
MATCHING: dict[str, dict[str, Any]] = {
    "nothing asked": {},
    "one of several": {"source": ["aws.s3", "aws.backup"]},
    "one of a list": {"resources": ["arn:b"]},
    "a part": {"detail": {"state": ["FAILED"]}},
    "null": {"detail": {"last": [None]}},
    "false": {"detail": {"done": [False]}},
    "prefix": {"detail": {"state": [{"prefix": "FA"}]}},
    "prefix in any case": {"detail": {"state": [{"prefix": {"equals-ignore-case": "fa"}}]}},
    "suffix": {"detail": {"state": [{"suffix": "ED"}]}},
    "any case": {"detail": {"name": [{"equals-ignore-case": "vault-1"}]}},
    "wildcard": {"detail": {"name": [{"wildcard": "V*-*"}]}},
    "there": {"detail": {"state": [{"exists": True}]}},
    "not there": {"detail": {"reason": [{"exists": False}]}},
    "anything but": {"detail": {"state": [{"anything-but": ["RUNNING", "CREATED"]}]}},
    "anything but a prefix": {"detail": {"state": [{"anything-but": {"prefix": "RUN"}}]}},
    "numbers": {"detail": {"size": [{"numeric": [">", 0, "<=", 5]}]}},
    "either": {"$or": [{"source": ["aws.s3"]}, {"detail": {"state": ["FAILED"]}}]},
}
OTHERS: dict[str, dict[str, Any]] = {
    "another value": {"source": ["aws.s3"]},
    "a missing field": {"account": ["1"]},
    "a missing part": {"detail": {"request": {"name": ["x"]}}},
    "a part of a text": {"source": {"x": ["y"]}},
    "a number as text": {"detail": {"size": ["5"]}},
    "zero for false": {"detail": {"done": [0]}},
    "anything but it": {"detail": {"state": [{"anything-but": "FAILED"}]}},
    "anything but something missing": {"detail": {"reason": [{"anything-but": "x"}]}},
    "both": {"source": ["aws.backup"], "detail": {"state": ["RUNNING"]}},
    "neither": {"$or": [{"source": ["aws.s3"]}, {"source": ["aws.sns"]}]},
    "an empty list": {"detail": {"tags": ["x"]}},
    "a truth as a number": {"detail": {"done": [{"numeric": ["=", 0]}]}},
}
REFUSED: dict[str, dict[str, Any]] = {
    "no list": {"source": "aws.s3"},
    "an unknown operator": {"source": [{"regex": ".*"}]},
    "two operators": {"source": [{"prefix": "a", "suffix": "b"}]},
    "half a comparison": {"detail": {"size": [{"numeric": [">"]}]}},
    "one alternative": {"$or": {"source": ["aws.s3"]}},
}


@pytest.mark.parametrize("pattern", MATCHING.values(), ids=MATCHING)
def test_a_pattern_matches(pattern: dict[str, Any]) -> None:
    assert matches(pattern, EVENT)


@pytest.mark.parametrize("pattern", OTHERS.values(), ids=OTHERS)
def test_a_pattern_does_not_match(pattern: dict[str, Any]) -> None:
    assert not matches(pattern, EVENT)


@pytest.mark.parametrize("pattern", REFUSED.values(), ids=REFUSED)
def test_a_pattern_that_is_none_is_refused(pattern: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        matches(pattern, EVENT)
