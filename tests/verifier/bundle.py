"""Section 11: bundle.json, what proves its records, and supplements."""
import json, re, struct

from evidence import known, reveal, reveal_all
from log import all_included, checkpoint, claims, hashes, note, note_key
from signing import Refused, certified, document, moment, need, public, read_json, sha, signed_by

REASONS = ["third-party-child", "third-party-adult", "informant", "contact-or-address", "not-relevant",
           "legal-privilege", "serious-harm", "police-or-court"]


def fields_of(value, names, what, optional=()):
    need(set(names.split()) <= set(value) | set(optional) and set(value) <= {*names.split(), *optional},
         f"{what} has other fields than it may have")


def file_name(attachment):
    office = "application/vnd.openxmlformats-officedocument."
    endings = {"application/pdf": "pdf", "application/msword": "doc", f"{office}wordprocessingml.document": "docx",
               f"{office}spreadsheetml.sheet": "xlsx", "audio/mpeg": "mp3", "audio/mp4": "m4a", "image/jpeg": "jpg",
               "image/png": "png", "image/tiff": "tif", "message/rfc822": "eml", "text/csv": "csv",
               "text/plain": "txt", "video/mp4": "mp4"}
    need(re.fullmatch("[0-9a-f]{64}", attachment["sha256"]), "a digest is none")
    return f"attachments/{attachment['sha256']}.{endings.get(attachment['media_type'], 'bin')}"


def check_sums(sums, digests):
    """SHA256SUMS has one form: these files and no others, in their order."""
    need("".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode() == sums,
         "SHA256SUMS does not list the files of bundle.json and no others, in their order")


def passages(record):
    by, source = record["recorded_by"], record["source"]
    return [by["name"], by["role"], source["name"], source["role"], source["agency"],
            *(one[part] for one in record["people"] for part in ("name", "relation")),
            *(one["text"] for one in record["statements"]),
            *([record["in_danger"]] if record["in_danger"] is not None else []),
            record["told"], record["done"], record["effect"]]


def shape_of(record):
    fields_of(record, "id kind category happened recorded recorded_by source people statements in_danger told done "
              "effect significance attachments", "a record")
    fields_of(record["happened"], "at precision", "happened")
    fields_of(record["recorded_by"], "name role", "recorded_by")
    fields_of(record["source"], "name role agency", "source")
    for one in record["people"]:
        fields_of(one, "name role relation", "a person")
    for one in record["statements"]:
        fields_of(one, "kind text", "a statement")
    for span in (span for passage in passages(record) for span in passage):
        need(set(span) in ({"text"}, {"withheld"}), "a span is neither text nor withheld")


def words(record, amended):
    """The table of section 11: every field of the fact that a record is of."""
    entry = "/fact/EntryAmended/now" if amended else "/fact/EntryRecorded/entry"
    names, found = entry.rsplit("/", 1)[0] + "/names", []

    def put(path, *parts, kind="text"):
        found.append({"path": path, "kind": kind, "parts": list(parts)})

    def code(path, text, kind="text"):
        need(isinstance(text, str), f"{path} is no text")
        put(path, {"text": text}, kind=kind)

    def passage(path, spans):
        parts = []
        for span in spans:
            if "withheld" in span:
                parts += [] if parts and parts[-1] == "withheld" else ["withheld"]
            elif parts and parts[-1] != "withheld":
                parts[-1] = {"text": parts[-1]["text"] + span["text"]}
            else:
                parts.append({"text": span["text"]})
        put(path, *(parts or [{"text": ""}]))

    def hidden(path):
        put(path, "withheld")

    def each(name, items, *fields, unseen=()):
        code(f"{entry}/{name}", str(len(items)), "list")
        for nth, one in enumerate(items):
            for field in unseen:
                hidden(f"{entry}/{name}/{nth}/{field}")
            for field in fields:
                (passage if field == "text" else code)(f"{entry}/{name}/{nth}/{field}", one[field])

    hidden("/id") if amended else code("/id", record["id"])
    code("/recorded", record["recorded"])
    passage("/by/name", record["recorded_by"]["name"])
    passage("/by/role", record["recorded_by"]["role"])
    if amended:
        code("/fact/EntryAmended/entry", record["id"])
    code(f"{entry}/kind", record["kind"])
    each("people", record["people"], "role", unseen=["person"])
    code(f"{entry}/happened/at", record["happened"]["at"])
    code(f"{entry}/happened/precision", record["happened"]["precision"])
    code(f"{entry}/category", record["category"])
    for part in ("name", "role", "agency"):
        passage(f"{entry}/source/{part}", record["source"][part])
    each("statements", record["statements"], "kind", "text")
    if record["in_danger"] is None:
        code(f"{entry}/danger", "No")
    else:
        passage(f"{entry}/danger/Yes/done", record["in_danger"])
    for part in ("told", "done", "effect"):
        passage(f"{entry}/{part}", record[part])
    code(f"{entry}/significance", record["significance"])
    code(f"{entry}/attachments", str(len(record["attachments"])), "list")
    for nth, digest in enumerate(record["attachments"]):
        one = f"{entry}/attachments/{nth}/"
        for part in ("name", "media_type", "size"):
            hidden(one + part)
        hidden(one + "sha256") if digest is None else code(one + "sha256", digest)
    hidden("/fact/EntryAmended/why" if amended else "/fact/EntryRecorded/case")
    hidden(names)
    for nth, one in enumerate(record["people"]):
        passage(f"{names}/{nth}", one["name"])
    return found


