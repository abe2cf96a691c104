#!/usr/bin/env python3
"""ROUGE-2 of story summaries. Standard library only.

  rouge.py CLUSTERS.jsonl SUMMARIES

CLUSTERS.jsonl has labelled articles (set, cluster, title, lead, body); SUMMARIES is the built example
`cargo build --release -p diembao-digest --example summaries`. Human summaries of such clusters are not at hand, so what
an editor wrote stands for one: of every cluster with three articles or more, each article is held out in turn, its lead
is the reference, and the summary is made of the others. All methods see the same articles; at most 60 words, whole sentences.
"""
import collections, json, math, re, subprocess, sys

def words(text):
    return re.findall(r"\w+", text.replace("_", " ").lower())

def pairs(text):
    w = words(text)
    return collections.Counter(zip(w, w[1:]))

def rouge2(summary, reference):
    s, r = pairs(summary), pairs(reference)
    both = sum((s & r).values())
    if not both:
        return 0.0
    p, c = both / sum(s.values()), both / sum(r.values())
    return 2 * p * c / (p + c)

def sentences(text):
    return [s for s in re.split(r"(?<=[.!?…])\s+|\n+", text.replace("_", " ")) if len(words(s)) > 3]

def fit(chosen, limit=60):
    out, n = [], 0
    for s in chosen:
        if n + len(words(s)) <= limit:
            out.append(s); n += len(words(s))
    return " ".join(out)

def central(articles):
    sets = [set(pairs(a["title"] + " . " + a["lead"] + " . " + a["body"][:3000])) for a in articles]
    count = collections.Counter(p for s in sets for p in s)
    score = lambda s: sum(count[p] - 1 for p in s) / math.sqrt(len(s) + 20)
    return articles[max(range(len(articles)), key=lambda i: score(sets[i]))]

def lead(articles):
    return fit(sentences(central(articles)["lead"]))

def body2(articles):
    return fit(sentences(central(articles)["body"])[:2])

def textrank(articles):
    all_sentences = [s for a in articles for s in sentences(a["lead"]) + sentences(a["body"])][:300]
    bags = [set(words(s)) for s in all_sentences]
    n = len(bags)
    links = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i):
            if len(bags[i]) > 1 and len(bags[j]) > 1:
                links[i][j] = links[j][i] = len(bags[i] & bags[j]) / (math.log(len(bags[i])) + math.log(len(bags[j])))
    total = [sum(row) or 1.0 for row in links]
    rank = [1.0] * n
    for _ in range(20):
        rank = [0.15 + 0.85 * sum(links[j][i] / total[j] * rank[j] for j in range(n)) for i in range(n)]
    return fit(all_sentences[i] for i in sorted(range(n), key=lambda i: -rank[i])[:3])

def main(path, binary):
    clusters = collections.defaultdict(list)
    for line in open(path, encoding="utf8"):
        a = json.loads(line)
        clusters[a["set"], a["cluster"]].append({k: a[k] or "" for k in ("title", "lead", "body")})
    cases = []
    for (name, cluster), articles in sorted(clusters.items()):
        for i, held in enumerate(articles):
            if len(articles) >= 3 and len(words(held["lead"])) >= 15:
                cases.append((name, f"{cluster}#{i}", held["lead"], articles[:i] + articles[i + 1:]))
    lines = [json.dumps({"cluster": c, **a}, ensure_ascii=False) for _, c, _, rest in cases for a in rest]
    out = subprocess.run([binary], input="\n".join(lines).encode(), stdout=subprocess.PIPE, check=True).stdout
    ours = {r["cluster"]: r["summary"] for r in map(json.loads, out.decode().splitlines())}
    longest = max(len(s.split()) for s in ours.values())
    table = collections.defaultdict(lambda: collections.defaultdict(list))
    for name, cluster, reference, rest in cases:
        for method, summary in (("diembao", ours.get(cluster, "")), ("first two body sentences", body2(rest)),
                                ("lead alone", lead(rest)), ("TextRank", textrank(rest))):
            table[name][method].append(rouge2(summary, reference))
    for name, methods in sorted(table.items()):
        n = len(methods["diembao"])
        print(name, n, *(f"{m} {sum(v) / len(v):.3f}" for m, v in methods.items()), sep="  ")
    print("longest summary:", longest, "words; empty:", sum(not s for s in ours.values()))

main(*sys.argv[1:])
