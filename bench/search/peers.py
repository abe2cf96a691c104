#!/usr/bin/env python3
"""The questions of generate.py to SQLite FTS5 and PostgreSQL: peers.py DIR fts5 [ROUNDS] | peers.py DIR postgres URL [ROUNDS]

Prints articles a second, bytes an article and times by class, the first time and the quickest of some rounds more, in the form of
`cargo run --release -p diembao-search --example mixed DIR`. The peers are asked for less than the index: ten ids by rank and
the counts, no total, no snippet. PostgreSQL is driven by psql over one connection with \\timing, so its times are the server's
and the pipe's. Standard library only.
"""
import collections, json, os, pathlib, re, sqlite3, subprocess, sys, time, unicodedata


def rows(path):
    with open(path, encoding="utf8") as f:
        for line in f:
            yield json.loads(line)


def norm(text):
    return " ".join(re.findall(r"\w+(?:-\w+)*", unicodedata.normalize("NFC", text).lower()))


def report(name, asked):
    took = collections.defaultdict(list)
    for kind, seconds in asked:
        took[kind].append(seconds)
        took["all"].append(seconds)
    for kind, t in sorted(took.items()):
        t.sort()
        at = lambda p: t[(len(t) - 1) * p // 100] * 1e3
        print(f"{name} {kind:8} n {len(t):4} p50 {at(50):8.3f} ms p99 {at(99):8.3f} ms", flush=True)


def rounds(name, turn, more):
    """The first round, then each question's quickest: other work on the machine only ever makes one slower."""
    best = turn()
    report(f"{name} first", best)
    for _ in range(more):
        best = [(kind, min(a, b)) for (kind, a), (_, b) in zip(best, turn(), strict=True)]
    report(f"{name} warm", best)


def fts5(home, more):
    path = home / "fts.db"
    if not path.exists():
        db = sqlite3.connect(path)
        db.execute("pragma journal_mode=wal")
        db.execute("create virtual table t using fts5(title, lead, body, tokenize='unicode61 remove_diacritics 2')")
        db.execute("create table a (id integer primary key, outlet text, day integer)")
        started, n, text = time.perf_counter(), 0, 0
        for r in rows(home / "articles.jsonl"):
            parts = [unicodedata.normalize("NFC", r[k]) for k in ("title", "lead", "body")]
            db.execute("insert into t(rowid, title, lead, body) values (?,?,?,?)", [r["id"], *parts])
            db.execute("insert into a values (?,?,?)", (r["id"], r["outlet"], r["day"]))
            n += 1
        db.execute("insert into t(t) values('optimize')")
        db.execute("create index a_day on a (day)")
        db.commit()
        db.execute("pragma wal_checkpoint(truncate)")
        took = time.perf_counter() - started
        text = sum(x[0] or 0 for x in db.execute("select length(block) from t_data"))
        print(f"fts5 {n} articles, {n / took:.0f} articles/s, {os.path.getsize(path) // n} bytes each, {text // n} without the text")
        db.close()
    db = sqlite3.connect(path)
    queries = list(rows(home / "queries.jsonl"))

    def turn():
        asked = []
        for q in queries:
            words = norm(q["text"]).split()
            match = '"' + " ".join(words) + '"' if q.get("phrase") else " ".join(f'"{w}"' for w in words)
            where, args = "", []
            if "outlet" in q:
                where, args = " and a.outlet = ?", [q["outlet"]]
            if "from" in q:
                where, args = where + " and a.day >= ? and a.day < ?", args + [q["from"], q["to"]]
            began = time.perf_counter()
            join = " join a on a.id = t.rowid" if where else ""
            db.execute(f"select t.rowid from t{join} where t match ?{where} order by bm25(t, 3, 2, 1) limit 10", [match, *args]).fetchall()
            if "by" in q:
                by = "outlet" if q["by"] == "outlet" else "day"
                db.execute(f"select {by}, count(*) from t join a on a.id = t.rowid where t match ?{where} group by 1", [match, *args]).fetchall()
            asked.append((q["class"], time.perf_counter() - began))
        return asked

    rounds("fts5", turn, more)


def postgres(home, url, more):
    def psql(sql, **more):
        return subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", url], input=sql, text=True, capture_output=True, check=True, **more).stdout

    if psql("select to_regclass('a') is null").strip() == "t":
        psql("create table a (id int primary key, outlet text, day int, words text, v tsvector)")
        started, n = time.perf_counter(), 0
        copy = subprocess.Popen(["psql", "-qX", url, "-c", "copy a (id, outlet, day, words) from stdin"], stdin=subprocess.PIPE, text=True)
        for r in rows(home / "articles.jsonl"):
            words = norm(" ".join((r["title"], r["lead"], r["body"])))
            copy.stdin.write(f"{r['id']}\t{r['outlet']}\t{r['day']}\t{words}\n")
            n += 1
        copy.stdin.close()
        copy.wait()
        psql("update a set v = to_tsvector('simple', words); create index a_v on a using gin (v); create index a_day on a (day); vacuum full analyze a")
        took = time.perf_counter() - started
        size, index = psql("select pg_total_relation_size('a'), pg_relation_size('a_v')").strip().split("|")
        print(f"postgres {n} articles, {n / took:.0f} articles/s, {int(size) // n} bytes each, {int(index) // n} of them GIN")
    statements, classes = ["\\timing on\n\\o /dev/null\n"], []
    for q in rows(home / "queries.jsonl"):
        make = "phraseto_tsquery" if q.get("phrase") else "plainto_tsquery"
        match = f"{make}('simple', '{norm(q['text'])}')"
        where = f" and outlet = '{q['outlet']}'" if "outlet" in q else ""
        where += f" and day >= {q['from']} and day < {q['to']}" if "from" in q else ""
        statements.append(f"select id from a, {match} m where v @@ m{where} order by ts_rank(v, m) desc limit 10;\n")
        classes.append(q["class"])
        if "by" in q:
            statements.append(f"select {q['by']}, count(*) from a where v @@ {match}{where} group by 1;\n")
            classes.append(None)

    def turn():
        out = psql("".join(statements))
        times = [float(ms) / 1e3 for ms in re.findall(r"^Time: ([\d.]+) ms", out, re.M)]
        asked = []
        for kind, seconds in zip(classes, times, strict=True):
            if kind is None:
                asked[-1] = (asked[-1][0], asked[-1][1] + seconds)
            else:
                asked.append((kind, seconds))
        return asked

    rounds("postgres", turn, more)


def number(at):
    return int(sys.argv[at]) if len(sys.argv) > at else 5


if sys.argv[2] == "fts5":
    fts5(pathlib.Path(sys.argv[1]), number(3))
else:
    postgres(pathlib.Path(sys.argv[1]), sys.argv[3], number(4))
