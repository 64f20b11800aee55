#!/usr/bin/env python3
"""Draws docs/example.svg from what the binary really prints on testdata/example.

usage: cargo build --release && python3 scripts/picture.py
"""
import html
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMAND = ["check", "testdata/example", "-n", "search", "--chart-version", "1.15.4", "--effective-date", "2026-11-22"]
COLUMNS = 100
CHARACTER, LINE, MARGIN = 8.43, 19, 16
COLORS = {
    "31": "#f47067", "32": "#57ab5a", "33": "#daaa3f", "34": "#6cb6ff", "35": "#dcbdfb", "36": "#56d4dd",
    "91": "#f47067", "92": "#57ab5a", "93": "#daaa3f", "94": "#6cb6ff", "95": "#dcbdfb", "96": "#56d4dd",
    "90": "#768390", "2": "#768390",
}
ANSI = re.compile(r"\x1b\[([0-9;]*)m")


def spans(line, state):
    """Pieces of a line with the style in force; the style lives on over line ends."""
    position = 0
    for found in ANSI.finditer(line):
        if found.start() > position:
            yield line[position:found.start()], dict(state)
        codes = found.group(1).split(";") if found.group(1) else ["0"]
        if codes[:2] == ["38", "2"]:
            state["color"] = "#%02x%02x%02x" % tuple(int(code) for code in codes[2:5])
            codes = codes[5:]
        for code in codes:
            if code in ("0", ""):
                state.clear()
            elif code == "1":
                state["bold"] = True
            elif code in COLORS:
                state["color"] = COLORS[code]
            elif code == "39":
                state.pop("color", None)
        position = found.end()
    if position < len(line):
        yield line[position:], dict(state)


def main():
    binary = os.path.join(ROOT, "target", "release", "qdrant-lint")
    environment = {**os.environ, "COLUMNS": str(COLUMNS)}
    ran = subprocess.run([binary, *COMMAND, "--color", "always"], cwd=ROOT, env=environment, capture_output=True, text=True)
    if ran.returncode != 1:
        sys.exit(f"the example must find something, exit code {ran.returncode}: {ran.stderr}")
    shown = ["$ qdrant-lint " + " ".join(COMMAND[:-2]), "", *ran.stdout.rstrip("\n").split("\n")]
    width, height = COLUMNS * CHARACTER + 2 * MARGIN, len(shown) * LINE + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" role="img" aria-label="qdrant-lint in a terminal">',
        f'<rect width="100%" height="100%" rx="8" fill="#1c2128"/>',
        '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14" fill="#adbac7" xml:space="preserve">',
    ]
    state = {}
    for number, line in enumerate(shown):
        column, y = 0, MARGIN + LINE * number + 14
        for text, style in spans(line, state):
            weight = ' font-weight="bold"' if style.get("bold") else ""
            color = f' fill="{style["color"]}"' if "color" in style else ""
            length = f' textLength="{len(text) * CHARACTER:.1f}"' if text.strip() else ""
            if text.strip():
                out.append(f'<text x="{MARGIN + column * CHARACTER:.1f}" y="{y}"{length}{weight}{color}>{html.escape(text)}</text>')
            column += len(text)
    out += ["</g>", "</svg>"]
    with open(os.path.join(ROOT, "docs", "example.svg"), "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
