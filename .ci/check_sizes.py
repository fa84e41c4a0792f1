#!/usr/bin/env python3
"""Fails on what is too long to read: files over 600 lines, functions over 60 lines or with more than 5 parameters.
Warns at 400 lines a file and at branches nested deeper than 3.

A function is a table or one switch by nature when a comment right above it starts with `// one table` or
`// one switch`; its length is free then. `// callback` above it says that a library dictates its parameters. Python files are measured with Python's own parser.
"""
import ast
import os
import re
import sys

import cpp_text

FILE_FAILS, FILE_WARNS = 600, 400
FUNCTION_FAILS, PARAMETERS_FAIL, NESTING_WARNS = 60, 5, 3
_SCOPE = re.compile(r'^(?:inline\s+)?(?:namespace\b|extern\s*""\s*$)|^(?:class|struct|union|enum)\b')
_BRANCH = re.compile(r"^(?:else\s+)?(?:if|for|while|switch|catch)\b|^(?:else|do|try)\b")
_NOT_PARAMETERS = re.compile(r"\b(?:alignas|decltype|noexcept|explicit|requires|__attribute__)\s*$")
_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}


def closing(text, at):
    """Where the bracket at `at` closes; the end of the text when it does not. `<` counts as text allows."""
    opener, closer, depth = text[at], _PAIRS[text[at]], 0
    for here in range(at, len(text)):
        if text[here] == opener:
            depth += 1
        elif text[here] == closer and not (closer == ">" and text[here - 1] in "-="):
            depth -= 1
            if depth == 0:
                return here
    return len(text) - 1


def without_prefixes(statement):
    """The statement after attributes, access labels and template headers."""
    while True:
        stripped = re.sub(r"^\s*(?:public|private|protected)\s*:(?!:)", "", statement).lstrip()
        if stripped.startswith("[["):
            stripped = stripped[closing(stripped, 0) + 1:]
        elif re.match(r"template\s*<", stripped):
            stripped = stripped[closing(stripped, stripped.index("<")) + 1:]
            stripped = re.sub(r"^\s*requires\b[^()]*(?:\([^()]*\))?\s(?=\w)", "", stripped)
        if stripped == statement:
            return stripped
        statement = stripped


def groups(statement):
    """(start, end) of the parentheses at the top level of the statement."""
    found, at = [], 0
    while at < len(statement):
        if statement[at] in "([{":
            end = closing(statement, at)
            if statement[at] == "(":
                found.append((at, end))
            at = end
        at += 1
    return found


def parameters(statement):
    """The parameter list of a function's head: its number of parameters, and where the list ends."""
    found = groups(statement)
    for index, (start, end) in enumerate(found):
        before = statement[:start].rstrip()
        if _NOT_PARAMETERS.search(before):
            continue
        if before.endswith("operator") and index + 1 < len(found):
            continue  # operator() itself; its parameters follow
        return count(statement[start + 1:end]), end
    return 0, len(statement)


def count(inside):
    if inside.strip() in ("", "void"):
        return 0
    depth, commas = 0, 0
    for at, char in enumerate(inside):
        if char in "([{<":
            depth += 1
        elif char in ")]}" or (char == ">" and inside[at - 1] != "-"):
            depth -= 1
        elif char == "," and depth == 0:
            commas += 1
    return commas + 1


def kind_of(statement):
    """What a `{` after this statement opens at namespace or class level: scope, function or value."""
    head = without_prefixes(statement)
    plain = re.sub(r"\boperator\s*(?:\(\)|[^\s\w(]+)", "operator", head)
    if _SCOPE.match(plain):
        return "value" if plain.startswith("enum") else "scope"
    flat = plain
    for start, end in reversed(groups(plain)):
        flat = flat[:start] + "()" + flat[end + 1:]
    if re.search(r"(?<![=!<>])=(?!=)", flat):
        return "function" if re.search(r"\[[^\]]*\]\s*(?:\(\)|mutable|noexcept|->[^=]*|\s)*$", flat) else "value"
    if "()" not in flat:
        return "value"
    in_initialisers = re.search(r"\(\)\s*(?:noexcept\s*(?:\(\))?\s*)?:(?!:)", flat)
    return "value" if in_initialisers and re.search(r"[\w>]\s*$", flat) else "function"


