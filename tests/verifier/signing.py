"""Sections 1, 4 and 5: texts, Ed25519, signatures, signed documents."""
import base64, hashlib, json, re, struct
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


class Refused(Exception):
    pass


def need(holds, why):
    if not holds:
        raise Refused(why)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def n4(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def b64(text, why="base64 in another than its one form", altchars=b"+/"):
    try:
        raw = base64.b64decode(text, altchars, validate=True)
    except ValueError:
        raise Refused(why) from None
    need(base64.b64encode(raw, altchars).decode() == text, why)
    return raw


def read_json(text):
    def once(pairs):
        need(len(dict(pairs)) == len(pairs), "a field stands twice")
        return dict(pairs)
    return json.loads(text, object_pairs_hook=once)


def moment(text):
    need(text.endswith("Z"), "a time is not in UTC")
    return datetime.fromisoformat(text)


def holds(key, signature, message):
    """Ed25519, strictly: canonical points, none of small order (the last polynomial is zero for those of order 8)."""
    for point in (key, signature[:32]):
        y = int.from_bytes(point, "little") & (2**255 - 1)
        if y >= P or y in (0, 1, P - 1) or (D * y**4 + 2 * y * y - 1) % P == 0:
            return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def string(raw):
    return struct.pack(">I", len(raw)) + raw


def strings(raw):
    found = []
    while raw:
        size = struct.unpack(">I", raw[:4])[0]
        need(len(raw) >= 4 + size, "an SSH string is cut off")
        found.append(raw[4:4 + size])
        raw = raw[4 + size:]
    return found


def public(text):
    kind, key = strings(b64(text.removeprefix("ssh-ed25519 ")))
    need(text.startswith("ssh-ed25519 ") and kind == b"ssh-ed25519" and len(key) == 32, "no Ed25519 key")
    return key


ARMOUR = r"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]+\n)+)-----END SSH SIGNATURE-----\n"


def signed_by(key, namespace, message, signatures):
    """Whether one of a signature set is by this key, in this namespace, over these bytes."""
    need(len(signatures) <= 16384, "a signature set is too long")
    need(re.fullmatch(f"(?:{ARMOUR})+", signatures), "not signed: something else than armoured signatures stands in the set")
    for armour in re.findall(ARMOUR, signatures):
        armour = armour.removesuffix("\n")
        try:
            raw = b64(armour.replace("\n", ""))
            lines = base64.b64encode(raw).decode()
            need(armour == "\n".join(lines[at:at + 70] for at in range(0, len(lines), 70)), "not in lines of 70")
            need(raw[:10] == b"SSHSIG\0\0\0\1", "another version")
            by, within, reserved, name, signature = strings(raw[10:])
            kind, signature = strings(signature)
            need(kind == b"ssh-ed25519" and not reserved and within == namespace.encode(), "something else")
            digest = {b"sha512": hashlib.sha512, b"sha256": hashlib.sha256}[name](message).digest()
        except (Refused, KeyError, ValueError, struct.error):
            continue
        data = b"SSHSIG" + string(within) + string(b"") + string(name) + string(digest)
        if by == string(b"ssh-ed25519") + string(key) and len(signature) == 64 and holds(key, signature, data):
            return True
    return False


def document(one, kind, limit, *keys):
    """The fields of a signed document, with which all `keys` signed; those that it names itself come as functions."""
    need(set(one) == {"text", "signature"}, "a signed document is text and signature")
    text = one["text"].encode()
    need(len(text) <= limit and text.startswith(b'{"kith":"%s/1",' % kind.encode()), f"this is no {kind}")
    fields = read_json(text)
    for key in keys:
        by = key(fields) if callable(key) else key
        need(signed_by(by, f"{kind}@kith", text, one["signature"]), f"the {kind} is not signed as it says")
    return fields


def certified(certificate, agency, key, at):
    fields = document(certificate, "certificate", 4096, key)
    need(fields["agency"] == agency, "the certificate is of another agency")
    need(moment(fields["from"]) <= at < moment(fields["until"]), "the certificate does not hold at that time")
    return fields
