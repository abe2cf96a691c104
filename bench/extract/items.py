#!/usr/bin/env python3
"""items.py PAGES WORK: unpacks the gzipped pages that PAGES/expected.jsonl names into the folder WORK and
writes WORK/items.jsonl, one `{"id","url","path"}` a page, the id being the line's number."""
import gzip, json, pathlib, sys

def unpack(pages, work):
    with open(work / "items.jsonl", "w") as items:
        for n, line in enumerate(open(pages / "expected.jsonl", encoding="utf8")):
            page = json.loads(line)
            path = work / f"{n}.html"
            path.write_bytes(gzip.open(pages / page["file"]).read())
            items.write(json.dumps({"id": str(n), "url": page.get("url") or "https://example.org/", "path": str(path)}) + "\n")

if __name__ == "__main__":
    unpack(*map(pathlib.Path, sys.argv[1:3]))
