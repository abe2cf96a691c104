#!/usr/bin/env python3
"""Bodies of every extractor against the labels, on the same pages: accuracy.py PAGES NOW [NAME=COMMAND …]

PAGES and NOW as in `run`, which builds the program this needs. A COMMAND reads `{"id","url","path"}` lines and
prints `{"id","body"}` lines: `selectors="diembao --home H try extract --json --home-selectors"`. Prints the mean F1 of
4-syllable shingles an extractor and set, then the pages on which ours is under .50, with the best peer's figure.
"""
import collections, json, os, pathlib, re, shlex, subprocess, sys, tempfile, unicodedata
from items import unpack

HERE = pathlib.Path(__file__).parent
OURS, FAILED, GOOD = "diembao", 0.50, 0.80

def commands(now):
    target = os.environ.get("CARGO_TARGET_DIR") or HERE / "target"
    bench = f"{target}/release/bench-extract"
    python = os.environ.get("PYTHON") or HERE / "venv/bin/python"
    rust = {name: [bench, name, now, "bodies"] for name in (OURS, "trafilatura", "trafilatura-fallback", "dom_smoothie")}
    peers = ("trafilatura", "trafilatura-fast", "readability", "resiliparse")
    named = (argument.split("=", 1) for argument in sys.argv[3:])
    return rust | {f"{name} (Python)": [python, HERE / "peers.py", name, "bodies"] for name in peers} | {
        name: shlex.split(command) for name, command in named}

def shingles(text, size=4):
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text or "").lower())
    return collections.Counter(tuple(words[i:i + size]) for i in range(max(1, len(words) - size + 1))) if words else collections.Counter()

def f1(want, have):
    shared = sum((want & have).values())
    return 2 * shared / max(1, sum(want.values()) + sum(have.values()))

def main():
    pages, now = pathlib.Path(sys.argv[1]), sys.argv[2]
    gold = [json.loads(line) for line in open(pages / "expected.jsonl", encoding="utf8")]
    truth = {str(n): shingles(g.get("body") or "\n".join(g.get("paragraphs") or [])) for n, g in enumerate(gold)}
    truth = {page: words for page, words in truth.items() if words and gold[int(page)].get("kind", "article") == "article"}
    scores = collections.defaultdict(dict)
    with tempfile.TemporaryDirectory() as work:
        unpack(pages, pathlib.Path(work))
        for name, command in commands(now).items():
            with open(f"{work}/items.jsonl") as items:
                out = subprocess.run(command, stdin=items, capture_output=True, check=True).stdout.decode("utf8", "replace")
            for row in map(json.loads, out.split("\n")[:-1]):
                if row["id"] in truth:
                    scores[name][row["id"]] = f1(truth[row["id"]], shingles(row["body"]))
    sets = collections.defaultdict(list)
    for page in truth:
        sets[gold[int(page)].get("set") or "Vietnamese"].append(page)
    for name, by_page in scores.items():
        means = {s: round(sum(by_page[p] for p in ps) / len(ps), 4) for s, ps in sets.items()}
        print(json.dumps({"extractor": name, **means, "pages_under_half": sum(v < FAILED for v in by_page.values())}))
    failed = [p for p in truth if scores[OURS][p] < FAILED]
    for page in failed:
        best, name = max((by_page[page], name) for name, by_page in scores.items() if name != OURS)
        print(json.dumps({"page": gold[int(page)]["file"], "ours": round(scores[OURS][page], 3), "best_peer": name, "its": round(best, 3)}))
    lost = sum(max(by_page[p] for by_page in scores.values()) > GOOD for p in failed)
    print(json.dumps({"pages": len(truth), "ours_under_half": len(failed), "of_those_a_peer_above_0.8": lost}))

if __name__ == "__main__":
    main()
