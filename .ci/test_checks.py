#!/usr/bin/env python3
"""Proves that every check can fail, and that it leaves good code alone: small samples of both. Run by make check."""
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import check_coroutines  # noqa: E402
import check_docs  # noqa: E402
import check_layers  # noqa: E402
import check_sizes  # noqa: E402
import cpp_text  # noqa: E402

sys.path.insert(0, os.path.join(cpp_text.ROOT, "bench"))
from harness import report  # noqa: E402


class Layers(unittest.TestCase):
    def fails(self, path, text, word):
        problems = check_layers.check_file(path, text)
        self.assertTrue(any(word in problem for problem in problems), f"{path}: {text!r} gave {problems}")

    def passes(self, path, text):
        self.assertEqual(check_layers.check_file(path, text), [])

    def test_lower_layers_know_no_higher_ones(self):
        self.fails("gateway/net/a.cpp", '#include "gateway/proxy/serve.hpp"\n', "below")
        self.fails("gateway/http1/a.cpp", '#include "gateway/http2/session.hpp"\n', "beside")
        self.fails("gateway/http/a.hpp", '#include "gateway/runtime/port.hpp"\n', "below")
        self.passes("gateway/proxy/a.cpp", '#include "gateway/net/stream.hpp"\n#include "gateway/proxy/b.hpp"\n')
        self.passes("gateway/main.cpp", '#include "gateway/cli/verbs.hpp"\n')

    def test_libraries_know_only_what_is_below_them(self):
        self.fails("filters/src/core/a.cpp", '#include "gatehouse/config/model.hpp"\n', "filters/")
        self.fails("config/src/a.cpp", '#include "gateway/http/field.hpp"\n', "config/")
        self.fails("gateway/proxy/a.cpp", '#include "filters/src/core/arena.hpp"\n', "public headers")
        self.fails("gateway/proxy/a.cpp", '#include "tests/support/client.hpp"\n', "product")
        self.passes("config/src/a.cpp", '#include "gatehouse/filters/result.hpp"\n')
        self.passes("filters/src/core/a.cpp", '#include "text/url.hpp"\n#include <vector>\n')

    def test_a_folder_needs_a_place_in_the_layers(self):
        self.fails("gateway/misc/a.cpp", "", "no place")
        self.fails("gateway/admin/a.cpp", '#include "gateway/misc/a.hpp"\n', "no place")

    def test_libraries_of_others_have_one_home(self):
        for header in ("openssl/ssl.h", "nghttp2/nghttp2.h", "hiredis/async.h", "maxminddb.h"):
            self.fails("gateway/proxy/a.cpp", f"  #  include <{header}>\n", "alone")
        self.passes("gateway/tls/a.cpp", "#include <openssl/ssl.h>\n")

    def test_every_library_has_its_package(self):
        text = "#include <fmt/format.h>\n#include <vector>\n#include <sys/epoll.h>\n#include <unistd.h>\n// <zstd.h>\n"
        self.assertEqual(check_layers.check_packages("a.cpp", text, {"libfmt-dev"}), [])
        self.assertEqual(len(check_layers.check_packages("a.cpp", text, set())), 1)
        self.assertEqual(len(check_layers.check_packages("a.cpp", "#include <unheard/of.hpp>\n", {"libfmt-dev"})), 1)

    def test_pure_folders_do_no_io(self):
        for path in ("gateway/http/a.cpp", "gateway/region/a.cpp", "gateway/observe/a.cpp", "filters/src/core/a.cpp"):
            self.fails(path, "#include <boost/asio/io_context.hpp>\n", "boost/asio")
            self.fails(path, "#include <boost/asio.hpp>\n", "boost/asio")
        for path in ("gateway/http/a.cpp", "gateway/region/a.cpp", "filters/src/core/a.cpp"):
            self.fails(path, "#include <sys/socket.h>\n", "sys/socket.h")
        self.fails("filters/src/core/a.cpp", "#include <thread>\n", "thread")
        self.fails("filters/src/core/a.cpp", "auto t = std::chrono::steady_clock::now();\n", "handed in")
        self.passes("gateway/runtime/a.cpp", "#include <boost/asio/io_context.hpp>\n#include <thread>\n")

    def test_threads_and_detached_work_start_in_the_runtime(self):
        self.fails("gateway/proxy/a.cpp", "asio::co_spawn(io, f(), asio::detached);\n", "worker.spawn")
        self.fails("gateway/admin/a.cpp", "std::thread t(f);\n", "threads")
        self.passes("gateway/cli/a.cpp", "int n = std::thread::hardware_concurrency();\n")
        self.passes("gateway/runtime/a.cpp", "std::thread t(f);\n")
        self.passes("gateway/observe/log_writer.cpp", "std::thread t(f);\n")
        self.passes("gateway/proxy/a.cpp", '// std::thread\nconst char* s = "asio::detached";\n/* #include <ares.h> */\n')


