#!/usr/bin/env python3
"""SQLite FTS5 and PostgreSQL on the documents and queries of `cargo run --release -p diembao-search --example measure`.

  ranking.py DATA fts5 [--accents] [--sample N]
  ranking.py DATA postgres URL [--accents] [--sample N]

Any word may match, the first ten count. Accents are folded on both sides unless --accents keeps them. FTS5 ranks by bm25 with
weights 3/2/1 for title, lead and body; PostgreSQL by ts_rank with its weights A/B/D, once as it is and once divided by the
logarithm of the length. Prints MRR@10, recall@10 and nDCG@10 in the form of `measure`. Standard library only.
"""
import argparse, collections, gzip, json, math, pathlib, re, sqlite3, subprocess, unicodedata


def rows(path):
    with gzip.open(path, "rt", encoding="utf8") as f:
        return [json.loads(line) for line in f if line.strip()]


def fold(text):
    text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in text if not unicodedata.combining(c))


def words(text, accents):
    text = unicodedata.normalize("NFC", text or "").lower()
    return re.findall(r"\w+", text if accents else fold(text))


def fields(doc):
    return doc.get("title"), doc.get("lead"), doc.get("body") or doc.get("text")


def fts5(docs, queries, accents):
    """Name of the ranking and each query's ids."""
    db = sqlite3.connect(":memory:")
    db.execute("create virtual table t using fts5(id unindexed, title, lead, body, tokenize='unicode61 remove_diacritics 0')")
    db.executemany("insert into t values (?,?,?,?)", [(str(d["id"]), *(" ".join(words(f, accents)) for f in fields(d))) for d in docs])
    ask = "select id from t where t match ? order by bm25(t, 0, 3, 2, 1) limit 11"
    match = lambda q: " OR ".join(f'"{w}"' for w in dict.fromkeys(words(q, accents)))
    yield "fts5", [[r[0] for r in db.execute(ask, (match(q),))] for q in queries]


def postgres(url):
    def psql(sql):
        return subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", url], input=sql, text=True, capture_output=True, check=True).stdout

    def ranked(docs, queries, accents):
        quoted = lambda s: "'" + s.replace("'", "''") + "'"
        load = ["drop table if exists r; create table r (id text, v tsvector);"]
        for d in docs:
            v = " || ".join(f"setweight(to_tsvector('simple', {quoted(' '.join(words(f, accents)))}), '{w}')" for f, w in zip(fields(d), "ABD"))
            load.append(f"insert into r values ({quoted(str(d['id']))}, {v});")
        psql("\n".join(["begin;", *load, "commit; create index r_v on r using gin (v); analyze r;"]))
        for name, length in (("ts_rank", 0), ("ts_rank/log", 1)):
            asks = []
            for q in queries:
                match = quoted(" | ".join(f"'{w}'" for w in dict.fromkeys(words(q, accents))))
                asks.append(f"select coalesce(json_agg(id), '[]') from (select id from r, to_tsquery('simple', {match}) m where v @@ m order by ts_rank(v, m, {length}) desc, id limit 11) x;")
            yield name, [json.loads(line) for line in psql("\n".join(asks)).splitlines()]

    return ranked


def score(found, own, relevant):
    found = [id for id in found if id != own][:10]
    at = [i for i, id in enumerate(found) if id in relevant]
    gain = lambda i: 1 / math.log2(i + 2)
    ideal = sum(map(gain, range(min(10, len(relevant)))))
    return (1 / (at[0] + 1) if at else 0, len(at) / len(relevant), sum(map(gain, at)) / ideal)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data", type=pathlib.Path)
    p.add_argument("peer", choices=["fts5", "postgres"])
    p.add_argument("url", nargs="?")
    p.add_argument("--accents", action="store_true")
    p.add_argument("--sample", type=int, default=10_000, help="queries of each kind")
    a = p.parse_args()
    peer = fts5 if a.peer == "fts5" else postgres(a.url)
    every = rows(a.data / "search/queries.jsonl.gz")
    for corpus, file in [("clusters.jsonl", "group/clusters.jsonl.gz"), ("vicov19qa_answers.jsonl", "search/answers.jsonl.gz")]:
        docs = rows(a.data / file)
        known = {str(d["id"]) for d in docs}
        taken, done = [], collections.Counter()
        for q in every:
            done[q["set"]] += q["corpus"] == corpus
            if q["corpus"] == corpus and set(q["relevant"]) & known and done[q["set"]] <= a.sample:
                taken.append(q)
        for field in ("query",) if a.accents else ("query", "query_nodia"):
            for name, found in peer(docs, [q[field] for q in taken], a.accents):
                sets = collections.defaultdict(list)
                for q, ids in zip(taken, found, strict=True):
                    own = q["qid"].split(":", 1)[1] if q["set"] == "more-like-title" else None
                    sets[q["set"]].append(score(ids, own, set(q["relevant"]) & known))
                for s, each in sorted(sets.items()):
                    mrr, recall, ndcg = (sum(x) / len(each) for x in zip(*each))
                    print(f"{name:12}{s:18} {field:12} n {len(each):4} MRR {mrr:.4f} recall {recall:.4f} nDCG {ndcg:.4f}", flush=True)


if __name__ == "__main__":
    main()
