"""Sections 22 and 23: the log, its proofs, checkpoints and witnesses."""
import re
from datetime import datetime, timedelta, timezone

from signing import b64, holds, need, sha

AGENCY, ID128 = "[a-z][a-z0-9-]{1,39}", "[0-9a-f]{32}"


def node(left, right):
    return sha(b"\1", left, right)


def split(count):
    return 1 << (count - 1).bit_length() - 1


def hashes(text, most=64):
    raw = b64(text, "unreadable")
    need(len(raw) % 32 == 0 and len(raw) <= 32 * most, "unreadable")
    return [raw[at:at + 32] for at in range(0, len(raw), 32)]


def included(leaf, index, size, root, path):
    need(index < size, "out of range")
    fn, sn = index, size - 1
    for other in path:
        need(sn, "wrong length")
        if fn & 1 or fn == sn:
            leaf = node(other, leaf)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            leaf = node(leaf, other)
        fn, sn = fn >> 1, sn >> 1
    need(not sn, "wrong length")
    need(leaf == root, "other root")


def grown(old, old_root, size, root, path):
    need(old <= size, "out of range")
    if old in (0, size):
        need(not path, "wrong length")
        return need(old_root == (root if old else sha()), "other beginning")
    path = [old_root, *path] if old & (old - 1) == 0 else path
    need(path, "wrong length")
    fn, sn, before, after = old - 1, size - 1, path[0], path[0]
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    for other in path[1:]:
        need(sn, "wrong length")
        if fn & 1 or fn == sn:
            before, after = node(other, before), node(other, after)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            after = node(after, other)
        fn, sn = fn >> 1, sn >> 1
    need(not sn, "wrong length")
    need(before == old_root, "other beginning")
    need(after == root, "other root")


def all_included(leaves, size, root, beside):
    need(leaves and max(leaves) < size and len(leaves) <= 65536, "out of range")
    beside = iter(beside)

    def join(start, end, inside):
        if not inside:
            one = next(beside, None)
            need(one, "wrong length")
            return one
        if end - start == 1:
            return leaves[start]
        middle = start + split(end - start)
        left = join(start, middle, [leaf for leaf in inside if leaf < middle])
        return node(left, join(middle, end, [leaf for leaf in inside if leaf >= middle]))

    found = join(0, size, sorted(leaves))
    need(next(beside, None) is None, "wrong length")
    need(found == root, "other root")


def note_key(name, algorithm, key):
    return name, sha(name.encode(), b"\n", bytes([algorithm]), key)[:4], key


def verifier_key(text):
    name, key_id, key = text.split("+", 2)
    key = b64(key)
    made = note_key(name, key[0], key[1:])
    need(made[1].hex() == key_id, "bad key")
    return made


def note(text):
    need(len(text.encode()) <= 131072 and not re.search("[\0-\x09\x0b-\x1f]", text), "not a note")
    body, empty, lines = text.rpartition("\n\n")
    need(empty and lines.endswith("\n") and lines.count("\n") <= 100, "not a note")
    found = []
    for line in lines.removesuffix("\n").split("\n"):
        match = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
        need(match and len(match[1].encode()) <= 255, "not a note")
        raw = b64(match[2], "not a note")
        need(len(raw) > 4, "not a note")
        found.append((match[1], raw[:4], raw[4:]))
    return body + "\n", found


def claims(text):
    lines = text.split("\n")
    need(len(lines) == 4 and re.fullmatch(f"(kith/{AGENCY}|kith-node/[0-9a-f]{{16}})/{ID128}", lines[0]), "bad text")
    need(re.fullmatch("0|[1-9][0-9]*", lines[1]) and int(lines[1]) < 2**63, "bad text")
    root = b64(lines[2], "bad text")
    need(len(root) == 32 and (int(lines[1]) or root == sha()), "bad text")
    return lines[0], int(lines[1]), root


def checkpoint(text, key):
    """Size and root of a checkpoint that the log's key signed."""
    body, lines = note(text)
    origin, size, root = claims(body)
    need(origin == key[0], "other log")
    ours = [signature for name, key_id, signature in lines if (name, key_id) == key[:2]]
    need(ours, "not signed")
    need(all(holds(key[2], signature, body.encode()) for signature in ours), "bad signature")
    return size, root


def later(text, earlier, key):
    """A note of a later checkpoint, if it goes on from an earlier one (size, root): C2SP tlog-witness, as it is sent to one."""
    head, empty, signed = text.partition("\n\n")
    old, *lines = head.split("\n")
    need(empty and re.fullmatch("old (0|[1-9][0-9]*)", old) and int(old[4:]) < 2**63, "bad text")
    path = [b64(line, "bad text") for line in lines]
    need(len(path) <= 64 and all(len(one) == 32 for one in path), "bad text")
    size, root = checkpoint(signed, key)
    need(size != earlier[0] or root == earlier[1], "forked")
    need(int(old[4:]) == earlier[0], "other size")
    grown(*earlier, size, root, path)
    return signed


def node_name(cosign):
    return f"kith-node/{sha(cosign).hex()[:16]}"


def witnessed(text, witnesses, now):
    """Who of the witnesses (key, own) cosigned: time, name, own; the earliest first."""
    body, lines = note(text)
    found = []
    for key, own in witnesses:
        times = []
        for signature in (raw for name, key_id, raw in lines if (name, key_id) == key[:2]):
            at = int.from_bytes(signature[:8])
            message = f"cosignature/v1\ntime {at}\n{body}".encode()
            need(holds(key[2], signature[8:], message), "bad cosignature")
            times.append(datetime.fromtimestamp(at, timezone.utc))
        if times and min(times) <= now + timedelta(minutes=10):
            found.append((min(times), key[0], own))
    return sorted(found)


WITNESSES = 2


def standing(found):
    if len(found) < WITNESSES:
        return "too few"
    outside = [at for at, _, own in found if not own]
    return f"since {max(found[WITNESSES - 1][0], outside[0]):%Y-%m-%dT%H:%M:%SZ}" if outside else "only own"


def standing_words(found):
    """The same for people: how many of how many, and by when what stands in the log was recorded."""
    short = standing(found)
    if short.startswith("since "):
        return f"witnessed {short}", f"recorded no later than {short[6:]}"
    if short == "only own":
        short = f"seen by the sender's own side alone; one of the {WITNESSES} witnesses asked must be another agency"
    else:
        short = f"seen by {len(found)} of the {WITNESSES} witnesses asked"
    return f"not witnessed yet: {short}", "by when they were recorded is the sender's word alone"
