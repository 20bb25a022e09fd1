"""Sections 7 and 15: invitations, which no signature covers, and what a sealed letter says."""
import json
from datetime import date

from bundle import fields_of
from signing import need, read_json, sha


def words(text):
    """The numbers of the eight words that are read aloud, in the English list of BIP-39."""
    bits = int.from_bytes(sha(text.encode())[:11], "big")
    return [bits >> 11 * place & 2047 for place in reversed(range(8))]


def invitation(text, aloud):
    found = read_json(text)
    fields_of(found, "node pinned", "an invitation")
    node, pins = "name addr link sign log cosign", "partnership keys threshold at_least_version seen"
    fields_of(found["node"], node, "a node")
    fields_of(found["pinned"], pins, "pins")
    in_order = {part: {name: found[part][name] for name in names.split()} for part, names in (("node", node), ("pinned", pins))}
    read = json.dumps({"kith": "invitation/1", **in_order}, ensure_ascii=False, separators=(",", ":"))
    need(words(read) == aloud, "other words than were read aloud")
    return found


def letter(text, bundle):
    need(len(text) <= 8192 and len(text) % 2048 == 0, "a letter that is not padded as it must be")
    need(text.startswith('{"kith":"withdrawal-letter/1",'), "this is no letter")
    found = read_json(text)
    fields_of(found, "kith bundle why", "a letter", ["answer_by"])
    need(len(found["why"].encode()) <= 1024, "its reason is too long")
    if found.get("answer_by") is not None:
        need(date.fromisoformat(found["answer_by"]).isoformat() == found["answer_by"], "a day in another form")
    need(found["bundle"] == bundle, "it is about another bundle")
    return found