def proven(bundle, log_key):
    """The log's name and size, and what each record reveals."""
    records, evidence = bundle["records"], bundle.get("evidence")
    for record in records:
        shape_of(record)
    if evidence is None:
        need(not records, "there are records and no proof of them")
        return None, 0, []
    fields_of(evidence, "log inclusion records", "evidence")
    fields_of(evidence["log"], "checkpoint grown", "evidence.log")
    grown = evidence["log"]["grown"]
    for one in grown:
        fields_of(one, "since growth", "growth")
        hashes(one["growth"])
    need(len(grown) <= 8 and all(a["since"] < b["since"] for a, b in zip(grown, grown[1:])), "growth is not in order")
    need(len(records) == len(evidence["records"]), "there are not as many proofs as records")
    origin = claims(note(evidence["log"]["checkpoint"])[0])[0]
    need(origin.startswith(f"kith/{bundle['from']['id']}/"), "the log is not the sender's")
    size, root = checkpoint(evidence["log"]["checkpoint"], note_key(origin, 1, log_key))
    revealed, leaves = [], {}
    for record, proof in zip(records, evidence["records"]):
        fields_of(proof, "leaf amended proof", "a proof")
        need(type(proof["leaf"]) is int and proof["leaf"] >= 0 and type(proof["amended"]) is bool, "a proof of no leaf")
        revealed.append(reveal_all(proof["proof"], words(record, proof["amended"])))
        need(proof["leaf"] not in leaves, "two records are of one fact")
        leaves[proof["leaf"]] = sha(b"\0", revealed[-1][0])
    all_included(leaves, size, root, hashes(evidence["inclusion"], 1 << 20))
    return origin, size, revealed


def counted(bundle):
    counts = {}
    for span in (span for record in bundle["records"] for passage in passages(record) for span in passage):
        if "withheld" in span:
            reason = span["withheld"]
            known = isinstance(reason, str) and reason in REASONS
            need(known or set(reason) == {"other"}, "a reason that nobody knows")
            order = (REASONS.index(reason), "") if known else (8, reason["other"])
            counts[order] = (reason, counts.get(order, (reason, 0))[1] + 1)
    return [{"reason": reason, "count": count} for _, (reason, count) in sorted(counts.items())]


def content(text):
    """Section 11, a second person's check: the exact bytes of five values, each after its length."""
    decoder, at, found = json.JSONDecoder(), text.index("{") + 1, {}

    def past(at, *marks):
        while text[at].isspace() or text[at] in marks:
            at += 1
        return at
    while text[at := past(at, ",")] != "}":
        name, at = decoder.raw_decode(text, at)
        begin = past(at, ":")
        _, at = decoder.raw_decode(text, begin)
        found[name] = text[begin:at].encode()
    parts = [found[name] for name in ("letter", "consent", "children", "records", "attachments")]
    return sha(*(struct.pack(">Q", len(part)) + part for part in parts)).hex()


def two(people):
    """Two keys, and two names that differ in more than capitals and blanks."""
    names = {" ".join(person["name"].split()).lower() for person in people}
    return len({person["key"] for person in people}) == len(names) == 2


