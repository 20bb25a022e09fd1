#!/usr/bin/env python3
"""Verifies what Kith sends, by docs/protocol.md alone: another program, in another language, sharing no line with it.

  kith_verify.py bundle FOLDER DIRECTORY [BESIDE]...       an opened bundle: age -d -i KEY bundle.age | tar -x
  kith_verify.py disposal FILE DIRECTORY                   the certificate of a disposal, FILE.sig beside it
  kith_verify.py papers FOLDER DIRECTORY                   the papers of a share: `kith shares export`
  kith_verify.py not-shared FOLDER DIRECTORY               a decision not to share: `kith consent export --format signed`
  kith_verify.py vectors TESTS/VECTORS                     every vector, those that must be refused above all

DIRECTORY is a signed document (section 5); BESIDE are supplements, which are too, and notes of who signed the log
since the bundle was sealed. It ends with 0 when all of it holds, else with 1. Python 3.11
and python3-cryptography, of which it takes Ed25519. It does not open age files, nor judge the gate.
"""
import base64, hashlib, json, os, struct, sys
from datetime import datetime, timezone
from pathlib import Path

from bundle import check_sums, file_name, read_bundle, supplement
from consent import scope, sent
from documents import Judge, directory, witnesses
from log import checkpoint, later, note_key, standing_words, witnessed
from share import tell_decision, tell_papers, texts
from signing import Refused, document, moment, need, public, read_json, signed_by
from vectors import check_vectors


# Section 13: said with every proof, whatever the sender says.
NOT_PROVEN = [
    "that what is written is true: it is what the people named recorded",
    "that things happened when the record says, nor that they were recorded then: only since when the log is witnessed is known from others than the sender",
    "that nothing was left unrecorded",
    "that these are all the records the sender holds about the child",
    "that this is the latest version of each record",
    "that what is withheld is what the reason beside it says",
    "what the sender says besides the records: the letter, the children's names and numbers, who people are to the child, what files are called",
    "that attachments hold nothing that should not be there: the people named looked through them, and programs read only some kinds of text in them",
    "that the sender keeps no second log that says otherwise: whoever signed this one saw only this one, and nobody compares two",
]


def read_directory(path):
    """The members, if it is all that a directory must be. Whose keys signed it, people settle by voice; it may have run out."""
    signed = read_json(Path(path).read_bytes().decode())
    fields = document(signed, "directory", 8 << 20)
    pinned = {name: fields[name] for name in ("partnership", "keys", "threshold")}
    directory(signed, {**pinned, "at_least_version": fields["version"], "seen": None},
              min(moment(fields["issued"]), datetime.now(timezone.utc)))
    return fields, {member["id"]: member for member in fields["members"]}


def files_in(folder):
    """Plain files, in it and in the one folder that it may have. Links are not followed, and pipes are not read."""
    found = set()
    for entry in os.scandir(folder):
        if entry.name == "attachments" and entry.is_dir(follow_symlinks=False):
            inner = {f"attachments/{one.name}": one for one in os.scandir(entry)}
            need(inner, "attachments is there, and no file in it")
        else:
            inner = {entry.name: entry}
        for name, one in inner.items():
            need(one.is_file(follow_symlinks=False), f"{name} is no plain file")
            found.add(name)
    return found


def check_files(folder, bundle, sums):
    """Every file is as the signed list has it, and no other is there. The folder may have any name."""
    attachments = {file_name(one): one for one in bundle["attachments"]}
    listed = ["bundle.json", "index.html", *attachments]
    extra = files_in(folder) ^ {*listed, "SHA256SUMS", "SHA256SUMS.sig"}
    need(not extra, f"a file is missing or was not signed: {', '.join(sorted(extra))}")
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in listed}
    for name, digest in digests.items():
        need(f"{digest}  {name}\n".encode() in sums, f"{name} is not as it was signed")
    check_sums(sums, digests)
    for name, one in attachments.items():
        same = digests[name] == one["sha256"] and (folder / name).stat().st_size == one["size"]
        need(same, f"{name} is not as bundle.json says")


def signed_file(path):
    """A signed document: JSON of text and signature, or the text alone with its signatures beside it."""
    text = Path(path).read_bytes().decode()
    if text.startswith('{"kith":"'):
        return {"text": text, "signature": Path(f"{path}.sig").read_bytes().decode()}
    return read_json(text)


def in_an_order(each):
    """One in which each releases something that those before it did not: found from its end."""
    left, order = list(each), []
    while left:
        last = next((one for one in reversed(left) if one[2] - set().union(
            *(other[2] for other in left if other is not one and other[1] == one[1]))), None)
        need(last, "the supplements release the same words")
        left.remove(last)
        order.insert(0, last)
    return order


def signer(line):
    _, name, signature = line.split(" ")
    return name, base64.b64decode(signature)[:4]


def together(found):
    """Who signed the one or the other: the earliest word of each."""
    first = {}
    for at, who, own in sorted(found):
        first.setdefault(who, (at, who, own))
    return sorted(first.values())


def forked_or_other(body, other):
    (log, size, root), (also, as_long, other_root) = (text.split("\n")[:3] for text in (body, other))
    if (log, size) == (also, as_long) and root != other_root:
        return "there are two notes of one log and size with different roots: one is forged, or its owner keeps two logs"
    return "a note of witnesses is of another checkpoint"


def joined(note, others):
    """A checkpoint with the signatures below other copies of it."""
    body, _, lines = note.rpartition("\n\n")
    for other in others:
        same, _, more = other.rpartition("\n\n")
        need(same == body, forked_or_other(body, same))
        known = {signer(line) for line in lines.splitlines()}
        lines += "".join(f"{line}\n" for line in more.splitlines() if signer(line) not in known)
    return f"{body}\n\n{lines}"


