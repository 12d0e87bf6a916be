#!/usr/bin/env python3
"""make_dwarf_seed.py OUTPUT PROGRAM [DWP [DWZ]]: the DWARF of up to three files as an input of fuzz_dwarf.

The program's code should lie in 0x1000 to 0x2000, as -nostdlib -static -Wl,-Ttext=0x1000 puts it."""
import struct
import sys

NAMES = ["info", "abbrev", "str", "line_str", "line", "ranges", "rnglists", "addr", "str_offsets", None]


def sections(path):
    with open(path, "rb") as file:
        image = file.read()
    if not image:
        return  # nothing in the place of that file
    offset, = struct.unpack_from("<Q", image, 40)
    count, names_index = struct.unpack_from("<HH", image, 60)
    headers = [struct.unpack_from("<IIQQQQIIQQ", image, offset + 64 * i) for i in range(count)]
    names = headers[names_index][4]
    for name, kind, _, _, start, size, *_ in headers:
        if kind != 8:  # SHT_NOBITS
            text = image[names + name:image.index(b"\0", names + name)].decode()
            yield text, image[start:start + size]


def main():
    out = b""
    for number, path in enumerate(sys.argv[2:]):
        for name, data in sections(path):
            split = number == 1
            if split and name == ".debug_cu_index":
                kind = 9
            elif name.startswith(".debug_") and name.endswith(".dwo") == split:
                short = name[7:].removesuffix(".dwo")
                if short not in NAMES:
                    continue
                kind = NAMES.index(short)
            else:
                continue
            out += struct.pack("<BH", number * 16 + kind, len(data)) + data
    with open(sys.argv[1], "wb") as file:
        file.write(out)


if __name__ == "__main__":
    main()
