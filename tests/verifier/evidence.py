"""Appendices A and B: what a fact commits to, and proofs of some of its words."""
from fact import value
from log import split
from signing import Refused, b64, n4, need, sha

KINDS = ["text", "integer", "bool", "null", "list", "object"]


class Reader:
    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def take(self, count):
        need(self.at + count <= len(self.raw), "the proof ends too early")
        self.at += count
        return self.raw[self.at - count:self.at]

    def number(self):
        value = 0
        for nth in range(3):
            byte = self.take(1)[0]
            value |= (byte & 127) << 7 * nth
            if byte < 128:
                need(byte or not nth, "a number is not in its one form")
                return value
        raise Refused("a number is not in its one form")


def tree(nonce, row, total, state, leaf, take, seed=None):
    """The top of one row: 0 is the fields, then the segments of each. `state(n)` is whether leaf n is open: True, False,
    or None for a text shown in part; `leaf(n, salt)` hashes one; `take(16 or 32)` gives a seed or a withheld hash."""
    states = [state(number) for number in range(total)]
    shown, hidden = ([0], [0])
    for one in states:
        shown.append(shown[-1] + (one is True))
        hidden.append(hidden[-1] + (one is False))

    def over(first, count, seed):
        if not seed and hidden[first + count] - hidden[first] == count:
            return take(32)
        if not seed and shown[first + count] - shown[first] == count:
            seed = take(16)
        if count == 1:
            return leaf(first, seed)
        left, both = split(count), (None, None)
        if seed:
            raw = sha(b"\x11\1", nonce, n4(row, first, count), seed)
            both = raw[:16], raw[16:]
        parts = over(first, left, both[0]), over(first + left, count - left, both[1])
        return sha(b"\x15\1", n4(first, count), *parts)

    return over(0, total, seed)


def commitment(nonce, total, fields, take, seed=None):
    """The fact's hash. A field is (path, type, text) or (path, its segments, None for each that is withheld)."""
    def state(at):
        field = fields.get(at)
        return False if field is None else None if len(field) == 2 and None in field[1] else True

    def leaf(at, salt):
        if len(fields[at]) == 3:
            path, kind, text = fields[at]
            raw = path.encode()
            return sha(b"\x12\1", nonce, n4(at, total), salt, bytes([KINDS.index(kind)]), n4(len(raw)), raw, text.encode())
        path, segments = fields[at]
        count = len(segments)
        top = tree(nonce, at + 1, count, lambda place: segments[place] is not None,
                   lambda place, salt: sha(b"\x14\1", nonce, n4(at + 1, place, count), salt, segments[place]), take, salt)
        return sha(b"\x13\1", nonce, n4(at, total, count), top, path.encode())

    return sha(b"\x16\1", nonce, n4(total), tree(nonce, 0, total, state, leaf, take, seed))


def runs(reader, total):
    is_open, turn = [], True
    while len(is_open) < total:
        run = reader.number()
        need(run <= total - len(is_open) and (run or (turn and not is_open)), "the runs are not those of the leaves")
        is_open += [turn] * run
        turn = not turn
    return is_open


def cut_text(path, lengths, parts):
    """The segments of a text that is shown, None for each that is withheld."""
    segments, rest, before, parts = [], None, None, list(parts)
    for place, length in enumerate(lengths):
        if place == 0 or (length is None) != (before is None):
            need(not rest, f"{path} is longer than the proof says")
            part = parts.pop(0) if parts else None
            fits = part == "withheld" if length is None else isinstance(part, dict) and set(part) == {"text"}
            need(fits, f"{path} is not in the parts the proof says")
            rest = None if length is None else part["text"].encode()
        segments.append(None if length is None else rest[:length])
        if length is not None:
            need(len(segments[-1]) == length, f"{path} is shorter than the proof says")
            segments[-1].decode()
            rest = rest[length:]
        before = length
    need(not rest and not parts, f"{path} is longer than the proof says")
    return segments


def reveal(proof, words):
    """What the proof and these words commit to, the nonce, how many fields there are, and what is shown of which."""
    reader = Reader(b64(proof + "=" * (-len(proof) % 4), altchars=b"-_"))
    need(reader.take(1) == b"\1", "a proof of an unknown version")
    nonce, total = reader.take(16), reader.number()
    need(1 <= total <= 1 << 20, "a proof of too many leaves, or none")
    shapes, leaves = {}, total
    for at in (at for at, shown in enumerate(runs(reader, total)) if shown):
        count = reader.number()
        leaves += count
        need(count != 1 and leaves <= 1 << 20, "a text is not cut as it may be")
        lengths = [reader.take(1)[0] if is_open else None for is_open in runs(reader, count)]
        bad = any(length is not None and not 1 <= length <= 63 for length in lengths)
        need(not bad and (not count or any(lengths)), "a text is not cut as it may be")
        shapes[at] = lengths
    need(len(shapes) == len(words), "the proof is not about as many fields as are shown")
    need(all(set(one) == {"path", "kind", "parts"} for one in words), "a field of words has other fields than it may have")
    need(len({one["path"] for one in words}) == len(words), "a field is shown twice")
    fields = {}
    for (at, lengths), one in zip(shapes.items(), words):
        path, kind, parts = one["path"], one["kind"], one["parts"]
        if lengths:
            need(kind == "text", f"{path} is not in the parts the proof says")
            fields[at] = path, cut_text(path, lengths, parts)
        else:
            need(len(parts) == 1 and set(parts[0]) == {"text"}, f"{path} is not in the parts the proof says")
            fields[at] = path, kind, parts[0]["text"]
    found = commitment(nonce, total, fields, reader.take)
    need(reader.at == len(reader.raw), "the proof goes on after its end")
    return found, nonce, total, fields


def known(fields):
    """Every leaf that is shown: the field's number, and the place of a segment."""
    return {(at, place) for at, field in fields.items()
            for place in ([0] if len(field) == 3 else [n for n, one in enumerate(field[1]) if one is not None])}


def reveal_all(proof, words):
    """As `reveal`, of a whole fact: one of `words` for each of its fields, in order."""
    shown = {at: one for at, one in enumerate(words) if one["parts"] != ["withheld"]}
    found = reveal(proof, list(shown.values()))
    need(found[2] == len(words) and set(found[3]) == set(shown), "a fact with other fields than a record has")
    return found


def commit(seed, body):
    """Appendix A: the commitment of a whole body."""
    need(set(body) == {"kith", "fields"} and body["kith"] == "fact/1", "this is no fact")
    value(body["fields"])
    fields, alphabet = {}, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for at, (path, kind, text, *cut) in enumerate(body["fields"]):
        fields[at] = path, kind, text
        if cut:
            lengths = [alphabet.index(one) for one in cut[0]]
            need(len(lengths) > 1 and 0 not in lengths, "a wrong cut")
            fields[at] = path, cut_text(path, lengths, [{"text": text}])
    start = sha(b"\x10\1", seed)
    return commitment(start[:16], len(fields), fields, None, start[16:])
