#!/usr/bin/env python3
"""Fails on an include that the layers do not allow, on a library or call outside the one folder it belongs to, and on
a library whose package .ci/install does not install.

The tables below are the rule; docs/contributing.md explains them. A new folder needs a line here first.
"""
import re
import sys

import cpp_text

# Folders of gateway/, lowest first. A folder may include itself and every row above its own, never its own row.
ROWS = [
    ["http", "region", "observe"],  # free of I/O
    ["runtime"],
    ["net"],
    ["tls"],
    ["exchange"],
    ["http1", "http2", "control_http"],
    ["upstream", "cache", "quota", "fleet"],
    ["cdn"],  # free of I/O
    ["proxy"],
    ["admin"],
    ["cli"],
    ["main"],
]
RANK = {folder: rank for rank, row in enumerate(ROWS) for folder in row}

# A third-party header and the only folders whose files may include it.
ONE_HOME = [
    (r"openssl/", ["gateway/tls/"]),
    (r"nghttp2/", ["gateway/http2/"]),
    (r"hiredis/", ["gateway/fleet/"]),
    (r"maxminddb\.h", ["filters/src/match/"]),
    (r"ares(_.*)?\.h", ["gateway/net/"]),
    (r"yaml-cpp/", ["config/src/", "gateway/cli/waf_ftw_read.cpp"]),  # the second reads tests, not configurations
    (r"CLI/", ["gateway/cli/verb.cpp"]),
]

# Third-party headers and the Debian package that has them; .ci/install must name it, or a bare machine cannot build.
PACKAGES = [
    (r"boost/json(/|\.hpp)", "libboost-json1.81-dev"),
    (r"boost/", "libboost1.81-dev"),
    (r"openssl/", "libssl-dev"),
    (r"fmt/", "libfmt-dev"),
    (r"yaml-cpp/", "libyaml-cpp-dev"),
    (r"CLI/", "libcli11-dev"),
    (r"ares(_.*)?\.h", "libc-ares-dev"),
    (r"hs(/|\.h)", "libvectorscan-dev"),
    (r"pcre2\.h", "libpcre2-dev"),
    (r"expat\.h", "libexpat1-dev"),
    (r"jemalloc/", "libjemalloc-dev"),
    (r"maxminddb\.h", "libmaxminddb-dev"),
    (r"nghttp2/", "libnghttp2-dev"),
    (r"hiredis/", "libhiredis-dev"),
    (r"zlib\.h", "zlib1g-dev"),
    (r"brotli/", "libbrotli-dev"),
    (r"zstd\.h", "libzstd-dev"),
    (r"xxhash\.h", "libxxhash-dev"),
    (r"gtest/", "libgtest-dev"),
    (r"gmock/", "libgmock-dev"),
    (r"benchmark/", "libbenchmark-dev"),
]
_SYSTEM = re.compile(r"(sys|netinet|arpa|linux|net|sanitizer|valgrind)/|[a-z0-9_]+(\.h)?$")

SOCKETS = r"sys/(socket|epoll|un|select)\.h|poll\.h|netdb\.h"
ASIO = r"boost/(asio|beast)(/.*|\.hpp)"
# Where a header may never appear: the folder, the headers, what the folder promises.
NEVER = [
    (r"filters/", rf"{ASIO}|{SOCKETS}|thread|mutex|shared_mutex|condition_variable|future",
     "filters/ knows no sockets and no threads"),
    (r"config/", rf"{ASIO}|{SOCKETS}|thread", "config/ reads text and nothing else"),
    (r"gateway/(http|region|cdn)/", rf"{ASIO}|{SOCKETS}|unistd\.h|fcntl\.h|thread", "this folder is free of I/O"),
    (r"gateway/observe/", ASIO, "gateway/observe/ is below Asio"),
]
# Words in the code: where they are looked for, where they may stand, the words, what to do instead.
WORDS = [
    (r"gateway/", r"gateway/(runtime/|observe/log_writer\.)", r"\b(?:asio|net)::detached\b",
     "start work with worker.spawn(name, task)"),
    (r"gateway/|filters/|config/", r"gateway/(runtime/|observe/log_writer\.)",
     r"\bstd::j?thread\b(?!::)|\bpthread_create\b|\bstd::async\b", "threads are started by gateway/runtime/"),
    (r"filters/|config/|gateway/(http|region)/", r"$^", r"_clock::now\s*\(|\bclock_gettime\b|\bgettimeofday\b",
     "time is handed in, so that it can be replayed"),
]
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">\n]+)[">]', re.M)
_OURS = re.compile(r"(gateway|filters|config|tests|bench)/")


