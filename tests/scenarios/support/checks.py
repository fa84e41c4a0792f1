"""Named checks with a line each, and waiting with a deadline instead of sleeping."""
import faulthandler
import sys
import time
import traceback

from .gateway import SLOWER, crashes

_failed = []


def limit(seconds):
    """Bounds the whole script: when it hangs it ends with the stacks of its threads, not with the runner's patience."""
    faulthandler.dump_traceback_later(seconds * SLOWER, exit=True)


def until(condition, what, seconds=10.0, pause=0.02):
    """Polls until the condition is true and returns its value; an AssertionError that names it when it stays false."""
    end = time.monotonic() + seconds * SLOWER
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(pause)


def expect(condition, why):
    if not condition:
        raise AssertionError(why)


def expect_equal(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, expected {wanted!r}")


def expect_near(got, wanted, tolerance, what):
    if abs(got - wanted) > tolerance:
        raise AssertionError(f"{what}: {got!r}, expected {wanted!r} within {tolerance!r}")


def check(name):
    """Runs the decorated function at once as one check. Its failure is noted, and the script goes on."""
    def run(function):
        try:
            function()
            print(f"ok {name}", flush=True)
        except AssertionError as failure:
            _failed.append(name)
            print(f"FAILED {name}: {failure}", flush=True)
        except Exception as problem:  # a reset connection, a process that is gone: the check has failed by it
            _failed.append(name)
            place = traceback.extract_tb(problem.__traceback__)[-1]
            print(f"FAILED {name}: {type(problem).__name__}: {problem} ({place.filename}:{place.lineno})", flush=True)
        return function
    return run


def finish():
    """Ends the script with the exit code that its checks earned."""
    for crash in crashes():
        _failed.append(crash)
        print(f"FAILED every gateway ends well: {crash}")
    faulthandler.cancel_dump_traceback_later()
    sys.stdout.flush()
    sys.exit(1 if _failed else 0)
