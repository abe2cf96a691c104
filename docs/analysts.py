#!/usr/bin/env python3
"""Runs the commands of docs/analysts.md in a demo home and writes their output under them: analysts.py [DIEMBAO]

DIEMBAO is the program, `target/debug/diembao` unless named. `{first:QUERY}` in a command stands for the id of the first
article a query finds. Standard library only.
"""
import json, os, pathlib, re, shlex, subprocess, sys, tempfile

NOW = "2026-11-21T06:30:00+07:00"


def main():
    page = pathlib.Path(__file__).with_name("analysts.md")
    program = sys.argv[1] if len(sys.argv) > 1 else "target/debug/diembao"
    with tempfile.TemporaryDirectory() as dir:
        home = os.path.join(dir, "home")
        os.environ |= {"DIEMBAO_HOME": home, "DIEMBAO_NOW": NOW, "COLUMNS": "120"}
        run([program, "demo", "--dir", home])
        text = re.sub(r"```console\n(.*?)```", lambda m: f"```console\n{block(program, m[1])}```", page.read_text(), flags=re.S)
        page.write_text(text)


def block(program, text):
    out = ""
    for line in text.splitlines():
        if line.startswith("$ diembao "):
            out += line + "\n" + run([program] + shlex.split(filled(program, line))[2:])
    return out


def filled(program, line):
    def first(m):
        found = run([program, "search", m[1], "--json", "--articles", "--limit", "1"])
        return json.loads(found)["hits"][0]["id"]

    return re.sub(r"\{first:(.*?)\}", first, line)


def run(args):
    done = subprocess.run(args, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{args}: exit code {done.returncode}\n{done.stderr}")
    return re.sub(r"[ \t]+$", "", done.stdout, flags=re.M)


main()