def approval(one, text, sender, to, key, at):
    """A second person's check of the document `text`: who proposed it, and who checked it."""
    fields_of(one, "approval proposed_by checked_by", "an approval")
    found = document(one["approval"], "approval", 4096)
    fields_of(found, "kith from to seal_id content proposed", "an approval")
    need((found["from"], found["to"]) == (sender, to), "other")
    people = []
    for name, when in (("proposed_by", moment(found["proposed"])), ("checked_by", at)):
        try:
            people.append(certified(one[name], sender, key, when))
        except Refused:
            raise Refused("certificate") from None
    need(two(people), "same person")
    signed, signature = one["approval"]["text"].encode(), one["approval"]["signature"]
    need(all(signed_by(public(person["key"]), "approval@kith", signed, signature) for person in people), "not signed")
    need((found["seal_id"], found["content"]) == (read_json(text)["seal_id"], content(text)), "other")
    return people


def attached(bundle):
    """Section 10, 5: the list of attachments, and that each one a record names is one of them, or has a copy among them."""
    files, digests = bundle["attachments"], re.compile("[0-9a-f]{64}")
    for one in files:
        fields_of(one, "sha256 size name media_type category checked", "an attachment", ["copy_of"])
        copy_of = one.get("copy_of", [])
        hashes = [one["sha256"], *copy_of]
        need(isinstance(copy_of, list) and all(digests.fullmatch(digest) for digest in hashes), "a digest is none")
        need(type(one["size"]) is int and 0 <= one["size"] <= 4 << 30, "an attachment is too long")
        need(one["name"].strip() and len(one["name"].encode()) <= 200 and one["checked"].strip(), "an attachment has no name, or nobody looked it through")
        need(re.fullmatch("[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}", one["media_type"]), "a media type is none")
    need(len(files) <= 500 and sum(one["size"] for one in files) <= 16 << 30, "there are too many attachments")
    need(len({one["sha256"] for one in files}) == len(files), "an attachment stands in it twice")
    there = {digest for one in files for digest in [one["sha256"], *one.get("copy_of", [])]}
    named = {digest for record in bundle["records"] for digest in record["attachments"] if digest is not None}
    need(named <= there, "a record names an attachment that is not there")


def read_bundle(text, keys):
    """The whole of bundle.json, by a sender with these keys."""
    bundle = read_json(text)
    fields_of(bundle, "kith from to recipient_key seal_id gate gate_salt created signed_by letter consent children "
              "records attachments withheld", "bundle.json", ["evidence", "approval"])
    need(bundle["kith"] == "bundle/1", "bundle.json is of another version")
    letter, ids = bundle["letter"], [record["id"] for record in bundle["records"]]
    said = [letter["subject"], letter["why"], letter["asked"]["what"], letter["may_use_for"], letter["ring"]["name"],
            letter["ring"]["phone"]]
    need(all(one.strip() for one in said), "the letter leaves something out that every letter says")
    need(bundle["children"] and bundle["consent"]["pii_controllers"], "it names no child, or nobody who is responsible")
    need(bundle["from"]["id"] != bundle["to"]["id"], "sender and recipient are the same agency")
    need(len(set(ids)) == len(ids) <= 10000, "a record stands in it twice, or there are too many")
    person = certified(bundle["signed_by"], bundle["from"]["id"], keys["sign"], moment(bundle["created"]))
    attached(bundle)
    found = proven(bundle, keys["log"])
    need(bundle["withheld"] == counted(bundle), "the counts of what is withheld are not what the records give")
    if bundle.get("approval") is not None:
        approval(bundle["approval"], text, bundle["from"]["id"], bundle["to"]["id"], keys["sign"], moment(bundle["created"]))
    return bundle, person, found


def supplement(one, bundle, keys, revealed):
    fields = document(one, "supplement", 1 << 20, keys["sign"])
    fields_of(fields, "kith from to seal_id record order decided_by signed_by proof words", "a supplement")
    person = certified(fields["signed_by"], fields["from"], keys["sign"], moment(fields["decided_by"]["on"]))
    document(one, "supplement", 1 << 20, public(person["key"]))
    ends = (bundle["from"]["id"], bundle["to"]["id"], bundle["seal_id"])
    need((fields["from"], fields["to"], fields["seal_id"]) == ends, "the supplement is of another bundle")
    at = [record["id"] for record in bundle["records"]].index(fields["record"])
    found, nonce, total, more = reveal(fields["proof"], fields["words"])
    need((found, nonce, total) == revealed[at][:3], "what it releases is not what was recorded there")
    paths = [one["path"] for one in words(bundle["records"][at], bundle["evidence"]["records"][at]["amended"])]
    need(all(paths[number] == field[0] for number, field in more.items()), "a field that is not in its place")
    new = known(more) - known(revealed[at][3])
    need(new, "it releases nothing that was withheld")
    return fields, at, new
