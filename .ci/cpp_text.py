"""C++ text for the checks: which files there are, and their text with everything blanked that is not code.

Blanking keeps every position and line, so what a check finds can be named by line. Nothing is written to disk.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CODE = (".cpp", ".hpp", ".h", ".c")
_RAW = re.compile(r'R"([^()\\\s]{0,16})\(')
_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
_CHAR = re.compile(r"'(?:\\.|[^'\\\n])+'")


def files(folders, suffixes=CODE, root=ROOT):
    """Paths relative to the root, sorted; folders that do not exist are left out."""
    found = []
    for folder in folders:
        for where, names, entries in os.walk(os.path.join(root, folder)):
            names[:] = [name for name in names if name != "build" and not name.startswith("__")]
            found += [os.path.relpath(os.path.join(where, entry), root) for entry in entries if entry.endswith(suffixes)]
    return sorted(found)


def read(path, root=ROOT):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def _spaces(text):
    return re.sub(r"[^\n]", " ", text)


def _literal_end(text, at):
    """Where the literal that starts at `at` ends, or None when none starts there."""
    if text[at] == "R":
        raw = None if at and (text[at - 1].isalnum() or text[at - 1] == "_") else _RAW.match(text, at)
        if raw:
            close = text.find(")" + raw.group(1) + '"', raw.end())
            return len(text) if close < 0 else close + len(raw.group(1)) + 2
        return None
    if text[at] == "'" and at and text[at - 1].isalnum() and not re.search(r"\b(u8|u|U|L)$", text[max(0, at - 3):at]):
        return None  # a digit separator
    match = (_STRING if text[at] == '"' else _CHAR).match(text, at)
    return match.end() if match else None


def blank(text, keep_preprocessor=False):
    """The text with comments, contents of literals and preprocessor lines as spaces; a literal leaves `""`."""
    out, at, line_start = [], 0, True
    while at < len(text):
        end, keep = None, ""
        if text.startswith("//", at):
            end = re.compile(r"(?:[^\n\\]|\\.|\\\n)*", re.S).match(text, at).end()
            newline = text.find("\n", at)
            end = newline if newline >= 0 and not text[at:newline].endswith("\\") else end
        elif text.startswith("/*", at):
            close = text.find("*/", at + 2)
            end = len(text) if close < 0 else close + 2
        elif text[at] in "\"'R":
            end, keep = _literal_end(text, at), '""'
        elif text[at] == "#" and line_start and not keep_preprocessor:
            end = re.compile(r"(?:[^\n\\]|\\\n|\\.)*").match(text, at).end()
        if end is None:
            out.append(text[at])
            line_start = text[at] == "\n" or (line_start and text[at].isspace())
            at += 1
        else:
            out.append(keep + _spaces(text[at + len(keep):end]))
            at = end
    return "".join(out)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def finish(name, problems, warnings=(), counted=""):
    """Prints what was found and ends the program: 1 when there is a problem."""
    for warning in warnings:
        print(f"{name}: warning: {warning}")
    for problem in problems:
        print(f"{name}: {problem}", file=sys.stderr)
    print(f"{name}: {len(problems)} problems{counted}" if problems else f"{name}: fine{counted}")
    sys.exit(1 if problems else 0)
