"""Section 24: the papers of a share, and a decision not to share, each in a folder."""
import re
from contextlib import contextmanager

from documents import Judge
from log import checkpoint, claims, included, node_name, note, note_key
from signing import Refused, b64, moment, need, public, read_json, sha, signed_by

LIST, LOGGED = ("SHA256SUMS", "SHA256SUMS.sig"), "receipt-1-stored.tlog-proof"
ANSWERS = ("opened", "receipted", "declined", "kept", "deleted")
DECISION = ("decision.json", "decision.json.person.sig", "decision.json.agency.sig")
BEGIN = "-----BEGIN SSH SIGNATURE-----\n"

# Said where papers hold; the last two not where a withdrawal is among them, or the opened bundle was held against them.
NOT_PROVEN = [
    "that these are all the answers there are: they are those that the sender had when it wrote them out",
    "that anybody did what a receipt says: it is the word of whoever signed it, and `deleted` does not prove that no copy is left",
    "that a paper was signed when it says: the time is by the clock of whoever signed it",
    "that the node keeps no second log that says otherwise",
    "that the share was not taken back since",
    "what was shared, and on what lawful basis: that stands in the opened bundle alone, which is checked with it by `--with`",
]


@contextmanager
def about(part):
    """What is refused here is refused of this part."""
    try:
        yield
    except Refused as why:
        raise Refused(f"{part}: {why}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as why:
        raise Refused(f"{part}: not of the form it must have: {type(why).__name__}") from None


def listed(files):
    return "".join(f"{sha(files[name].encode()).hex()}  {name}\n" for name in sorted(files) if name not in LIST)


class Share:
    """The files of such a folder, by their names."""

    def __init__(self, files, members, now):
        self.files, self.members, self.now, self.judge = files, members, now, Judge(members, None)
        self.used = {*LIST, "README.txt", "allowed_signers"}
        self.signers = []

    def signed(self, name):
        self.used |= {name, f"{name}.sig"}
        return {"text": self.files[name], "signature": self.files[f"{name}.sig"]}

    def key(self, name, namespace, key):
        line = f'{name} namespaces="{namespace}@kith" {key}\n'
        self.signers += [line] if line not in self.signers else []

    def verify(self):
        with about("files"):
            need(listed(self.files) == self.files["SHA256SUMS"], "a file is missing, was not listed, or was changed")
        with about("signature"):
            self.sender = self.members[read_json(self.files["envelope.json"])["from"]]
            sign, sums = self.sender["keys"]["sign"], self.files["SHA256SUMS"].encode()
            need(signed_by(public(sign), "papers@kith", sums, self.files["SHA256SUMS.sig"]), "the sender did not sign the list")
        with about("envelope"):
            one = self.signed("envelope.json")
            self.judge.envelope({"document": one}, self.now)
            self.envelope, self.id = read_json(one["text"]), sha(one["text"].encode()).hex()
        with about("gate"):
            self.gate = self.judge.signed(self.signed("gate.json"), "gate", 4096, "id from to valid_from valid_until commitment",
                                          lambda fields: self.judge.keys(fields["from"]))
            theirs = [self.envelope[name] for name in ("gate", "from", "to")]
            need([self.gate[name] for name in ("id", "from", "to")] == theirs, "it was made for another bundle")
        for namespace in ("papers", "envelope", "gate"):
            self.key(self.envelope["from"], namespace, sign)
        self.withdrawal = self.withdrawn(sign)
        with about("receipts"):
            self.receipts = list(self.answers())
            self.in_order()
        self.logged = self.in_log()
        with about("signers"):
            need("".join(self.signers) == self.files["allowed_signers"], "other keys or names than those that signed")
        with about("files"):
            need(set(self.files) == self.used, "a file that is no paper of this share")
        return self

    def withdrawn(self, sign):
        if "withdrawal.json" not in self.files:
            return None
        with about("withdrawal"):
            one = self.signed("withdrawal.json")
            self.judge.withdrawal({"document": one}, self.now)
            found = read_json(one["text"])
            need(found["from"] == self.envelope["from"] and self.envelope["gate"] in found["gates"], "it takes back another bundle")
        self.key(found["from"], "withdrawal", sign)
        return {**found, "digest": sha(one["text"].encode()).hex()}

    def answers(self):
        """Each by its number and its name, and whom it speaks for."""
        number, recipient = 1, self.envelope["to"]
        while name := next((name for name in self.files if re.fullmatch(f"receipt-{number}-[a-z]+[.]json", name)), None):
            one = self.signed(name)
            found = self.judge.judged_receipt(one, self.now)
            need(name == f"receipt-{number}-{found['kind']}.json", "it says something else than its name")
            need((found["bundle"], found["ciphertext"]) == (self.id, self.envelope["ciphertext"]), "it is about another bundle")
            (who, signer), said = *found["signer"].items(), one["text"].encode()
            if who == "node":
                homes = [self.members[agency]["node"] for agency in (self.envelope["from"], recipient)]
                signs = [node["sign"] for node in homes if node["name"] == signer["name"]
                         and signed_by(public(node["sign"]), "receipt@kith", said, one["signature"])]
                need(signs, "it is by a node that is neither the sender's nor the recipient's")
                by, key = "node", signs[0]
            else:
                need(signer["agency"] == recipient, "it is not by the recipient")
                person = who == "person" and read_json(signer["certificate"]["text"])
                by = f"person@{recipient}" if person else recipient
                key = person["key"] if person else self.members[recipient]["keys"]["link"]
                found["by"] = f"{person['name']}, {person['role']}" if person else "their program"
            self.key(by, "receipt", key)
            need(found.get("withdrawal") in (None, (self.withdrawal or {}).get("digest")), "it answers another withdrawal")
            yield {**found, "digest": sha(said).hex()}
            number += 1

    def in_order(self):
        """Each stands where the ladder has it."""
        digests = [one["digest"] for one in self.receipts]
        need(len(set(digests)) == len(digests), "one is there twice")
        for place, one in enumerate(self.receipts):
            def fits(other):
                if place < 2:
                    before = digests[0] if place else None
                    return other["kind"] == ("stored", "delivered")[place] and other["previous"] == before
                return other["kind"] in ANSWERS and other["previous"] in digests[1:place]
            could = [other for other in self.receipts[place:] if fits(other)]
            first = min(could, key=lambda other: (moment(other["at"]), other["digest"]), default=None)
            need(first is one, "one does not stand in its place among the others")

    def in_log(self):
        """The log, size and index of STORED, where the node's proof is among the papers."""
        if LOGGED not in self.files:
            return None
        self.used.add(LOGGED)
        with about("log"):
            head, _, text = self.files[LOGGED].partition("\n\n")
            form = re.fullmatch(r"c2sp[.]org/tlog-proof@v1\nindex (0|[1-9][0-9]{0,18})((?:\n[A-Za-z0-9+/]{43}=)*)", head)
            need(form, "no proof of one leaf")
            index, path = int(form[1]), [b64(line) for line in form[2].split()]
            stored = self.receipts[0]
            origin = claims(note(text)[0])[0]
            nodes = [member["node"] for member in self.members.values() if member["node"]["name"] == stored["signer"]["node"]["name"]
                     and origin.rpartition("/")[0] == node_name(public(member["node"]["cosign"]))]
            need(nodes, "a log of another node")
            size, root = checkpoint(text, note_key(origin, 1, public(nodes[0]["log"])))
            included(sha(b"\0", self.files["receipt-1-stored.json"].encode()), index, size, root, path)
            need(origin != stored["leaf"]["log"] or index == stored["leaf"]["index"], "it stands elsewhere than the node signed")
        return origin, size, index


def decision(files, members, now):
    """A decision not to share, and the person who made it."""
    judge = Judge(members, None)
    with about("files"):
        need(set(files) == {*DECISION, "allowed_signers"}, "a file is missing, or is no part of a decision")
    text, by_person, by_agency = (files[name] for name in DECISION)
    with about("decision"):
        judge.not_shared({"document": {"text": text, "signature": by_person + by_agency}}, now)
        found = read_json(text)
        person, key = read_json(found["decided_by"]["text"]), members[found["agency"]]["keys"]["sign"]
        need(by_person.count(BEGIN) == 1, "two signatures in one file")
        need(all(signed_by(public(by), "consent@kith", text.encode(), one) for by, one in ((person["key"], by_person), (key, by_agency))),
             "a signature beside it is not by whom its name says")
    with about("signers"):
        agency = found["agency"]
        need(files["allowed_signers"] == f"person@{agency} {person['key']}\n{agency} {key}\n", "other keys or names than those that signed")
    return found, person


def texts(folder):
    """The files of a folder. Links are not followed."""
    found = {}
    for path in sorted(folder.iterdir()):
        need(path.is_file() and not path.is_symlink(), f"files: {path.name} is no plain file")
        found[path.name] = path.read_bytes().decode()
    return found


def tell_papers(files, directory, members, now):
    one = Share(files, members, now).verify()
    name = {agency: f"{members[agency]['name']} ({agency})" for agency in (one.envelope["from"], one.envelope["to"])}
    said = [f"PROVEN: {name[one.envelope['from']]} sealed bundle {one.id} for {name[one.envelope['to']]}, in the hour from {one.envelope['at']}."]
    for receipt in one.receipts:
        by = f"{receipt['by']} of {name[one.envelope['to']]}" if "by" in receipt else f"the node {receipt['signer']['node']['name']}"
        note = f": {receipt['note']}" if receipt["note"] else ""
        said.append(f"PROVEN: {receipt['kind'].upper()}, signed by {by} at {receipt['at']}{note}.")
    if one.withdrawal:
        said.append(f"PROVEN: it was taken back, signed by its sender at {one.withdrawal['at']}.")
    if one.logged:
        origin, size, index = one.logged
        said.append(f"PROVEN: STORED is leaf {index + 1} of {size} of the log {origin}; the node signed that checkpoint.")
    else:
        said.append("NOT HERE: a proof that STORED stands in the node's log.")
    missing = [words for words in NOT_PROVEN if not (one.withdrawal and "taken back" in words)]
    return said + [f"NOT PROVEN: {words}" for words in missing] + [trust(directory)]


def tell_decision(files, directory, members, now):
    found, person = decision(files, members, now)
    return [f"PROVEN: {members[found['agency']]['name']} ({found['agency']}) decided not to share with {found['with']['name']}: {found['because']}",
            f"PROVEN: {person['name']}, {person['role']}, decided it at {found['at']}; they and the agency signed it.",
            "NOT PROVEN: that the reason is true, or that nothing was shared later", trust(directory)]


def trust(directory):
    return f"TAKEN ON TRUST: the directory of {directory['partnership']}, version {directory['version']}."
