"""Every other signed document, by the sections that say what it holds and who signs it: 6 to 9, 12, 14, 15, appendix C."""
import re
from datetime import timedelta

from bundle import approval, fields_of, supplement, two
from evidence import commit
from log import ID128, all_included, checkpoint, claims, hashes, node_name, note, note_key, witnessed
from signing import Refused, certified, document, moment, need, public, read_json, sha, signed_by

SKEW = timedelta(minutes=10)
KEYS = "sign log cosign link seal"


def distinct(keys):
    need(len(set(keys)) == len(keys), "not acceptable")


def directory(one, pinned, now):
    text = one["text"].encode()

    def enough(keys, threshold):
        by = [key for key in set(keys) if signed_by(public(key), "directory@kith", text, one["signature"])]
        need(len(by) >= max(1, threshold), "not signed")
    enough(pinned["keys"], pinned["threshold"])
    found = document(one, "directory", 8 << 20)
    fields_of(found, "kith partnership version issued expires threshold keys members", "a directory")
    jobs = list(found["keys"])
    for member in found["members"]:
        fields_of(member, "id name sector node keys phone authority", "a member")
        jobs += [member["keys"][name] for name in KEYS.split()]
    nodes = {member["node"]["link"]: member["node"] for member in found["members"]}
    distinct(jobs + [node[name] for node in nodes.values() for name in ("link", "sign", "log", "cosign")])
    issued, expires = moment(found["issued"]), moment(found["expires"])
    need(issued < expires <= issued + timedelta(days=400), "not acceptable")
    need(found["partnership"] == pinned["partnership"], "other")
    need(found["version"] >= pinned["at_least_version"], "older")
    same = pinned["seen"] in (None, sha(text).hex())
    need(found["version"] != pinned["at_least_version"] or same, "two of one version")
    enough(found["keys"], found["threshold"])
    need(issued <= now + SKEW, "future")
    need(now < expires, "expired")
    return found


