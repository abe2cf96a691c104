#!/usr/bin/env python3
"""Many articles and 1,000 questions from a few thousand real ones: generate.py DATA OUT N

Every article takes seven tenths of one real article's sentences and some of another's, in order, so that words keep their
company and their rarity; each has one code of its own, an outlet and a day. Writes OUT/articles.jsonl and OUT/queries.jsonl;
the same N gives the same files. Standard library only.
"""
import gzip, json, pathlib, random, re, sys

LETTERS = 1500


def rows(path):
    with gzip.open(path, "rt", encoding="utf8") as f:
        return [json.loads(line) for line in f if line.strip()]


def main():
    data, out, n = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(20261121)
    real = []
    for row in rows(data / "group/clusters.jsonl.gz"):
        body = (row.get("body") or "").replace("_", " ")
        sentences = [s for s in re.split(r"(?<=[.!?])\s+|\n+", body) if 20 < len(s) < 400]
        if len(sentences) >= 4:
            real.append(((row.get("title") or "").replace("_", " "), (row.get("lead") or "").replace("_", " "), sentences))
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "articles.jsonl", "w", encoding="utf8") as f:
        for i in range(n):
            (title, lead, own), (_, _, other) = rng.choice(real), rng.choice(real)
            body = [s for s in own if rng.random() < 0.7] + rng.sample(other, min(2, len(other)))
            text = " ".join(body)[: rng.randrange(LETTERS // 2, LETTERS * 3 // 2)] + f" HS-{i:07}."
            # Outlets as the press is: few large ones, many small.
            outlet = f"bao-{min(int(rng.expovariate(0.06)), 99)}"
            row = {"id": i, "title": title, "lead": lead, "body": text, "outlet": outlet, "day": rng.randrange(365), "story": i - i % 3}
            f.write(json.dumps(row, ensure_ascii=False) + "\n")
    with open(out / "queries.jsonl", "w", encoding="utf8") as f:
        for query in queries(real, rng):
            f.write(json.dumps(query, ensure_ascii=False) + "\n")


def words(text):
    return re.findall(r"[^\W\d_]+", text.lower())


def queries(real, rng):
    """Runs of two to four neighbouring words of headlines, and phrases that half the press uses."""
    common = ["bệnh viện", "cho biết", "người dân", "cơ quan", "việt nam", "thành phố", "công an", "ngày càng", "học sinh", "trong nước",
              "tại đây", "kinh tế", "hiện nay", "phát triển", "trường hợp", "nguyên nhân", "điều tra", "tai nạn", "sức khỏe", "bộ trưởng"]

    def run():
        while True:
            w = words(rng.choice(real)[0])
            k = rng.randrange(2, 5)
            if len(w) >= k:
                at = rng.randrange(len(w) - k + 1)
                return " ".join(w[at : at + k])

    for _ in range(400):
        yield {"class": "words", "text": run()}
    for _ in range(200):
        yield {"class": "phrase", "text": rng.choice(common) if rng.random() < 0.5 else run(), "phrase": True}
    for _ in range(150):
        day = rng.randrange(300)
        yield {"class": "filter", "text": run(), "outlet": f"bao-{rng.randrange(20)}", "from": day, "to": day + 30}
    for _ in range(150):
        yield {"class": "facet", "text": run(), "by": "outlet"}
    for _ in range(100):
        yield {"class": "trend", "text": run(), "by": "day", "from": 275, "to": 365}


main()
