#!/usr/bin/env python3
"""Time a Python extractor on the pages `bench-extract` is given: peers.py NAME < items.jsonl

NAME is trafilatura, trafilatura-fast, readability or resiliparse. Same measure: pages are read first,
each is done three times, the least CPU time counts. Prints one JSON object. `bodies` as second argument prints the
bodies instead.
"""
import json, resource, sys, time

def work_of(name):
    if name.startswith("trafilatura"):
        import trafilatura
        fast = name.endswith("fast")
        return lambda p: trafilatura.extract(p["html"], url=p["url"], include_comments=False, fast=fast)
    if name == "readability":
        import lxml.html, readability
        return lambda p: lxml.html.fromstring(readability.Document(p["html"]).summary()).text_content()
    if name == "resiliparse":
        from resiliparse.extract.html2text import extract_plain_text
        return lambda p: extract_plain_text(p["html"], main_content=True)
    sys.exit(f"unknown extractor {name}")

def guarded(work, page):
    try:
        return work(page) or ""
    except Exception:
        return ""

def main():
    name = sys.argv[1]
    pages = [json.loads(line) for line in sys.stdin if line.strip()]
    for page in pages:
        with open(page["path"], "rb") as file:
            page["html"] = file.read().decode("utf8", "replace")
    work = work_of(name)
    if sys.argv[2:] == ["bodies"]:
        for page in pages:
            print(json.dumps({"id": page["id"], "kind": "article", "title": "", "lead": "", "body": guarded(work, page), "trace": []}))
        return
    times = []
    for page in pages:
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            guarded(work, page)
            best = min(best, time.process_time() - start)
        times.append(best)
    per_byte = sorted(t / max(1, len(p["html"])) for t, p in zip(times, pages))
    print(json.dumps({
        "extractor": f"{name} (Python)", "pages": len(pages), "pages_per_s": round(len(pages) / sum(times), 1),
        "mb_per_s": round(sum(len(p["html"].encode()) for p in pages) / sum(times) / 1e6, 1),
        "slowest_page_ms": round(max(times) * 1e3, 1),
        "slowest_per_byte_over_median": round(per_byte[-1] / per_byte[len(per_byte) // 2], 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }))

if __name__ == "__main__":
    main()