class Sizes(unittest.TestCase):
    def found(self, text, path="gateway/a.cpp"):
        problems, warnings = check_sizes.check_file(path, text)
        return "\n".join(problems), "\n".join(warnings)

    def test_long_files(self):
        self.assertIn("601 lines", self.found("int a;\n" * 601)[0])
        self.assertEqual(self.found("int a;\n" * 600)[0], "")
        self.assertIn("401 lines", self.found("int a;\n" * 401)[1])

    def test_long_functions(self):
        def body(n):
            return "\n".join(["  work();"] * n)
        for head in ("int f(int a)", "TEST(Suite, is_a_sentence)", "Task<Try<Head>> A::f(const B& b) const noexcept",
                     "template <class T>\nauto f(T&& t) -> std::vector<int>", "A::A(int a) : a_{a}, b_(a)",
                     "bool operator()(int a) const", "bool operator==(const A& a) const", "[[nodiscard]] static int f()"):
            for scope in ("%s", "namespace a::b {\n%s\n}", "class A final : public B<int> {\n public:\n%s\n};"):
                self.assertIn("has", self.found(scope % f"{head} {{\n{body(59 + head.count(chr(10)))}\n}}")[0], head)
                lines = 58 - head.count("\n")
                self.assertEqual(self.found(scope % f"{head} {{\n{body(lines)}\n}}")[0], "", head)

    def test_braces_in_text_do_not_count(self):
        text = 'int f() {\n  g("{{{", \'{\', R"x({ " )x", 1\'000); // {\n}\n' + "int x;\n" * 80
        self.assertEqual(self.found(text), ("", ""))

    def test_a_table_or_switch_may_be_long_when_it_says_so(self):
        text = "int f() {\n" + "  work();\n" * 70 + "}\n"
        self.assertNotEqual(self.found(text)[0], "")
        self.assertEqual(self.found("// one table: name by code\n" + text)[0], "")
        self.assertEqual(self.found("// One switch.\n" + text)[0], "")
        self.assertEqual(self.found("const int table[] = {\n" + "  1,\n" * 90 + "};\n")[0], "")

    def test_parameters(self):
        six = "int f(int a, int b, int c, int d, int e, int f) { return 1; }"
        self.assertIn("6 parameters", self.found(six)[0])
        self.assertEqual(self.found("// callback of OpenSSL\n" + six)[0], "")
        five = "int f(std::map<int, int> a, int b = g(1, 2), int c, int d, std::function<void(int, int)> e) { return 1; }"
        self.assertEqual(self.found(five)[0], "")

    def test_nesting(self):
        deep = "int f() { if (a) { for (;;) { while (b) { if (c) { return 1; } } } } }"
        self.assertIn("nests 4", self.found(deep)[1])
        self.assertEqual(self.found("int f() { if (a) { for (;;) { while (b) { A x{1}; } } } }")[1], "")

    def test_python(self):
        self.assertIn("has 62", self.found("def f():\n" + "    pass\n" * 61, "tests/run.py")[0])


class Coroutines(unittest.TestCase):
    def fails(self, statement):
        text = "Task<void> f() {\n  before();\n  %s\n  after(A{1});\n}\n" % statement
        self.assertEqual(len(check_coroutines.check_file("a.cpp", text)), 1, statement)

    def passes(self, statement):
        text = "Task<void> f() {\n  if (a) {\n    b(A{1});\n  }\n  %s\n  after(A{1}, [x] { return 2; });\n}\n" % statement
        self.assertEqual(check_coroutines.check_file("a.cpp", text), [], statement)

    def test_objects_made_with_braces(self):
        self.fails("co_await dial({.host = name, .tls = true});")
        self.fails("co_await dial(DialOptions{.host = name});")
        self.fails("const auto x = co_await dial(name, {});")
        self.fails("co_await dial({name, true});")
        self.fails("co_await dial({&name, {}});")
        self.fails("auto x = Agg{.n = co_await f()};")
        self.fails("co_return make(Agg{1}, co_await f());")
        self.fails("if (auto x = co_await g(Agg{1}); x) {\n    b();\n  }")
        self.fails("co_await spawn([&]() -> Task<void> { co_await g(Agg{1}); });")

    def test_lambdas_that_capture_by_value(self):
        self.fails("co_await spawn_all([list] { work(list); });")
        self.fails("co_await spawn_all([this, list = std::move(list)](int a) mutable { work(list); });")

    def test_what_is_named_or_holds_nothing(self):
        self.passes("DialOptions options{.host = name, .tls = true};\n  co_await dial(options);")
        self.passes("co_await dial(Class(2), std::move(x), 3);")
        self.passes("co_await spawn([this, &a](int b) { work(A{b}); });")
        self.passes("const Try<int> n{co_await f()};")
        self.passes("co_await wire_->write({iov.data(), count}, limit);")
        self.passes("const auto n = co_await read({in_.data() + end_, in_.size() - end_}, limit);")
        self.passes("co_await session_->write({&piece, 1}, limit);")
        self.passes("while ((n = co_await f()) < 0) {\n    g(A{1});\n  }")
        self.passes("// co_await dial({1})\n  g({1});")


