"""Lines and labels: what they do when there are more than have room."""

from itertools import pairwise

from stackproof.page.arrows import HIGH, LEFT, RIGHT, Lead, arrows
from stackproof.page.canvas import Node


def lead(kind: str, begin: int, end: int, *, pitch: int = 32) -> Lead:
    """Return what leads from a row of the source to one of the target."""
    title = f"{begin} to {end}"
    ends: tuple[Node, Node] = ("source", f"R{begin}"), ("target", f"R{end}")
    points = (LEFT - 27, 100.0 + pitch * begin), (RIGHT + 27, 100.0 + pitch * end)
    return Lead(kind, (f"source:R{begin}", f"target:R{end}"), title, ends, points)


def test_no_two_labels_and_no_line_share_a_place_however_many_there_are() -> None:
    kinds = ("replication", "copies", "peering", "subscription")
    drawn = arrows([lead(kinds[(begin + end) % 4], begin, end) for begin in range(9) for end in range(9)])
    labels = [arrow for arrow in drawn if arrow.label]
    levels = {float(arrow.line.partition("H")[0].split()[1]) for arrow in drawn}
    assert len(labels) > 9
    assert [label.title for label in labels for y in levels if label.x < 500 and abs(label.y - y) < HIGH / 2] == []
    places = sorted((label.x, label.y) for label in labels)
    assert all(a[0] != b[0] or b[1] - a[1] >= HIGH for a, b in pairwise(places))


def test_where_rows_leave_no_room_there_is_no_label() -> None:
    assert [arrow.label for arrow in arrows([lead("copies", row, row, pitch=9) for row in range(9)])].count(
        "copies"
    ) == 2


def test_a_label_stands_at_the_end_that_fewer_lines_share() -> None:
    drawn = arrows([lead("copies", 0, 1), lead("mention", 0, 2), lead("mention", 0, 3)])
    assert [(arrow.label, arrow.x > RIGHT - 100) for arrow in drawn] == [("copies", True), ("", False), ("", False)]


def test_lines_of_one_resource_keep_the_order_of_their_other_ends() -> None:
    drawn = arrows([lead("mention", 0, row) for row in (5, 1, 3)])
    heights = [float(arrow.line.partition("H")[0].split()[1]) for arrow in drawn]
    assert heights == [104.0, 96.0, 100.0]
