"""Section 11: the archive, whose headers and length have one form."""
import re

from signing import need

BLOCK = 512


def header(path, size, time):
    """The one header of a file."""
    folder, name = ("", path) if len(path) <= 100 else path.rsplit("/", 1)
    parts = [(name, 100), ("0000644\0", 8), ("0000000\0", 8), ("0000000\0", 8), (f"{size:011o}\0", 12), (f"{time:011o}\0", 12),
             (" " * 8, 8), ("0", 1), ("", 100), ("ustar\x0000", 8), ("", 80), (folder, 155), ("", 12)]
    raw = b"".join(text.encode().ljust(length, b"\0") for text, length in parts)
    return raw[:148] + f"{sum(raw):07o}\0".encode() + raw[156:]


def padded(length):
    """Padmé."""
    length = max(length, 16384)
    top = length.bit_length() - 1
    mask = (1 << top - top.bit_length()) - 1
    return (length + mask) & ~mask


def files(raw):
    """The paths, bytes and times of an archive, in their order."""
    found, at = [], 0
    while any(raw[at:at + BLOCK]):
        block = raw[at:at + BLOCK]
        size, time = (int(block[at:at + 11], 8) for at in (124, 136))
        name, prefix = (part.rstrip(b"\0").decode() for part in (block[:100], block[345:500]))
        path = f"{prefix}/{name}" if prefix else name
        parts = path.split("/")
        need(all(re.fullmatch("[A-Za-z0-9_.-]+", part) and part not in (".", "..") for part in parts), "a path that may not be")
        need(block == header(path, size, time), "a header in another than its one form")
        end = at + BLOCK + size
        filled = -(-end // BLOCK) * BLOCK
        need(not any(raw[end:filled]), "a file that is not filled with zeros")
        found.append((path, raw[at + BLOCK:end], time))
        at = filled
    need(found, "an archive of nothing")
    need(not any(raw[at:]), "an archive goes on after its end")
    need(len(raw) == padded(at + 2 * BLOCK), "an archive that is not padded as it must be")
    return found
