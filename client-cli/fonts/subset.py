"""Makes the fonts of this folder from Noto Sans CJK. README.md says how to run it."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# The names that the web page fetches when an owner prints.
PAGE = HERE.parent.parent / "web/press/fonts"
TEXTS = HERE.parent / "posters/src/texts.toml"
# Faces of the collections, by their number.
JAPANESE, CHINESE = "0", "2"


def encodable(encoding, first, last):
    """The code points that an encoding has."""
    found = set()
    for point in range(first, last):
        try:
            chr(point).encode(encoding)
            found.add(point)
        except UnicodeEncodeError:
            pass
    return found


def of_windows():
    """Windows' form of JIS X 0208 without its private characters."""
    return encodable("cp932", 0x20, 0xE000) | encodable("cp932", 0xF900, 0x10000)


def of_daily_use():
    """GB 2312 level 1: the 3755 hanzi of daily use."""
    rows = (bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return {ord(char) for pair in rows if pair < b"\xd7\xfa" for char in pair.decode("gb2312")}


def names():
    """What the name of a venue in Japan may be written with."""
    latin = {*range(0x20, 0x7F), *range(0xA0, 0x180), 0x1A0, 0x1A1, 0x1AF, 0x1B0, *range(0x1E00, 0x1F00)}
    # JIS X 0213 has the kanji of names.
    japanese = of_windows() | encodable("shift_jis_2004", 0x20, 0x30000)
    # A form of the first character of Yoshida and Yoshino that no JIS standard has.
    japanese |= {0x20BB7}
    # A combining voiced mark may stand alone where a file system has taken kana apart.
    japanese |= {0x3099, 0x309A}
    korean = set(range(0xAC00, 0xD7A4))
    return latin | japanese | korean | of_daily_use()


def names_of_the_page():
    """The same without what hardly any name has, since every owner fetches it: of kanji, hangul and
    hanzi those of Windows, of KS X 1001 and of daily use."""
    others = {point for point in names() if point < 0x3400}
    # What the standard lacks is encoded by its parts, in eight bytes.
    korean = {point for point in range(0xAC00, 0xD7A4) if len(chr(point).encode("euc_kr")) == 2}
    return others | of_windows() | korean | of_daily_use()


def texts():
    """What the fixed texts are written with; digits and Latin letters for dates and words between."""
    return {ord(char) for char in TEXTS.read_text(encoding="utf-8") if char >= " " and char != "|"} | set(range(0x20, 0x7F))


def chinese_texts():
    block = re.search(r'tag = "zh-Hans".*?(?=\[\[language|\Z)', TEXTS.read_text(encoding="utf-8"), re.S)
    return {ord(char) for char in block.group() if char >= " " and char != "|"} | set(range(0x20, 0x7F))


def subset(collection, face, points, name, into=HERE):
    command = [
        "pyftsubset",
        str(collection),
        f"--font-number={face}",
        "--unicodes=" + ",".join(f"{point:x}" for point in sorted(points)),
        # Horizontal text only: kerning, and marks where they belong.
        "--layout-features=ccmp,kern,mark,mkmk",
        "--drop-tables+=vhea,vmtx,VORG,BASE",
        "--no-hinting",
        "--name-IDs=0,1,2,4,5,6,13,14",
        "--no-recalc-timestamp",
        f"--output-file={into / name}",
    ]
    subprocess.run(command, check=True)
    print(f"{name}: {(into / name).stat().st_size} bytes for {len(points)} characters")


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/fonts/opentype/noto")
    regular, bold = folder / "NotoSansCJK-Regular.ttc", folder / "NotoSansCJK-Bold.ttc"
    subset(bold, JAPANESE, names() | texts(), "names-bold.otf")
    subset(bold, JAPANESE, names_of_the_page() | texts(), "names-bold.otf", PAGE)
    subset(regular, JAPANESE, texts(), "texts-regular.otf")
    subset(bold, CHINESE, chinese_texts(), "chinese-bold.otf")
    subset(regular, CHINESE, chinese_texts(), "chinese-regular.otf")


main()
