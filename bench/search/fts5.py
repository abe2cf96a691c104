#!/usr/bin/env python3
"""SQLite FTS5 on the documents and queries of `cargo run --release -p diembao-search --example measure`.

  fts5.py DATA [--diacritics 0|2] [--sample N]

Prints bytes per document, documents a second, MRR@10, recall@10, nDCG@10 and query times, in the same form, so that the
two can be run one after the other on the same machine. Standard library only.
"""
import argparse, collections, gzip, json, math, os, pathlib, re, sqlite3, tempfile, time, unicodedata


def rows(path):
    with gzip.open(path, "rt", encoding="utf8") as f:
        return [json.loads(line) for line in f if line.strip()]


def words(text):
    text = unicodedata.normalize("NFC", text).lower()
    return list(dict.fromkeys(re.findall(r"\w+", text)))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data", type=pathlib.Path)
    p.add_argument("--diacritics", type=int, default=2, choices=[0, 2])
    p.add_argument("--sample", type=int, default=300, help="queries of each kind")
    a = p.parse_args()
    queries = rows(a.data / "search/queries.jsonl.gz")
    for corpus, file in [("clusters.jsonl", "group/clusters.jsonl.gz"), ("vicov19qa_answers.jsonl", "search/answers.jsonl.gz")]:
        docs = rows(a.data / file)
        with tempfile.TemporaryDirectory() as home:
            path = os.path.join(home, "fts.db")
            db = sqlite3.connect(path)
            db.execute("pragma journal_mode=wal")
            db.execute(f"create virtual table t using fts5(id unindexed, title, lead, body, tokenize='unicode61 remove_diacritics {a.diacritics}')")
            started = time.perf_counter()
            nfc = lambda s: unicodedata.normalize("NFC", s or "")
            db.executemany("insert into t values(?,?,?,?)", [(str(d["id"]), nfc(d.get("title")), nfc(d.get("lead")), nfc(d.get("body") or d.get("text") or d.get("answer"))) for d in docs])
            db.execute("insert into t(t) values('optimize')")
            db.commit()
            db.execute("pragma wal_checkpoint(truncate)")
            took = time.perf_counter() - started
            print(f"{len(docs)} documents, {os.path.getsize(path) // len(docs)} bytes each (text included), {len(docs) / took:.0f} documents/s")
            known = {str(d["id"]) for d in docs}
            for field in ("query", "query_nodia"):
                acc = collections.defaultdict(lambda: collections.Counter(took=[]))
                done = collections.Counter()
                for q in queries:
                    rel = set(q["relevant"]) & known
                    if q["corpus"] != corpus or not rel or done[q["set"]] >= a.sample:
                        continue
                    done[q["set"]] += 1
                    own = q["qid"].split(":", 1)[1] if q["set"] == "more-like-title" else None
                    match = " OR ".join(f'"{w}"' for w in words(q[field]))
                    began = time.perf_counter()
                    hits = [r[0] for r in db.execute("select id from t where t match ? order by bm25(t, 0, 3, 2, 1) limit 11", (match,))]
                    m = acc[q["set"]]
                    m["took"].append(time.perf_counter() - began)
                    hits = [h for h in hits if h != own][:10]
                    first = next((i for i, h in enumerate(hits) if h in rel), None)
                    m["n"] += 1
                    m["mrr"] += 1 / (first + 1) if first is not None else 0
                    m["recall"] += len(rel & set(hits)) / len(rel)
                    m["ndcg"] += sum(1 / math.log2(i + 2) for i, h in enumerate(hits) if h in rel) / sum(1 / math.log2(i + 2) for i in range(min(10, len(rel))))
                for s, m in sorted(acc.items()):
                    t = sorted(m["took"])
                    at = lambda x: t[int((len(t) - 1) * x)] * 1e3
                    print(f"{s:18} {field:12} n {m['n']:4} MRR {m['mrr'] / m['n']:.4f} recall {m['recall'] / m['n']:.4f} nDCG {m['ndcg'] / m['n']:.4f}  p50 {at(.5):.2f} ms p99 {at(.99):.2f} ms")


if __name__ == "__main__":
    main()
