#!/usr/bin/env -S /usr/bin/python3
"""gatehouse-filters as others use it: installed into a fresh folder, found by find_package, called from C and C++."""
import os
import shutil
import subprocess
import sys

from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import folder, program, source

limit(85)
build = os.path.dirname(os.path.abspath(program()))
if not os.path.exists(os.path.join(build, "cmake_install.cmake")) or shutil.which("cmake") is None:
    print("there is no build folder to install from")
    sys.exit(77)

where = folder()
prefix = os.path.join(where, "prefix")
cache = {line.split(":", 1)[0]: line.split("=", 1)[1].strip() for line in open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8")
         if "=" in line and not line.startswith(("#", "//"))}
if cache.get("GATEHOUSE_SANITIZE"):
    print("a sanitizer's library cannot be linked into a program without it")
    sys.exit(77)


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


def made(example):
    """Builds an example in a folder of its own; the program."""
    copy = os.path.join(where, example)
    shutil.copytree(os.path.join(source(), "docs", "examples", example), copy)
    compilers = [f"-DCMAKE_{language}_COMPILER={cache[f'CMAKE_{language}_COMPILER']}" for language in ("C", "CXX")]
    said = run("cmake", "-S", copy, "-B", copy + "/build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", *compilers)
    expect_equal(said.returncode, 0, said.stdout + said.stderr)
    said = run("cmake", "--build", copy + "/build")
    expect_equal(said.returncode, 0, said.stdout + said.stderr)
    return copy + "/build/inspect"


RULES = os.path.join(where, "rules.conf")
with open(RULES, "w", encoding="utf-8") as file:
    file.write('SecRule ARGS "@rx attack" "id:1,phase:2,deny,status:403,log,msg:\'An attack\'"\n')


@check("it installs with headers, library, package and rules")
def _():
    said = run("cmake", "--install", build, "--prefix", prefix, "--component", "filters")
    expect_equal(said.returncode, 0, said.stdout + said.stderr)
    for name in ("include/gatehouse_filters.h", "include/gatehouse/filters/inspection.hpp", "share/gatehouse/rules/base.conf"):
        expect(os.path.exists(os.path.join(prefix, name)), f"{name} is missing")


for example in ("embed-c", "embed-cpp"):
    @check(f"{example} builds from a fresh folder and judges")
    def _(example=example):
        inspect = made(example)
        said = run(inspect, RULES, "/?q=an+attack")
        expect_equal((said.returncode, said.stdout), (1, "rule 1 on ARGS:q: An attack\nblocked with 403 by rule 1\n"), "an attack")
        said = run(inspect, RULES, "/form", "q=attack")
        expect_equal((said.returncode, said.stdout.splitlines()[-1]), (1, "blocked with 403 by rule 1"), "an attack in a form")
        said = run(inspect, RULES, "/?q=nothing")
        expect_equal((said.returncode, said.stdout), (0, "passed\n"), "nothing")
        expect_equal(run(inspect, "/nowhere.conf", "/").returncode, 2, "no rules")


@check("the C API holds to its header, in C11 with every warning an error")
def _():
    copy = os.path.join(where, "c_api")
    os.makedirs(copy)
    shutil.copy(os.path.join(source(), "tests", "embed", "c_api.c"), copy)
    with open(os.path.join(source(), "docs", "examples", "embed-c", "CMakeLists.txt"), encoding="utf-8") as file:
        text = file.read()
    with open(os.path.join(copy, "CMakeLists.txt"), "w", encoding="utf-8") as file:
        file.write(text.replace("inspect.c", "c_api.c"))
    compilers = [f"-DCMAKE_{language}_COMPILER={cache[f'CMAKE_{language}_COMPILER']}" for language in ("C", "CXX")]
    said = run("cmake", "-S", copy, "-B", copy + "/build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", *compilers)
    expect_equal(said.returncode, 0, said.stdout + said.stderr)
    said = run("cmake", "--build", copy + "/build")
    expect_equal(said.returncode, 0, said.stdout + said.stderr)
    said = run(copy + "/build/inspect")
    expect_equal(said.returncode, 0, said.stdout + said.stderr)
    expect(said.stdout.count("ok ") >= 20, said.stdout)


finish()
