"""Whether a text fits what AWS demands of it, whatever values its parts have; the quickest proof comes first."""

from __future__ import annotations

from collections.abc import Mapping

from stackproof.automata import construction, search, sets
from stackproof.automata.automaton import Automaton
from stackproof.aws.regions import Partition
from stackproof.foundation.document import Document
from stackproof.proof.accepted import Language, bounds, image, language
from stackproof.proof.constraints import Constraint
from stackproof.proof.texts import Part, Text, joined, substituted

Cells = Mapping[str, Language]
"""What parameters may be in one context, of others all that they accept."""
NO_CELLS: Cells = {}


class Fitting:
    """Fits texts of one template in one partition; what it has found out it keeps."""

    def __init__(self, template: Document, partition: Partition) -> None:
        self.template = template
        self.partition = partition
        self.loose: dict[Text, Automaton] = {}
        self.met: dict[tuple[Text, Constraint], bool] = {}

    def fits(self, text: Text, demanded: Constraint, cells: Cells = NO_CELLS) -> bool:
        """Tell whether a text fits a demand whatever its parts are, each by itself; the quickest proof comes first."""
        key = (text, demanded)
        if cells or key not in self.met:
            proofs = (self.short, self.loosely, self.exactly)
            found = any(proof(text, demanded, cells) for proof in proofs)
            if cells:
                return found
            self.met[key] = found
        return self.met[key]

    def short(self, text: Text, demanded: Constraint, cells: Cells) -> bool:
        """Tell whether a demand is one of lengths, and the sums of the parts' lengths fit it."""
        if demanded.pattern or demanded.listed or demanded.whole:
            return False
        found = [
            (len(piece), len(piece))
            if isinstance(piece, str)
            else bounds(self.template, self.partition, piece, cells.get(piece.name))
            for piece in text
        ]
        most = None if any(most is None for _, most in found) else sum(most or 0 for _, most in found)
        fits = demanded.most is None or (most is not None and most <= demanded.most)
        return fits and sum(least for least, _ in found) >= demanded.least

    def loosely(self, text: Text, demanded: Constraint, cells: Cells) -> bool:
        """Tell whether a text fits a demand whatever the lengths of its parts, which takes the fewest steps."""
        if not demanded.pattern and not demanded.listed and not demanded.whole:
            return False
        if cells:
            whole = construction.concatenation(*self.parts(text, cells, loose=True))
        else:
            whole = self.loose.get(text) or construction.concatenation(*self.parts(text, cells, loose=True))
            self.loose[text] = whole
        return outside(whole, demanded) is None

    def exactly(self, text: Text, demanded: Constraint, cells: Cells) -> bool:
        if demanded.most is not None and self.sized(text, cells, demanded) is not None:
            return False
        return outside(construction.concatenation(*self.parts(text, cells)), demanded) is None

    def parts(self, text: Text, cells: Cells, *, loose: bool = False) -> list[Automaton]:
        return [
            construction.literal(piece)
            if isinstance(piece, str)
            else image(self.template, self.partition, piece, cells.get(piece.name), loose=loose)
            for piece in text
        ]

    def sized(self, text: Text, cells: Cells, demanded: Constraint) -> list[str] | None:
        """Return the parts of a shortest text that is too long, None if none was found by the parts' lengths."""
        most = demanded.most or 0
        sums: dict[int, tuple[int, ...]] = {0: ()}
        loose = self.parts(text, cells, loose=True)
        for piece, part in zip(text, loose, strict=True):
            known = Language(part)
            if isinstance(piece, Part) and not piece.operations:
                known = self.known(piece.name, cells)
            lengths = [length for length in search.possible_lengths(part, most + 1) if known.allows(length)]
            sums = {
                total + length: (*chosen, length)
                for total, chosen in sorted(sums.items(), reverse=True)
                if total <= most
                for length in lengths
            } | {total: (*chosen, lengths[0]) for total, chosen in sums.items() if lengths and total > most}
        over = min((total for total in sums if total > most), default=None)
        if over is None:
            return None
        sized = (sets.within(part, size, size) for part, size in zip(loose, sums[over], strict=True))
        return [search.shortest(part) or "" for part in sized]

    def known(self, name: str, cells: Cells) -> Language:
        return cells[name] if name in cells else language(self.template, self.partition, name)


def outside(whole: Automaton, demanded: Constraint) -> str | None:
    """Return a shortest text that does not fit a demand, None if all do."""
    if not demanded.pattern and not demanded.listed and not demanded.whole:
        if not whole.accepting:
            return None
        least, most = search.lengths(whole)
        if least >= demanded.least and (demanded.most is None or (most is not None and most <= demanded.most)):
            return None
    return sets.outside(whole, demanded.allowed(ascii_only=whole.is_ascii))


def put_in(text: Text, values: Mapping[str, str]) -> str:
    """Return a text with the values of all its parts put in."""
    for name, value in values.items():
        text = joined([substituted(piece, name, value) for piece in text])
    return "".join(map(str, text))


def longest(automaton: Automaton) -> list[str]:
    """Return a longest text, none if there is no longest one."""
    most = search.lengths(automaton)[1] if automaton.accepting else None
    return [] if most is None else search.some(sets.within(automaton, most, most), 1)
