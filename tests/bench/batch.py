"""What a batch costs: CPU a row and peak memory, against the simulator in a process of its own.

    python tests/bench/batch.py [ROWS]

Three runs: to standard output, into a file, and the same command again, for which every row is there already.
Then a finished file of 200,000 rows is run again with --limit 3, which asks nothing: its time is all reading.
The ratio of peak memory between 1/10 of the rows and all of them says whether memory is flat.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MIRA = str(Path(sys.executable).with_name("mira"))


def run(words, env):
    """Run a command to its end: wall seconds, CPU seconds, peak memory in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)}: code {process.returncode}")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def write_rows(path, count):
    lines = (json.dumps({"question": f"Translate into French: word {number}"}) for number in range(count))
    path.write_text("".join(f"{line}\n" for line in lines))
    return str(path)


def measure(directory, env, count):
    """Print a line for each run over `count` rows; the peak memory of the one into a file."""
    questions, answers = write_rows(directory / f"{count}.jsonl", count), str(directory / f"{count}.out")
    words = [MIRA, "batch", questions, "--per-minute", "0", "--jobs", "3"]
    peak = 0.0
    for name, more in (("standard output", []), ("-o FILE", ["-o", answers]), ("again", ["-o", answers])):
        wall, cpu, memory = run([*words, *more], env)
        peak = max(peak, memory)
        print(f"{count:>7,}  {name:<16} {wall:>7.2f} s {cpu / count * 1000:>8.3f} ms {memory:>8.1f} MB")
    return peak


def write_answers(path, questions):
    """Write the answers to a file of questions, as a finished run leaves them."""
    from mira_cli.conversation.message import Options
    from mira_cli.session.batch.rows import Defaults, read_rows
    from mira_cli.terminal.result import as_line
    from mira_cli.terminal.streams import Streams

    usage = {"prompt_tokens": 12, "completion_tokens": 60, "total_tokens": 72, "estimated": False}
    rest = {
        "model": "mira",
        "finish_reason": "stop",
        "usage": usage,
        "truncated": False,
        "trimmed": 0,
        "elapsed": 1.2,
    }
    with open(questions, "rb") as source, open(path, "w") as answers:
        rows = read_rows(source, Defaults("", Options("mira")), Streams.open(os.environ))
        answers.writelines(
            as_line({"id": row.id, "key": row.key, "text": "An answer of some words. " * 10, **rest})
            for row in rows
        )
    return str(path)


def measure_rerun(directory, env, count):
    """Print a line for a finished file that is run again."""
    questions = write_rows(directory / "finished.jsonl", count)
    answers = write_answers(directory / "finished.out", questions)
    wall, cpu, memory = run([MIRA, "batch", questions, "-o", answers, "--limit", "3"], env)
    print(f"{count:>7,}  {'--limit 3 again':<16} {wall:>7.2f} s {cpu:>8.2f} s  {memory:>8.1f} MB")


def main(count):
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        env = {**os.environ, "MIRA_CONFIG_DIR": str(directory / "config")}
        server = subprocess.Popen(
            [MIRA, "simulate"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            for _ in range(2):
                variable, _, value = server.stdout.readline().decode().split()[1].partition("=")
                env[variable] = value
            print("   rows  run                 wall    CPU a row      peak")
            small, large = measure(directory, env, max(count // 10, 1)), measure(directory, env, count)
            measure_rerun(directory, env, 200_000)
            print(f"peak memory of {count:,} rows against {max(count // 10, 1):,}: {large / small:.2f}")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