def gateway_folder(path):
    rest = path.split("/")[1:]
    return "main" if rest == ["main.cpp"] else rest[0]


def target_of(include):
    """The repository path an include means, or None for a foreign or folder-private header."""
    public = re.match(r"gatehouse/(filters|config)/", include)
    if public:
        return f"{public.group(1)}/include/{include}"
    if include == "gatehouse_filters.h":
        return "filters/include/gatehouse_filters.h"
    return include if _OURS.match(include) else None


def forbidden_edge(path, target):
    """Why `path` may not include `target`; None when it may."""
    here, there = path.split("/")[0], target.split("/")[0]
    if there in ("tests", "bench"):
        return f"{there}/ is not part of the product"
    if here != "gateway":
        allowed = {"filters": ["filters"], "config": ["config", "filters"]}[here]
        if there not in allowed:
            return f"{here}/ may include only {' and '.join(allowed)}"
    if here != there and there in ("filters", "config") and "/include/" not in target:
        return f"of {there}/ only the public headers (gatehouse/{there}/...) are for others"
    if here == "gateway" and there == "gateway":
        a, b = gateway_folder(path), gateway_folder(target)
        if b not in RANK:
            return f"gateway/{b} has no place in the layers"
        if a != b and RANK[b] >= RANK[a]:
            return f"gateway/{a} is {'beside' if RANK[a] == RANK[b] else 'below'} gateway/{b}"
    return None


def include_problem(path, include):
    for header, homes in ONE_HOME:
        if re.match(header, include) and not path.startswith(tuple(homes)):
            return f"<{include}> belongs in {' or '.join(homes)} alone"
    for folder, headers, why in NEVER:
        if re.match(folder, path) and re.fullmatch(headers, include):
            return f"<{include}>: {why}"
    target = target_of(include)
    why = forbidden_edge(path, target) if target else None
    return f'"{include}": {why}' if why else None


def package_problem(include, installs):
    """What is wrong with the package behind a <header>; None when .ci/install names it or the system has the header."""
    package = next((package for header, package in PACKAGES if re.match(header, include)), None)
    if package:
        return None if package in installs else f"<{include}> is in {package}, which .ci/install does not name"
    return None if _SYSTEM.match(include) else f"<{include}>: name its package in .ci/check_layers.py and .ci/install"


def check_packages(path, text, installs):
    problems = []
    for match in _INCLUDE.finditer(cpp_text.blank(text, keep_preprocessor=True)):
        problem = package_problem(match.group(2), installs) if match.group(1) == "<" else None
        if problem:
            problems.append(f"{path}:{cpp_text.line_of(text, match.start())}: {problem}")
    return problems


def check_file(path, text):
    """Problems of one product file, as lines of text."""
    problems = []
    if path.startswith("gateway/") and gateway_folder(path) not in RANK:
        return [f"{path}: gateway/{gateway_folder(path)} has no place in the layers; give it one in .ci/check_layers.py"]
    code = cpp_text.blank(text)
    visible = cpp_text.blank(text, keep_preprocessor=True)
    for match in _INCLUDE.finditer(text):
        hash_at = text.index("#", match.start())
        if visible[hash_at] != "#":
            continue  # inside a comment
        problem = include_problem(path, match.group(2))
        if problem:
            problems.append(f"{path}:{cpp_text.line_of(text, hash_at)}: {problem}")
    for where, allowed, words, instead in WORDS:
        if not re.match(where, path) or re.match(allowed, path):
            continue
        for match in re.finditer(words, code):
            problems.append(f"{path}:{cpp_text.line_of(code, match.start())}: {match.group(0).strip()}: {instead}")
    return problems


def main():
    paths = cpp_text.files(["gateway", "filters/src", "filters/include", "config/src", "config/include"])
    problems = [problem for path in paths for problem in check_file(path, cpp_text.read(path))]
    installs = set(re.findall(r"[\w.+-]+", re.sub(r"#.*", "", cpp_text.read(".ci/install"))))
    everything = paths + cpp_text.files(["tests", "bench"])
    problems += [problem for path in everything for problem in check_packages(path, cpp_text.read(path), installs)]
    cpp_text.finish("layers", problems, counted=f" ({len(everything)} files)")


if __name__ == "__main__":
    sys.exit(main())
