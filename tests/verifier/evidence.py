"""Appendices A and B: what a fact commits to, and proofs of some of its words."""
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


def commitment(nonce, total, is_open, leaf, take):
    """The fact's hash. `leaf(n, salt)` hashes an open leaf; `take(16 or 32)` gives a seed or a withheld hash."""
    before = [0]
    for one in is_open:
        before.append(before[-1] + one)

    def over(first, count, seed=None):
        shown = before[first + count] - before[first]
        if not seed and shown == 0:
            return take(32)
        if not seed and shown == count:
            seed = take(16)
        if count == 1:
            return leaf(first, seed)
        left, both = split(count), (None, None)
        if seed:
            raw = sha(b"\x11\1", nonce, n4(first, count), seed)
            both = raw[:16], raw[16:]
        parts = over(first, left, both[0]), over(first + left, count - left, both[1])
        return sha(b"\x15\1", n4(first, count), *parts)

    return sha(b"\x16\1", nonce, n4(total), over(0, total))


def leaf_hash(nonce, total, leaves):
    def one(number, salt):
        tag, tail = leaves[number]
        return sha(tag, b"\1", nonce, n4(number, total), salt, tail)
    return one


def value_leaf(path, kind, text):
    return b"\x12", bytes([KINDS.index(kind)]) + n4(len(path.encode())) + path.encode() + text.encode()


def reveal(proof, words):
    """What the proof and these words commit to, and which leaves of how many they show."""
    reader = Reader(b64(proof + "=" * (-len(proof) % 4), altchars=b"-_"))
    need(reader.take(1) == b"\1", "a proof of an unknown version")
    nonce, total, is_open, turn = reader.take(16), reader.number(), [], True
    need(1 <= total <= 1 << 20, "a proof of too many leaves, or none")
    while len(is_open) < total:
        run = reader.number()
        need(run <= total - len(is_open) and (run or (turn and not is_open)), "the runs are not those of the leaves")
        is_open += [turn] * run
        turn = not turn
    shapes, at = [], 0
    while at < total:
        if not is_open[at]:
            at += 1
            continue
        count = reader.number()
        need(count != 1 and at + 1 + count <= total, "a text is not cut as it may be")
        lengths = [reader.take(1)[0] if is_open[at + 1 + nth] else None for nth in range(count)]
        need(all(length is None or 1 <= length <= 63 for length in lengths), "a text is not cut as it may be")
        shapes.append((at, lengths))
        at += 1 + count
    need(len(shapes) == len(words), "the proof is not about as many fields as are shown")
    need(len({one["path"] for one in words}) == len(words), "a field is shown twice")
    leaves = {}
    for (at, lengths), one in zip(shapes, words):
        path, kind, parts = one["path"], one["kind"], list(one["parts"])
        if not lengths:
            need(len(parts) == 1 and set(parts[0]) == {"text"}, f"{path} is not in the parts the proof says")
            leaves[at] = value_leaf(path, kind, parts[0]["text"])
            continue
        need(kind == "text", f"{path} is not in the parts the proof says")
        leaves[at] = b"\x13", n4(len(lengths)) + path.encode()
        rest = before = None
        for place, length in enumerate(lengths):
            if place == 0 or (length is None) != (before is None):
                need(not rest, f"{path} is longer than the proof says")
                part = parts.pop(0) if parts else None
                fits = part == "withheld" if length is None else isinstance(part, dict) and set(part) == {"text"}
                need(fits, f"{path} is not in the parts the proof says")
                rest = None if length is None else part["text"].encode()
            if length is not None:
                segment, rest = rest[:length], rest[length:]
                need(len(segment) == length and segment.decode(), f"{path} is shorter than the proof says")
                leaves[at + 1 + place] = b"\x14", n4(place) + segment
            before = length
        need(not rest and not parts, f"{path} is longer than the proof says")
    found = commitment(nonce, total, is_open, leaf_hash(nonce, total, leaves), reader.take)
    need(reader.at == len(reader.raw), "the proof goes on after its end")
    return found, nonce, total, set(leaves)


def commit(seed, body):
    """Appendix A: the commitment of a whole body."""
    need(set(body) == {"kith", "fields"} and body["kith"] == "fact/1", "this is no fact")
    need(len({field[0] for field in body["fields"]}) == len(body["fields"]), "a field stands twice")
    leaves, alphabet = {}, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for path, kind, text, *cut in body["fields"]:
        if not cut:
            leaves[len(leaves)] = value_leaf(path, kind, text)
            continue
        lengths, rest = [alphabet.index(one) for one in cut[0]], text.encode()
        need(kind == "text" and len(lengths) > 1 and 0 not in lengths and sum(lengths) == len(rest), "a wrong cut")
        leaves[len(leaves)] = b"\x13", n4(len(lengths)) + path.encode()
        for place, length in enumerate(lengths):
            rest[:length].decode()
            leaves[len(leaves)] = b"\x14", n4(place) + rest[:length]
            rest = rest[length:]
    start, total = sha(b"\x10\1", seed), len(leaves)
    return commitment(start[:16], total, [True] * total, leaf_hash(start[:16], total, leaves), lambda _: start[16:])
