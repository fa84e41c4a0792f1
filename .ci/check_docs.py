#!/usr/bin/env python3
"""Fails when the documents name what is not there: repository paths, links and headings, decision pages.

A path counts when it starts with one of the tree's folders and stands in code (`gateway/proxy/serve.cpp`, with * for
any name). Links are relative, to a file and perhaps a heading of it. Decision pages are numbered without gaps and
each is linked from the list in docs/decisions/README.md.
"""
import glob
import os
import re
import sys

import cpp_text

_PATH = re.compile(r"(?<![\w./-])((?:gateway|filters|config|bench|tests|docs|\.ci)/[\w./*-]*[\w*/])(?![\w|<{$])")
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.S)
_PLACEHOLDER = re.compile(r"NNNN|NAME|/x[./_]|/\.\.\.")


def markdown(root):
    found = cpp_text.files(["docs", "bench", "filters", "config", "tests"], (".md",), root)
    return [name for name in sorted(os.listdir(root)) if name.endswith(".md")] + found


def anchors(text):
    """The names under which a page's headings can be linked."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    names = set()
    for heading in re.findall(r"^#+[ \t]+(.+)$", text, re.M):
        slug = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).strip().replace(" ", "-")
        names.add(slug)
    return names


def check_paths(path, text, root):
    problems = []
    for block in _CODE.finditer(text):
        for match in _PATH.finditer(block.group(0)):
            name = match.group(1).rstrip(".")
            if _PLACEHOLDER.search(name) or glob.glob(os.path.join(root, name)):
                continue
            line = cpp_text.line_of(text, block.start() + match.start())
            problems.append(f"{path}:{line}: {name} does not exist")
    return problems


def check_links(path, text, root):
    problems = []
    prose = _CODE.sub(lambda block: re.sub(r"[^\n]", " ", block.group(0)), text)
    for match in _LINK.finditer(prose):
        target, _, anchor = match.group(1).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        full = os.path.normpath(os.path.join(root, os.path.dirname(path), target)) if target else os.path.join(root, path)
        where = f"{path}:{cpp_text.line_of(prose, match.start())}"
        if not os.path.exists(full):
            problems.append(f"{where}: the link to {target} leads nowhere")
        elif anchor and full.endswith(".md") and anchor not in anchors(cpp_text.read(full, root)):
            problems.append(f"{where}: {target or path} has no heading for #{anchor}")
    return problems


def check_decisions(root):
    folder = "docs/decisions"
    if not os.path.isdir(os.path.join(root, folder)):
        return []
    pages = sorted(name for name in os.listdir(os.path.join(root, folder)) if name != "README.md")
    listed = cpp_text.read(f"{folder}/README.md", root)
    problems = []
    for number, name in enumerate(pages, start=1):
        if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name):
            problems.append(f"{folder}/{name}: decision pages are called NNNN-title.md")
        elif int(name[:4]) != number:
            problems.append(f"{folder}/{name}: the next number is {number:04}; numbers have no gaps and none twice")
        if f"({name})" not in listed:
            problems.append(f"{folder}/README.md does not list {name}")
    return problems


def check_tree(root=cpp_text.ROOT):
    problems = check_decisions(root)
    for path in markdown(root):
        text = cpp_text.read(path, root)
        problems += check_paths(path, text, root) + check_links(path, text, root)
    return problems


if __name__ == "__main__":
    sys.exit(cpp_text.finish("docs", check_tree(), counted=f" ({len(markdown(cpp_text.ROOT))} pages)"))