class Docs(unittest.TestCase):
    def tree(self, files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in files.items():
            path = os.path.join(folder.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return check_docs.check_tree(folder.name)

    def fails(self, files, word):
        problems = self.tree(files)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(word, problems[0])

    def test_paths_and_links(self):
        self.fails({"README.md": "See `gateway/gone.cpp`.\n"}, "gateway/gone.cpp does not exist")
        self.fails({"docs/a.md": "```\nbench/gone --rows a\n```\n"}, "bench/gone")
        self.fails({"docs/a.md": "See [b](b.md).\n"}, "b.md")
        self.fails({"docs/a.md": "See [b](b.md#two).\n", "docs/b.md": "# One\n"}, "#two")
        good = {"README.md": "`gateway/*.cpp`, [x](docs/b.md#the-one), [y](https://a.example/), `build/x`, `docs/NNNN-a.md`\n",
                "gateway/a.cpp": "", "docs/b.md": "# The one\n"}
        self.assertEqual(self.tree(good), [])

    def test_decision_pages(self):
        listed = "- [one](0001-one.md)\n- [two](0002-two.md)\n"
        self.fails({"docs/decisions/README.md": "", "docs/decisions/0001-one.md": ""}, "does not list")
        self.fails({"docs/decisions/README.md": listed.replace("0002", "0003"), "docs/decisions/0001-one.md": "",
                    "docs/decisions/0003-two.md": ""}, "no gaps")
        self.assertEqual(self.tree({"docs/decisions/README.md": listed, "docs/decisions/0001-one.md": "",
                                    "docs/decisions/0002-two.md": ""}), [])


class BenchRatios(unittest.TestCase):
    def side(self, name, times, errors=None, churn=False):
        result = report.Result("plain-1k-64", name)
        result.rounds = [{"cpu_us": time, "rps": 1, "p50_us": 1, "p99_us": 1, "errors": errors or {}, "churn": churn,
                          "new_origin_connections": 9000 if churn else 64, "elsewhere": 0.0} for time in times]
        return result

    def test_each_round_is_compared_with_its_neighbour(self):
        value, why = report.ratio(self.side("a", [8.0, 12.0, 24.0]), self.side("b", [16.0, 24.0, 50.0]))
        self.assertEqual((value, why), ((0.5, 0.48, 0.5), None))

    def test_the_interval_leaves_out_what_chance_explains(self):
        self.assertEqual(report.interval([3, 1, 2]), (1, 3))
        self.assertEqual(report.interval(range(1, 10)), (2, 8))
        self.assertEqual(report.interval(range(1, 16)), (4, 12))

    def test_a_ratio_is_refused_whichever_side_is_doubtful(self):
        good = self.side("good", [8.0, 8.1, 8.2])
        unmeasured, broken = report.Result("r", "none"), report.Result("r", "broken")
        broken.trouble = "did not start"
        for bad, word in ((self.side("bad", [8.0, 8.1, 10.4]), "differ"), (self.side("bad", [8.0] * 3, {"status": 1}), "errors"),
                          (self.side("bad", [8.0] * 3, churn=True), "not kept"), (unmeasured, "not measured"),
                          (broken, "did not start")):
            for pair in ((good, bad), (bad, good)):
                value, why = report.ratio(*pair)
                self.assertIsNone(value)
                self.assertIn(word, why)
        self.assertEqual(report.as_json(self.side("bad", [8.0, 10.0]), [good])["ratio"], {})


class Text(unittest.TestCase):
    def test_blanking_keeps_every_position(self):
        text = 'a("x\\"y", \'"\', R"(q"))"); // c\n#define B \\\n  {\nint c = 1\'000; /* {\n */ d'
        blanked = cpp_text.blank(text)
        self.assertEqual(len(blanked), len(text))
        self.assertEqual(blanked.count("\n"), text.count("\n"))
        self.assertNotIn("{", blanked)
        self.assertTrue(blanked.endswith(" d"))


if __name__ == "__main__":
    result = unittest.TextTestRunner(verbosity=0, stream=open(os.devnull, "w", encoding="utf-8")).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]))
    for case, trace in result.failures + result.errors:
        print(f"checks: {case}\n{trace}", file=sys.stderr)
    cpp_text.finish("checks", [str(case) for case, _ in result.failures + result.errors],
                    counted=f" ({result.testsRun} tests of the checks)")
