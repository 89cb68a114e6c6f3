#!/usr/bin/env python3
"""Reads a log exported as tiles, and proves it: written from the specifications
(c2sp.org/tlog-tiles, tlog-checkpoint, signed-note; RFC 6962, RFC 8032), with
nothing of Bootseal's.

    read_tiles.py FOLDER VERIFIER_KEY      prints size, root and the sum of entries
"""
import base64
import hashlib
import os
import sys

WIDTH = 256


def fail(why):
    sys.exit(f"read_tiles: {why}")


# RFC 8032, 5.1: verification only, in extended coordinates.
P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


def recover_x(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != sign else x


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = recover_x(y, sign)
    return None if x is None or y >= P else (x, y, 1, x * y % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = decompress(BASE_Y.to_bytes(32, "little"))


def verify_ed25519(key, message, signature):
    point, nonce = decompress(key), decompress(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or nonce is None or scalar >= ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + key + message).digest()
    factor = int.from_bytes(hashed, "little") % ORDER
    left, right = multiply(scalar, BASE), add(nonce, multiply(factor, point))
    return (
        (left[0] * right[2] - right[0] * left[2]) % P == 0
        and (left[1] * right[2] - right[1] * left[2]) % P == 0
    )


def open_checkpoint(note, vkey):
    name, key_id, encoded = vkey.split("+", 2)
    typed = base64.b64decode(encoded, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
    if typed[0] != 1 or expected.hex() != key_id:
        fail("the verifier key is not an Ed25519 key with its id")
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    good = False
    for line in signatures.splitlines():
        dash, signer, encoded = line.split(" ")
        blob = base64.b64decode(encoded, validate=True)
        if dash != "\u2014":
            fail("a signature line without its dash")
        if signer != name or blob[:4] != expected:
            continue
        if not verify_ed25519(typed[1:], text.encode(), blob[4:]):
            fail("the log's signature is wrong")
        good = True
    if not good:
        fail("the log did not sign the checkpoint")
    origin, size, root = text.splitlines()
    if origin != name:
        fail(f"origin {origin}, expected {name}")
    return int(size), base64.b64decode(root, validate=True)


def path_of(folder, kind, index, width):
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    path = os.path.join(folder, "tile", kind, *groups)
    return path if width == WIDTH else os.path.join(path + ".p", str(width))


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        fail(error)


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def root_of(hashes):
    if len(hashes) == 1:
        return hashes[0]
    left = 1
    while left * 2 < len(hashes):
        left *= 2
    return hashlib.sha256(
        b"\1" + root_of(hashes[:left]) + root_of(hashes[left:])
    ).digest()


def split_bundle(bundle, width, path):
    entries, at = [], 0
    for _ in range(width):
        length = int.from_bytes(bundle[at : at + 2], "big")
        entry = bundle[at + 2 : at + 2 + length]
        if len(bundle) < at + 2 or len(entry) != length:
            fail(f"{path} is cut short")
        entries.append(entry)
        at += 2 + length
    if at != len(bundle):
        fail(f"{path} has bytes behind its last entry")
    return entries


def widths(count):
    """Of the tiles that hold `count` hashes."""
    full, rest = divmod(count, WIDTH)
    return [WIDTH] * full + ([rest] if rest else [])


def read_entries(folder, size):
    hashes, total = [], hashlib.sha256()
    for index, width in enumerate(widths(size)):
        path = path_of(folder, "entries", index, width)
        for entry in split_bundle(read(path), width, path):
            total.update(len(entry).to_bytes(8, "big") + entry)
            hashes.append(leaf(entry))
    return hashes, total.hexdigest()


def check_level(folder, level, hashes):
    """The tiles are these hashes; gives the roots of the full ones."""
    roots = []
    for index, width in enumerate(widths(len(hashes))):
        expected = hashes[index * WIDTH : index * WIDTH + width]
        path = path_of(folder, str(level), index, width)
        if read(path) != b"".join(expected):
            fail(f"{path} does not hold the hashes of the entries below it")
        if width == WIDTH:
            roots.append(root_of(expected))
    return roots


def main(folder, vkey):
    note = read(os.path.join(folder, "checkpoint")).decode()
    size, root = open_checkpoint(note, vkey)
    leaves, total = read_entries(folder, size)
    hashes, level = leaves, 0
    while hashes:
        hashes = check_level(folder, level, hashes)
        level += 1
    found = root_of(leaves) if leaves else hashlib.sha256().digest()
    if found != root:
        fail("the entries do not lead to the signed root")
    print(size, base64.b64encode(root).decode(), total)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        fail("usage: read_tiles.py FOLDER VERIFIER_KEY")
    main(sys.argv[1], sys.argv[2])