def functions(code):
    """(start, open, close, statement) of every outermost function body."""
    start, at, found = 0, 0, []
    while at < len(code):
        char = code[at]
        if char in "([":
            at = closing(code, at)
        elif char in ";}":
            start = at + 1
        elif char == "{":
            kind, end = kind_of(code[start:at]), closing(code, at)
            if kind == "scope":
                start = at + 1
            else:
                if kind == "function":
                    found.append((start, at, end, code[start:at]))
                    start = end + 1
                at = end
        at += 1
    return found


def nesting(body):
    """Deepest count of branches inside branches."""
    stack, deepest, start = [], 0, 0
    for at, char in enumerate(body):
        if char == "{":
            branch = bool(_BRANCH.match(body[start:at].strip()))
            stack.append(branch)
            deepest = max(deepest, sum(stack))
            start = at + 1
        elif char == "}":
            if stack:
                stack.pop()
            start = at + 1
        elif char == ";" and body.count("(", start, at) == body.count(")", start, at):
            start = at + 1
    return deepest


def excused(text, line, excuse):
    """Whether a line of the comment right above this line (1-based) starts with the excuse."""
    lines = text.split("\n")
    at = line - 2
    while at >= 0 and lines[at].lstrip().startswith("//"):
        if re.match(rf"\s*//+\s*(?:{excuse})\b", lines[at], re.I):
            return True
        at -= 1
    return False


def name_of(statement):
    head = re.sub(r"\s+", " ", without_prefixes(statement)).strip()
    match = re.search(r"([\w:~]+(?: ?operator ?\S+?)?) ?\(", head)
    return (head if head.startswith("TEST") else match.group(1) if match else head)[:70]


def check_cpp(path, text):
    problems, warnings = [], []
    code = cpp_text.blank(text)
    for start, opened, closed, statement in functions(code):
        skipped = re.match(r"\s*(?:(?:public|private|protected)\s*:(?!:)\s*)*", statement).end()
        first = cpp_text.line_of(code, start + skipped)
        length = cpp_text.line_of(code, closed) - first + 1
        where = f"{path}:{first}: {name_of(statement)}"
        if length > FUNCTION_FAILS and not excused(text, first, "one table|one switch"):
            problems.append(f"{where} has {length} lines, {FUNCTION_FAILS} are the most")
        number = parameters(re.sub(r"\boperator\s*[^\s\w(]+", "operator_", without_prefixes(statement)))[0]
        if number > PARAMETERS_FAIL and not excused(text, first, "callback"):
            problems.append(f"{where} takes {number} parameters, {PARAMETERS_FAIL} are the most; make a struct of them")
        deep = nesting(code[opened + 1:closed])
        if deep > NESTING_WARNS:
            warnings.append(f"{where} nests {deep} branches, {NESTING_WARNS} are enough")
    return problems, warnings


def check_python(path, text):
    problems = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        length, number = node.end_lineno - node.lineno + 1, len(node.args.args) + len(node.args.kwonlyargs)
        if length > FUNCTION_FAILS and not re.match(r"\s*# one table", text.split("\n")[node.lineno - 2]):
            problems.append(f"{path}:{node.lineno}: {node.name} has {length} lines, {FUNCTION_FAILS} are the most")
        if number > PARAMETERS_FAIL + 1:  # self, or one keyword
            problems.append(f"{path}:{node.lineno}: {node.name} takes {number} parameters")
    return problems, []


def check_file(path, text):
    """(problems, warnings) of one file."""
    lines = text.count("\n") + (not text.endswith("\n"))
    problems, warnings = [], []
    if lines > FILE_FAILS:
        problems.append(f"{path}: {lines} lines, {FILE_FAILS} are the most; is it one thing?")
    elif lines > FILE_WARNS:
        warnings.append(f"{path}: {lines} lines; is it one thing?")
    python = path.endswith(".py") or (text.startswith("#!") and "python" in text.split("\n", 1)[0])
    if python or path.endswith(cpp_text.CODE):
        more = (check_python if python else check_cpp)(path, text)
        problems += more[0]
        warnings += more[1]
    return problems, warnings


def main():
    paths = cpp_text.files(["gateway", "filters", "config", "tests", "bench", ".ci"], cpp_text.CODE + (".py", ".js", ".sh"))
    scripts = ("tests/run", "bench/compare", "bench/load", ".ci/install", ".ci/run")
    paths += [path for path in scripts if os.path.exists(os.path.join(cpp_text.ROOT, path))]
    problems, warnings = [], []
    for path in paths:
        found = check_file(path, cpp_text.read(path))
        problems += found[0]
        warnings += found[1]
    cpp_text.finish("sizes", problems, warnings, f" ({len(paths)} files)")


if __name__ == "__main__":
    sys.exit(main())
