#!/usr/bin/env python3
"""Fails on temporaries that GCC 12 destroys twice: brace-made objects, and lambdas that capture by value, in one
expression with `co_await` (docs/decisions/0001-compiler.md). Name them first, or make them with parentheses.
A pointer and a size, `{buffer.data(), n}` or `{&piece, 1}`, make a span, which has no destructor: that may stand.
"""
import re
import sys

import cpp_text

_BLOCK_WORD = re.compile(r"(?:\)|\{|\}|;|:|\]|\belse|\bdo|\btry|\bnoexcept|\bmutable|\bconst|\boverride|\bfinal|->[^;{}()]*)\s*$")
_SPAN = re.compile(r"[(,]\s*\{\s*(?:&\s*[\w.>-]+|[\w.>()\[\]-]+(?:\.|->)data\(\)(?:\s*\+[^,{}]+)?)\s*,[^,{}]*\}")
_OPEN, _CLOSE = "([{", ")]}"
_PAIR = dict(zip(_CLOSE, _OPEN))


def opens_block(code, at):
    """Whether the `{` at `at` opens a block (a body, a branch), not an initialiser."""
    before = code[max(0, at - 200):at]
    return bool(_BLOCK_WORD.search(before)) or not before.strip()


def match_brackets(code):
    """Partner of every bracket; unbalanced ones are left out."""
    stack, partner = [], {}
    for at, char in enumerate(code):
        if char in _OPEN:
            stack.append(at)
        elif char in _CLOSE and stack and code[stack[-1]] == _PAIR[char]:
            partner[at] = stack.pop()
            partner[partner[at]] = at
    return partner


def expression_start(code, at, partner):
    while at > 0:
        at -= 1
        char = code[at]
        if char == ";" or (char == "{" and opens_block(code, at)):
            return at + 1
        if char in _CLOSE and at in partner:
            if char == "}" and opens_block(code, partner[at]) and not re.match(r"\s*[,).?(]", code[at + 1:at + 80]):
                return at + 1
            at = partner[at]
    return 0


def expression_end(code, at, partner):
    while at < len(code):
        char = code[at]
        if char in ";}" and not (char == "}" and at in partner and not opens_block(code, partner[at])):
            return at
        if char == "{" and opens_block(code, at):
            if not is_lambda_body(code, at, partner):
                return at
            at = partner.get(at, len(code))
        at += 1
    return at


def is_lambda_body(code, at, partner):
    """Whether the block at `at` follows a lambda's introducer, with or without parameters."""
    before = re.sub(r"(\bmutable|\bnoexcept|->[^;{}()]*)\s*$", "", code[max(0, at - 200):at].rstrip()).rstrip()
    end = at - 200 + len(before) - 1 if at > 200 else len(before) - 1
    if end >= 0 and code[end] == ")" and end in partner:
        end = len(code[:partner[end]].rstrip()) - 1
    return end >= 0 and code[end] == "]"


def owns(captures):
    """Whether a capture list holds something by value; references and `this` need no destructor."""
    return any(not re.fullmatch(r"&|&\s*\w+(\s*=.*)?|this|", part.strip(), re.S) for part in captures.split(","))


def temporaries(code, start, end, partner):
    """(position, what) of each suspicious temporary in code[start:end]; bodies of lambdas are other expressions."""
    at = start
    while at < end:
        char = code[at]
        if char == "[" and at in partner and re.search(r"(^|[(,=?:&|{]|\breturn|\bco_await|\bco_return)\s*$", code[start:at]):
            if code[partner[at] + 1:partner[at] + 2] != "]" and code[at + 1:at + 2] != "[":
                if owns(code[at + 1:partner[at]]):
                    yield at, "a lambda that captures by value"
        if char == "{":
            if opens_block(code, at):
                at = partner.get(at, end)
            elif _SPAN.match(code, len(code[:at].rstrip()) - 1):
                at = partner.get(at, end)
            elif not re.search(r"[\w>\]]\s+[&*]?\w+\s*$", code[start:at]) or re.search(
                    r"\b(return|co_return|co_await|co_yield|throw|case)\s+[\w:<>, ]+$", code[start:at]):
                yield at, "an object made with braces"
        at += 1


def check_file(path, text):
    code = cpp_text.blank(text)
    partner = match_brackets(code)
    found = {}
    for match in re.finditer(r"\bco_await\b", code):
        start = expression_start(code, match.start(), partner)
        end = expression_end(code, match.end(), partner)
        for at, what in temporaries(code, start, end, partner):
            found.setdefault(cpp_text.line_of(code, at), what)
    return [f"{path}:{line}: {what} in an expression with co_await: name it first"
            for line, what in sorted(found.items())]


def main():
    paths = cpp_text.files(["gateway", "filters", "config", "tests", "bench"])
    problems = [problem for path in paths for problem in check_file(path, cpp_text.read(path))]
    cpp_text.finish("coroutines", problems, counted=f" ({len(paths)} files)")


if __name__ == "__main__":
    sys.exit(main())
