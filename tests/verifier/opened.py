"""Section 11: a bundle as it stands in its archive, once the seal is off: files, signatures, people, consent, witnesses."""
from archive import files
from bundle import check_sums, file_name, read_bundle
from consent import scope, sent
from documents import witnesses
from log import standing, witnessed
from signing import moment, need, public, read_json, sha, signed_by


def opened(raw, members, me, now):
    """Judges it as the recipient `me` does; what is known of who else signed the sender's log."""
    found = files(raw)
    folder = found[0][0].partition("/")[0]
    inside = {path.partition("/")[2]: content for path, content, _ in found}
    text = inside["bundle.json"].decode()
    bundle = read_json(text)
    order = ["SHA256SUMS", "SHA256SUMS.sig", "bundle.json", "index.html", *map(file_name, bundle["attachments"])]
    need([path for path, _, _ in found] == [f"{folder}/{name}" for name in order], "a file is missing, was not signed, or stands elsewhere")
    created, sender = moment(bundle["created"]), members[bundle["from"]["id"]]
    need(folder == f"kith-{sender['id']}-{created:%Y-%m-%d}-{bundle['seal_id'][:8]}", "the folder has another name")
    need(all(time == int(created.timestamp()) for _, _, time in found), "the files are of another time")
    keys = {name: public(sender["keys"][name]) for name in ("sign", "log")}
    sums, signatures = inside["SHA256SUMS"], inside["SHA256SUMS.sig"].decode()
    need(signed_by(keys["sign"], "bundle@kith", sums, signatures), "the sender did not sign SHA256SUMS")
    check_sums(sums, {name: sha(inside[name]).hex() for name in order[2:]})
    for one in bundle["attachments"]:
        content = inside[file_name(one)]
        need(sha(content).hex() == one["sha256"], "an attachment is not as bundle.json says")
        need(len(content) == one["size"], "an attachment is of another size")
    bundle, person, (origin, _, _) = read_bundle(text, keys)
    need(signed_by(public(person["key"]), "bundle@kith", sums, signatures), "the person did not sign SHA256SUMS")
    need(bundle["to"]["id"] == me, "it is for another")
    scope(bundle["consent"], me, sent(bundle), created)
    return standing(witnessed(bundle["evidence"]["log"]["checkpoint"], witnesses(members, sender), now)) if origin else "nothing"