def check_bundle(folder, by, *beside):
    folder = Path(folder)
    texts = [(path, Path(path).read_bytes().decode()) for path in beside]
    notes = [text for _, text in texts if text.startswith("kith/")]
    later_notes = [text for _, text in texts if text.startswith("old ")]
    supplements = [path for path, text in texts if not text.startswith(("kith/", "old "))]
    files_in(folder)
    listed, members = read_directory(by)
    raw = (folder / "bundle.json").read_bytes()
    sender = members.get(read_json(raw)["from"]["id"])
    need(sender, "the sender is not in the directory")
    keys = {name: public(sender["keys"][name]) for name in ("sign", "log")}
    sums, signatures = (folder / "SHA256SUMS").read_bytes(), (folder / "SHA256SUMS.sig").read_bytes().decode()
    need(signed_by(keys["sign"], "bundle@kith", sums, signatures), "the sender did not sign SHA256SUMS")
    need(f"{hashlib.sha256(raw).hexdigest()}  bundle.json\n".encode() in sums, "bundle.json is not as it was signed")
    bundle, person, (origin, size, revealed) = read_bundle(raw.decode(), keys)
    need(signed_by(public(person["key"]), "bundle@kith", sums, signatures), "the person did not sign SHA256SUMS")
    check_files(folder, bundle, sums)
    scope(bundle["consent"], bundle["to"]["id"], sent(bundle), moment(bundle["created"]))
    said = [f"PROVEN: {sender['name']} ({sender['id']}) signed every file, for {bundle['to']['name']}.",
            f"PROVEN: {person['name']}, {person['role']}, signed them too, as a person of theirs.",
            "PROVEN: all of it is within the sender's own record of why it may be shared."]
    if origin:
        facts = ", ".join(str(one["leaf"] + 1) for one in bundle["evidence"]["records"])
        note = joined(bundle["evidence"]["log"]["checkpoint"], notes)
        key = note_key(origin, 1, keys["log"])
        for text in notes:
            checkpoint(text, key)
        shown = checkpoint(bundle["evidence"]["log"]["checkpoint"], key)
        signed = [note, *(later(text, shown, key) for text in later_notes)]
        known, now = witnesses(members, sender), datetime.now(timezone.utc)
        found = together(one for text in signed for one in witnessed(text, known, now))
        by = "; ".join(f"{who}{' (own side)' if own else ''} at {at:%Y-%m-%d %H:%M:%S}Z" for at, who, own in found)
        said += [f"PROVEN: the words shown are the recorded words, in their order, of facts {facts} of {size} in the "
                 f"log {origin}; each gap stands where something is left out.",
                 f"WITNESSES: {standing_words(found)[0]}. {by or 'Nobody else signed the log as it stood.'}",
                 f"NO LATER THAN: facts {facts}: {standing_words(found)[1]}."]
    each = [supplement(signed_file(path), bundle, keys, revealed) for path in supplements]
    for fields, at, _ in in_an_order(each):
        said.append(f"PROVEN: words of record {at + 1} that {fields['decided_by']['name']} released later: {fields['order']}")
    for one in bundle["withheld"]:
        said.append(f"WITHHELD: {one['count']}, the sender says for: {json.dumps(one['reason'], ensure_ascii=False)}")
    said += [f"NOT PROVEN: {one}" for one in NOT_PROVEN]
    said += [f"TAKEN ON TRUST: the directory of {listed['partnership']}, version {listed['version']}.",
             "NOT LOOKED AT: the sealed file and its envelope, and the gate."]
    print("\n".join("".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in line) for line in said))


def check_disposal(file, by):
    listed, members = read_directory(by)
    one = {"text": Path(file).read_bytes().decode(), "signature": Path(f"{file}.sig").read_bytes().decode()}
    found, cosigned = Judge(members, None).disposal({"document": one}, datetime.now(timezone.utc))
    by = "; ".join(f"{who}{' (own side)' if own else ''} at {at:%Y-%m-%d %H:%M:%S}Z" for at, who, own in cosigned)
    alone = "" if any(not own for _, _, own in cosigned) else " The agency's word alone."
    first, second = found["proposed_by"], found["approved_by"]
    print(f"PROVEN: {found['agency_name']} ({found['agency']}) says that {len(found['facts'])} facts of its log were destroyed.\n"
          f"PROVEN: {first['name']}, {first['role']}, proposed exactly this and {second['name']}, {second['role']}, approved it.\n"
          f"PROVEN: tombstone {found['tombstone']['fact']} of that log names just these.\n"
          f"WITNESSES: {standing_words(cosigned)[0]}. {by or 'Nobody else signed the log as it stood.'}{alone}\n"
          "NOT PROVEN: that no copy exists elsewhere.")


def check_folder(tell):
    def check(folder, by):
        said = tell(texts(Path(folder)), *read_directory(by), datetime.now(timezone.utc))
        print("\n".join("".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in line) for line in said))
    return check


if __name__ == "__main__":
    try:
        {"bundle": check_bundle, "disposal": check_disposal, "papers": check_folder(tell_papers),
         "not-shared": check_folder(tell_decision), "vectors": check_vectors}[sys.argv[1]](*sys.argv[2:])
    except Refused as why:
        sys.exit(f"REFUSED: {why}")
    except (IndexError, KeyError, TypeError, AttributeError, ValueError, OSError, RecursionError, struct.error) as why:
        sys.exit(f"REFUSED: it is not of the form it must have: {type(why).__name__}: {why}")