class Judge:
    """What comes of a case, by the members of one directory."""

    def __init__(self, members, bundle):
        self.members, self.bundle = members, bundle

    def keys(self, agency, name="sign"):
        need(agency in self.members, "unknown")
        return public(self.members[agency]["keys"][name])

    def signed(self, one, kind, limit, names, *keys, namespace=None, optional=()):
        """Reads and judges in one go: of a case with one fault the order plays no part."""
        text = one["text"].encode()
        fields = document(one, kind, limit)
        fields_of(fields, f"kith {names}", f"a document of kind {kind}", optional)
        for key in keys:
            by = key(fields) if callable(key) else key
            need(signed_by(by, f"{namespace or kind}@kith", text, one["signature"]), "not signed")
        return fields

    def person(self, certificate, agency, at):
        try:
            found = certified(certificate, agency, self.keys(agency), at)
        except Refused:
            raise Refused("certificate") from None
        fields_of(found, "kith agency name role key from until", "a certificate")
        return found

    def certificate(self, case, at):
        found = self.signed(case["document"], "certificate", 4096, "agency name role key from until", self.keys(case["agency"]))
        need(found["agency"] == case["agency"] and moment(found["from"]) <= at < moment(found["until"]), "certificate")

    def enrolment(self, case, at):
        found = self.signed(case["document"], "enrolment", 16384, "id name sector phone authority keys",
                            lambda fields: public(fields["keys"]["sign"]))
        distinct([found["keys"][name] for name in KEYS.split()])

    def envelope(self, case, at):
        names = "from to recipient_key seal_id gate ciphertext size at"
        found = self.signed(case["document"], "envelope", 4096, names, lambda fields: self.keys(fields["from"]))
        need(found["to"] in self.members, "unknown")

    def gate(self, case, at):
        found = self.signed(case["document"], "gate", 4096, "id from to valid_from valid_until commitment",
                            lambda fields: self.keys(fields["from"]))
        sent = read_json(case["envelope"])
        need([found[name] for name in ("id", "from", "to")] == [sent[name] for name in ("gate", "from", "to")], "other")
        need(moment(found["valid_from"]) <= at + SKEW, "early")
        need(at < moment(found["valid_until"]), "late")

    def withdrawal(self, case, at):
        found = self.signed(case["document"], "withdrawal", 32768, "from gates at",
                            lambda fields: self.keys(fields["from"]), optional=["letter"])
        need(1 <= len(found["gates"]) <= (1 if "letter" in found else 256), "not acceptable")

    def judged_receipt(self, one, at):
        found = self.signed(one, "receipt", 32768, "kind bundle ciphertext at signer previous note",
                            optional=["withdrawal", "basis", "leaf"])
        (who, signer), when = *found["signer"].items(), moment(found["at"])
        if who == "node":
            keys = {member["node"]["sign"] for member in self.members.values() if member["node"]["name"] == signer["name"]}
            need(keys, "unknown")
            by = [public(key) for key in keys]
            logs = {node_name(public(member["node"]["cosign"])) for member in self.members.values() if member["node"]["name"] == signer["name"]}
        elif who == "agency":
            by = [self.keys(signer["agency"], "link")]
        else:
            by = [public(self.person(signer["certificate"], signer["agency"], when)["key"])]
        need(any(signed_by(key, "receipt@kith", one["text"].encode(), one["signature"]) for key in by), "not signed")
        kind, said = found["kind"], found["note"] or ""
        need({"stored": "node", "delivered": "agency"}.get(kind, "person") == who, "not acceptable")
        need(("withdrawal" in found) == (kind in ("kept", "deleted")), "not acceptable")
        need(("basis" in found) == (kind == "kept") and found.get("basis") != "consent", "not acceptable")
        need(("leaf" in found) == (kind == "stored"), "not acceptable")
        if kind == "stored":
            fields_of(found["leaf"], "log index", "a place in a log")
            owner, _, log_id = found["leaf"]["log"].rpartition("/")
            need(owner in logs and re.fullmatch(ID128, log_id) and 0 <= found["leaf"]["index"] < 2**63, "not acceptable")
        need(len(said.encode()) <= 4096 and (kind != "kept" or said.strip()), "not acceptable")
        need(when <= at + SKEW, "future")
        return found

    def receipt(self, case, at):
        self.judged_receipt(case["document"], at)

    def answer(self, case, at):
        """What was sealed: we open no age file, but read what was in it."""
        need(case["length"] and case["length"] % 8192 == 0, "unreadable")
        found = read_json(case["plain"])
        fields_of(found, "receipt cosigned node", "an answer")
        need(found["node"] is None or claims(note(found["node"])[0]), "unreadable")
        need(self.judged_receipt(found["receipt"], at)["bundle"] == case["bundle"], "other")
        if (one := found["cosigned"]) is None:
            return "receipt alone"
        fields_of(one, "log size cosignature", "what was cosigned")
        origin, size, _ = note(case["checkpoint"])[0].split("\n")[:3]
        key = note_key("kith/northshire-police", 4, self.keys("northshire-police", "cosign"))
        line = one["cosignature"].rstrip("\n") + "\n"
        holds = (one["log"], str(one["size"])) == (origin, size)
        try:
            holds = holds and witnessed(case["checkpoint"] + line, [(key, False)], at)
        except Refused:
            holds = False
        return "cosigned" if holds else "receipt alone"

    def approval(self, case, at):
        approval(case["approval"], case["content"], case["agency"], case["to"], self.keys(case["agency"]), at)

    def not_shared(self, case, at):
        found = self.signed(case["document"], "not-shared", 32768, "agency case with because at decided_by",
                            lambda fields: self.keys(fields["agency"]), namespace="consent")
        person = self.person(found["decided_by"], found["agency"], moment(found["at"]))
        one = case["document"]
        need(signed_by(public(person["key"]), "consent@kith", one["text"].encode(), one["signature"]), "not signed")
        need(found["because"].strip() and len(found["because"].encode()) <= 16384, "not acceptable")

    def disposal(self, case, at):
        """Appendix C: the agency signed it, and two of its people agreed to just these facts."""
        found = self.signed(case["document"], "disposal", 64 << 20,
                            "agency agency_name rule rule_words rule_source proposed_by approved_by agreed replayed "
                            "tombstone log facts absent attachments kept", lambda fields: self.keys(fields["agency"]))
        one = found["agreed"]
        fields_of(one, "agreement proposed_by approved_by", "what was agreed")
        says = document(one["agreement"], "disposal-agreement", 4096)
        fields_of(says, "kith agency rule proposed facts", "an agreement")
        when = {"proposed_by": says["proposed"], "approved_by": found["approved_by"]["on"]}
        people = {name: self.person(one[name], found["agency"], moment(on)) for name, on in when.items()}
        text, signature = one["agreement"]["text"].encode(), one["agreement"]["signature"]
        need(two(people.values()), "same person")
        need(all(signed_by(public(person["key"]), "disposal@kith", text, signature) for person in people.values()), "not signed")
        for name, person in people.items():
            need((person["name"], person["role"]) == (found[name]["name"], found[name]["role"]), "other people")
        lines = sorted(f"{fact['fact']} {fact['leaf']}\n".encode() for fact in found["facts"] + found["absent"])
        need([says[name] for name in ("agency", "rule", "proposed", "facts")]
             == [found["agency"], found["rule"], found["proposed_by"]["on"], sha(*lines).hex()], "other")
        try:
            cosigned = self.in_log(found, at)
        except Refused:
            raise Refused("not in the log") from None
        self.tombstone(found)
        return found, cosigned

    def tombstone(self, found):
        """Its seed and body lead to its leaf, and the body names just this disposal."""
        one = found["tombstone"]
        fields_of(one, "fact leaf seed body", "a tombstone")
        try:
            body = read_json(one["body"])
            leads = commit(bytes.fromhex(one["seed"]), body).hex() == one["leaf"]
        except (Refused, KeyError, TypeError, ValueError):
            leads = False
        need(leads, "other words")
        says = {path: (kind, text) for path, kind, text, *_ in body["fields"]}
        wanted = {"/id": ("text", one["fact"])}
        for path, value in [("approved", found["approved_by"]["on"]), ("facts", runs(fact["fact"] for fact in found["facts"])),
                            ("kept", runs(found["kept"])), ("agreed/agreement/text", found["agreed"]["agreement"]["text"]),
                            *((f"{who}/{part}", found[who][part]) for who in ("proposed_by", "approved_by")
                              for part in ("name", "role")),
                            *((f"absent/{n}/{m}", fact[part]) for n, fact in enumerate(found["absent"])
                              for m, part in enumerate(("fact", "leaf")))]:
            wanted[f"/fact/Disposed/{path}"] = "text", value
        wanted["/fact/Disposed/attachments"] = "integer", str(found["attachments"])
        wanted["/fact/Disposed/replayed"] = "bool", str(found["replayed"]).lower()
        need(all(says.get(path) == value for path, value in wanted.items()), "other")
        need(says.get("/fact/Disposed/absent", ("list", "0")) == ("list", str(len(found["absent"]))), "other")

    def in_log(self, found, now):
        """The tombstone and each leaf stand in the agency's log, at the checkpoint. Who else cosigned that."""
        one, each = found["log"], [found["tombstone"], *found["facts"]]
        fields_of(one, "checkpoint places inclusion", "log")
        origin = claims(note(one["checkpoint"])[0])[0]
        need(origin.startswith(f"kith/{found['agency']}/"), "another log")
        size, root = checkpoint(one["checkpoint"], note_key(origin, 1, self.keys(found["agency"], "log")))
        leaves = {place: sha(b"\0", bytes.fromhex(fact["leaf"])) for place, fact in zip(one["places"], each)}
        need(len(leaves) == len(one["places"]) == len(each), "a leaf does not say where it stands, once")
        all_included(leaves, size, root, hashes(one["inclusion"], 1 << 20))
        return witnessed(one["checkpoint"], witnesses(self.members, self.members[found["agency"]]), now)

    def supplement(self, case, at):
        bundle, revealed, keys = self.bundle
        try:
            supplement(case["document"], bundle, keys, revealed)
        except Refused as why:
            known = {"signed": "not signed", "another bundle": "other", "not what was": "other words", "fields": "unreadable",
                     "twice": "unreadable", "no supplement": "unreadable", "nothing": "nothing"}
            raise Refused(next((word for part, word in known.items() if part in str(why)), str(why))) from None
        except ValueError:
            raise Refused("other") from None

    def __call__(self, case):
        at = moment(case["at"])
        try:
            if case["check"] == "directory":
                directory(case["document"], case["pinned"], at)
                return "ok"
            said = getattr(self, case["check"].replace("-", "_"))(case, at)
            if case["check"] == "disposal" and said[1]:
                return "cosigned"
            return said if isinstance(said, str) else "ok"
        except Refused as why:
            form = any(part in str(why) for part in ("this is no ", "has other fields", "stands twice"))
            return "unreadable" if form else str(why).split(":")[0]


def runs(facts):
    """Numbers of facts as a tombstone writes them: 1-4..9,1-12."""
    found = []
    for device, number in sorted(tuple(int(part) for part in fact.split("-")) for fact in facts):
        if found and (found[-1][0], found[-1][2] + 1) == (device, number):
            found[-1][2] = number
        else:
            found.append([device, number, number])
    return ",".join(f"{device}-{first}" + (f"..{last}" if last > first else "") for device, first, last in found)


def witnesses(members, owner):
    """Section 23: each member and each node once, and whether it is of the owner's own side."""
    found = {}
    for member in members.values():
        cosign, node = public(member["keys"]["cosign"]), public(member["node"]["cosign"])
        found[cosign] = note_key(f"kith/{member['id']}", 4, cosign), member["id"] == owner["id"]
        found[node] = note_key(node_name(node), 4, node), member["node"]["cosign"] == owner["node"]["cosign"]
    return found.values()
