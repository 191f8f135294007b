"""Trades as producers send them, good and bad, and the batches that Lambda makes of them."""

from __future__ import annotations

import base64
import json
from typing import Any

from runtime.clock import EPOCH

LARGEST = "9" * 38
FIELDS = {"tradeId": '"t"', "timestamp": "1718429898", "symbol": '"ABC"', "price": "101.25", "volume": "3"}


def raw(without: str = "", **fields: str) -> bytes:
    """Return a trade as JSON; the fields are given as JSON texts, so that any spelling can be."""
    texts = {name: text for name, text in {**FIELDS, **fields}.items() if name != without}
    return ("{" + ",".join(f'"{name}":{text}' for name, text in texts.items()) + "}").encode()


def trade(number: int, **fields: str) -> bytes:
    """Return a good trade, unlike those of other numbers."""
    return raw(**{"tradeId": f'"t{number}"', "timestamp": str(1718429898 + number), "price": f"{number}.10", **fields})


def batch(*data: bytes | str) -> dict[str, Any]:
    """Return the event of a batch, numbered from 0; a text is what stands in `data` as it is."""
    return {
        "Records": [
            {
                "eventSource": "aws:kinesis",
                "eventID": f"shardId-000000000000:{number}",
                "kinesis": {
                    "sequenceNumber": str(number),
                    "approximateArrivalTimestamp": EPOCH - 1.5,
                    "data": item if isinstance(item, str) else base64.b64encode(item).decode(),
                },
            }
            for number, item in enumerate(data)
        ]
    }


MALFORMED: dict[str, bytes | str] = {
    "not base64": "!!!!",
    "base64 cut short": "abc",
    "base64 with a line break": base64.encodebytes(raw()).decode(),
    "base64 with a foreign letter": "!" + base64.b64encode(raw()).decode(),
    "nothing": b"",
    "not JSON": b"{",
    "JSON and more": raw() + b"x",
    "two documents": raw() + raw(),
    "a list": b"[1]",
    "a text": b'"trade"',
    "null": b"null",
    "a number": b"5",
    "UTF-16": raw().decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + raw(),
    "Latin-1": raw(tradeId='"\u00e9"').decode().encode("latin-1"),
    "nested too deep": b"[" * 100_000,
    "nested too deep inside": raw(note="[" * 100_000),
    **{f"no {name}": raw(without=name) for name in FIELDS},
    **{f"{name} null": raw(**{name: "null"}) for name in FIELDS},
    **{f"{name} a list": raw(**{name: "[]"}) for name in FIELDS},
    **{f"{name} true": raw(**{name: "true"}) for name in FIELDS},
    **{f"{name} a number": raw(**{name: "5"}) for name in ("tradeId", "symbol")},
    **{f"{name} empty": raw(**{name: '""'}) for name in ("tradeId", "symbol")},
    **{f"{name} of 2,049 bytes": raw(**{name: json.dumps("x" * 2049)}) for name in ("tradeId", "symbol")},
    **{f"{name} of 2,050 bytes": raw(**{name: json.dumps("\u00e9" * 1025)}) for name in ("tradeId", "symbol")},
    "a symbol that is too long with its shard": raw(symbol=json.dumps("x" * 2046)),
    **{f"{name} half a letter": raw(**{name: '"\\ud800"'}) for name in ("tradeId", "symbol")},
    "a tradeId of a megabyte": raw(tradeId=json.dumps("x" * 2**20)),
    **{
        f"{name} {text[:9]}": raw(**{name: text})
        for name in ("timestamp", "price", "volume")
        for text in ("NaN", "Infinity", "-Infinity", '"1"', "1" * 39, "0." + "1" * 39, "1e126", "1e999999999", "1e-131")
    },
    "price 1e9999999999999999999": raw(price="1e9999999999999999999"),
    "price of 100,000 digits": raw(price="1" * 100_000),
    "price negative": raw(price="-0.01"),
    "volume negative": raw(volume="-1"),
    "NaN in an unknown field": raw(note="NaN"),
    "a number spelt 01": raw(price="01"),
    "a number spelt .5": raw(price=".5"),
    "a number spelt +1": raw(price="+1"),
}
"""Records that can not be stored, by what is wrong with them."""

EXACT = {
    "a whole number": "7",
    "a tenth": "0.1",
    "38 digits": LARGEST,
    "38 digits behind the point": f"0.{LARGEST}",
    "38 digits and zeros": LARGEST + "00",
    "the largest": LARGEST + "e88",
    "the smallest": "1e-130",
    "zero": "0",
    "zero to a power": "0e-9999",
    "minus zero": "-0.0",
    "with an exponent": "1.5E+3",
    "trailing zeros": "1.50000000000000000000000000000000000000000000000",
    "what a float would round": "0.1000000000000000055511151231257827",
}
"""Numbers that DynamoDB holds, as JSON spells them. Source: DynamoDB Developer Guide, "Supported data types"."""
