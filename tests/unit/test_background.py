"""Work in a thread of its own."""

import subprocess
import sys
import textwrap


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_modules_are_loaded_meanwhile():
    run("""
        import sys, time
        from importlib import import_module
        from mira_cli.background import in_background
        in_background(lambda: import_module("difflib"))
        end = time.monotonic() + 60
        while not hasattr(sys.modules.get("difflib"), "get_close_matches") and time.monotonic() < end:
            time.sleep(0.01)
        assert sys.modules["difflib"].get_close_matches
    """)


def test_what_the_work_raises_is_no_end_of_the_program():
    out = run("""
        import threading
        threading.excepthook = lambda failure: print(failure.exc_type.__name__)
        from mira_cli.background import in_background
        thread = in_background(lambda: 1 / 0)
        thread.join()
        print(thread.daemon)
    """)
    assert out == "ZeroDivisionError\nTrue\n"
