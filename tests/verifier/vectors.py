"""Every vector: what it asks, and whether the answer is the one that it says."""
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from archive import files as archive
from bundle import check_sums, file_name, read_bundle, supplement
from consent import scope
from documents import Judge, directory
from evidence import commit, reveal
from log import all_included, checkpoint, grown, hashes, included, later, standing, verifier_key, witnessed
from opened import opened
from papers import invitation, letter
from share import Share, decision
from signing import Refused, holds, moment, need, read_json, sha
from wire import answer_wire

# The words of the good invitation, by their numbers: pole critic note retire suffer pupil various sell.
ALOUD = [1340, 414, 1205, 1471, 1733, 1391, 1932, 1563]


def seed(byte):
    """The public key that grows from this byte, 32 times."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([byte]) * 32).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def answer_log(case):
    root = bytes.fromhex(case.get("root", ""))
    match case["check"]:
        case "inclusion":
            leaf = bytes.fromhex(case["leaf"])
            included(leaf, case["index"], case["size"], root, hashes(case["path"]))
        case "growth":
            grown(case["old"], bytes.fromhex(case["old_root"]), case["size"], root, hashes(case["growth"]))
        case "many":
            leaves = {index: bytes.fromhex(leaf) for index, leaf in case["leaves"]}
            all_included(leaves, case["size"], root, hashes(case["hashes"], 1 << 20))
        case "checkpoint":
            checkpoint(case["note"], verifier_key(case["log"]))
        case "fork":
            one, other = (checkpoint(case[which], verifier_key(case["log"])) for which in ("one", "other"))
            return "forked" if one[0] == other[0] and one[1] != other[1] else "not forked"
        case "cosign":
            size, root = checkpoint(case["note"], verifier_key(case["log"]))
            seen, seen_root = case["seen_size"], bytes.fromhex(case["seen_root"])
            need(size >= seen, "older")
            need(size > seen or root == seen_root, "forked")
            grown(seen, seen_root, size, root, hashes(case["growth"]))
        case "later":
            later(case["later"], (case["size"], root), verifier_key(case["log"]))
        case "witnessed":
            known = [(verifier_key(one["key"]), one["own"]) for one in case["witnesses"]]
            return standing(witnessed(case["note"], known, moment(case["now"])))
        case other:
            raise AssertionError(f"a question nobody asks: {other}")
    return "ok"


def consent(case):
    scope(case["record"], case["recipient"], set(case["categories"]), moment(case["at"]))
    return "ok"


def answer_evidence(case):
    if "body" in case:
        need(commit(bytes.fromhex(case["seed"]), case["body"]).hex() == case["commitment"], "the body commits elsewhere")
    one = case["disclosure"]
    need(reveal(one["proof"], one["words"])[0].hex() == case["commitment"], "other words lead to another commitment")


def answer_papers(case, members):
    """`ok`, or which part of such a folder is refused."""
    try:
        if case["check"] == "papers":
            Share(case["files"], members, moment(case["at"])).verify()
        else:
            decision(case["files"], members, moment(case["at"]))
        return "ok"
    except Refused as why:
        return str(why).split(":")[0]


def cases(folder):
    """Every case: its file, what is asked of it, and whether an answer is the right one."""
    folder, made = Path(folder), []
    keys = {"sign": seed(1), "log": seed(2)}

    def expect(path, question, *given, said=None, refused=False):
        right = (lambda answer, stopped: answer == said) if said is not None else (lambda answer, stopped: stopped == refused)
        made.append((path.relative_to(folder).as_posix(), lambda: question(*given), right))

    for path in sorted(folder.glob("ed25519/*.json")):
        for case in read_json(path.read_text()):
            given = [bytes.fromhex(case[part]) for part in ("key", "signature", "message")]
            expect(path, lambda *of: str(holds(*of)), *given, said=str(case["holds"]))
    for path in sorted(folder.glob("log/*.json")):
        case = read_json(path.read_text())
        expect(path, answer_log, case, said=case["expect"])
    for path in sorted(folder.glob("evidence/*.json")):
        case = read_json(path.read_text())
        expect(path, answer_evidence, case, refused="refused" in case)
    for path in sorted(folder.glob("fact/*.json")):
        expect(path, lambda text: commit(bytes(32), read_json(text)), path.read_text(), refused=path.name.startswith("bad-"))
    document, page = ((folder / "bundle" / name).read_bytes() for name in ("bundle.json", "index.html"))
    files = {"bundle.json": document, "index.html": page, **dict.fromkeys(map(file_name, read_json(document)["attachments"]))}
    digests = {name: sha(raw).hex() if raw else name[12:76] for name, raw in files.items()}
    for path in sorted(folder.glob("sums/*.txt")):
        expect(path, check_sums, path.read_bytes(), digests, refused=path.name.startswith("bad-"))
    for path in sorted(folder.glob("bundle/b*.json")):
        expect(path, read_bundle, path.read_text(), keys, refused=path.name.startswith("bad-"))
    for path in sorted(folder.glob("bundle/supplement*.json")):
        bundle, _, (_, _, revealed) = read_bundle((folder / "bundle/bundle.json").read_text(), keys)
        expect(path, supplement, read_json(path.read_text()), bundle, keys, revealed, refused=path.name != "supplement.json")
    for path in sorted(folder.glob("wire/*.hex")):
        expect(path, answer_wire, path.name, path.read_text(), refused=path.name.startswith("bad-"))
    for path in sorted(folder.glob("archive/*.tar")):
        expect(path, archive, path.read_bytes(), refused=path.name.startswith("bad-"))
    for path in sorted(folder.glob("invitation/*.json")):
        expect(path, invitation, path.read_text(), ALOUD, refused=path.name.startswith("bad-"))
    of = sha(read_json((folder / "signed/envelope.json").read_text())["document"]["text"].encode()).hex()
    for path in sorted(folder.glob("letter/*.txt")):
        expect(path, letter, path.read_text(), of, refused=path.name.startswith("bad-"))
    about = read_json((folder / "signed/directory.json").read_text())
    found = directory(about["document"], about["pinned"], moment(about["at"]))
    bundle, _, (_, _, revealed) = read_bundle((folder / "bundle/bundle.json").read_text(), keys)
    members = {member["id"]: member for member in found["members"]}
    judge = Judge(members, (bundle, revealed, keys))
    for path in sorted(folder.glob("papers/*.json")):
        expect(path, answer_papers, read_json(path.read_text()), members, said=read_json(path.read_text())["expect"])
    for path in sorted(folder.glob("signed/*.json")):
        case = read_json(path.read_text())
        expect(path, judge, case, said=case["expect"])
    for path in sorted(folder.glob("consent/*.json")):
        case = read_json(path.read_text())
        expect(path, consent, case, said=case["expect"])
    for path in sorted(folder.glob("opened/*.tar")):
        said = None if path.name.startswith("bad-") else {"cosigned.tar": f"since {about['at']}"}.get(path.name, "too few")
        expect(path, opened, path.read_bytes(), members, "northshire-police", moment(about["at"]), said=said, refused=True)
    return made


def answer(question):
    """What is answered, or why it is refused; and whether it is."""
    try:
        return question(), False
    except Refused as why:
        return str(why), True
    except (AttributeError, KeyError, TypeError, ValueError) as why:
        return f"{type(why).__name__}: {why}", True


def check_vectors(folder):
    wrong, count = [], 0
    for path, question, right in cases(folder):
        count += 1
        said, stopped = answer(question)
        if not right(said, stopped):
            wrong.append(f"{path}: {said}")
    for line in wrong:
        print(f"DISAGREES: {line}")
    need(not wrong and count, f"{len(wrong)} of {count} vectors")
    print(f"AGREES with all {count} vectors.")
