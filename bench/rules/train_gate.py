#!/usr/bin/env python3
"""Derives the weighted phrases of rules/health-words.toml.

  syllables FILE.jsonl.gz > articles.jsonl        (cargo run -p diembao-rules --example syllables)
  train_gate.py articles.jsonl --out rules/health-words.toml

Each line of articles.jsonl is {"set","health","title","lead","body"}, the fields being lists of sentences of
syllables. The decision is linear in phrases of one to three syllables, each counted once at its best place:
score = sum(w*x) / sqrt(prior + sum(x*x)), x being the factor of the place. No single syllable may decide alone;
the bound is part of the training. Needs numpy, scipy, scikit-learn.
"""
import argparse, collections, json, re, tomllib
import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

PLACES = {"title": 2.0, "lead": 1.5, "body": 1.0}
COVID = re.compile(r"\b(covid|corona|ncov|sars|giãn cách|cách ly)")

def grams(sentences, longest=3):
    for sentence in sentences:
        words = sentence.split()
        for k in range(1, longest + 1):
            for i in range(len(words) - k + 1):
                part = words[i:i + k]
                if not any(w == "#" or (any(c.isdigit() for c in w) and len(w) < 4) for w in part):
                    yield " ".join(part)

def features(row):
    x = {}
    for field in ("body", "lead", "title"):
        for g in grams(row[field]):
            x[g] = max(x.get(g, 0.0), PLACES[field])
    return x

def matrix(rows, vocabulary, prior):
    index = {g: i for i, g in enumerate(vocabulary)}
    ptr, ind, dat = [0], [], []
    for x in rows:
        cols = [(index[g], v) for g, v in x.items() if g in index]
        norm = (prior + sum(v * v for _, v in cols)) ** 0.5
        ind += [c for c, _ in cols]
        dat += [v / norm for _, v in cols]
        ptr.append(len(ind))
    return csr_matrix((dat, ind, ptr), shape=(len(rows), len(vocabulary)))

def candidates(rows, sets, train, least, n_sets):
    count, seen = collections.Counter(), collections.defaultdict(set)
    for i in train:
        for g in rows[i]:
            count[g] += 1
            seen[g].add(sets[i])
    return sorted(g for g, n in count.items() if n >= least and len(seen[g]) >= n_sets)

def fit(X, y, sample, lower, upper, C):
    """Logistic regression with bounds on the weights."""
    s = np.where(y, 1.0, -1.0)
    Xt = X.T.tocsr()
    def loss(v):
        w, b = v[:-1], v[-1]
        z = s * (X @ w + b)
        p = 1 / (1 + np.exp(np.clip(z, -40, 40)))
        value = C * np.sum(sample * np.logaddexp(0, -z)) + 0.5 * w @ w
        g = -C * sample * s * p
        return value, np.append(Xt @ g + w, g.sum())
    bounds = list(zip(lower, upper)) + [(None, -0.5)]
    start = np.clip(np.zeros(X.shape[1]), lower, upper)
    r = minimize(loss, np.append(start, -1.0), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 250})
    return r.x[:-1], r.x[-1]

def choose(X, y, sample, n):
    """The n phrases a sparse model would keep, by weight and frequency."""
    m = LogisticRegression(C=10, max_iter=200).fit(X, y, sample_weight=sample)
    spread = np.asarray(X.power(2).sum(axis=0)).ravel() ** 0.5
    return np.argsort(-np.abs(m.coef_[0]) * spread)[:n]

def train(rows, sets, y, index, sample, a, strong):
    vocabulary = candidates(rows, sets, index, a.least, 2)
    X = matrix([rows[i] for i in index], vocabulary, a.prior)
    keep = set(choose(X, y[index], sample[index], a.n).tolist())
    vocabulary = [g for i, g in enumerate(vocabulary) if i in keep]
    vocabulary += [g for g in strong if g not in set(vocabulary)]
    X = matrix([rows[i] for i in index], vocabulary, a.prior)
    most = max(PLACES.values())
    single = np.array([" " not in g for g in vocabulary])
    lower = np.full(len(vocabulary), -np.inf)
    upper = np.full(len(vocabulary), np.inf)
    bias = -1.0
    for _ in range(4):
        alone = 0.95 * -bias * (a.prior + most * most) ** 0.5 / most
        upper[single] = alone
        lower[single] = -0.65 * alone
        for i, g in enumerate(vocabulary):
            if strong.get(g, 0) > 0:
                lower[i] = min(-bias * strong[g], upper[i])
            elif g in strong:
                upper[i] = -bias * strong[g]
        w, bias = fit(X, y[index], sample[index], lower, upper, a.c)
    w /= -bias
    return vocabulary, w

def show(name, rows, sets, y, index, vocabulary, w, prior):
    p = matrix([rows[i] for i in index], vocabulary, prior) @ w
    parts = []
    for s in sorted(set(sets[i] for i in index)):
        j = [k for k, i in enumerate(index) if sets[i] == s]
        parts.append(f"{s} {f1_score(y[index][j], p[j] >= 1.0):.4f}")
    print(name, "  ".join(parts), flush=True)

def write(path, vocabulary, w, prior):
    order = sorted((i for i in range(len(w)) if abs(w[i]) >= 0.05), key=lambda i: (-w[i], vocabulary[i]))
    with open(path, "w", encoding="utf8") as f:
        f.write("""# Cụm từ nói một bài có phải tin y tế hay không, kèm trọng số: số dương nghiêng về y tế, số âm nghiêng về
# mảng tin khác. Tệp này do bench/rules/train_gate.py tính từ tần suất cụm từ trong các bài đã được báo tự xếp
# chuyên mục; sửa tay được, nhưng lần tính sau sẽ ghi đè. Cụm từ do người chọn thì đặt ở health.toml.

[gate.weights]
""")
        for i in order:
            f.write(f'"{vocabulary[i]}" = {w[i]:.2f}\n')
    print(f"{len(order)} phrases written to {path}")

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("articles")
    p.add_argument("--out")
    p.add_argument("--hand", help="rules/health.toml: phrases chosen by people weigh at least what they say")
    p.add_argument("--n", type=int, default=4000)
    p.add_argument("--least", type=int, default=8)
    p.add_argument("--prior", type=float, default=20.0)
    p.add_argument("--c", type=float, default=10.0)
    p.add_argument("--first-only", action="store_true", help="write the weights of the 60 %%, to test the whole program on the rest")
    p.add_argument("--leave-out", default="", help="a set that is only tested on")
    a = p.parse_args()
    articles = [json.loads(line) for line in open(a.articles, encoding="utf8")]
    rows = [features(r) for r in articles]
    sets = [r["set"] for r in articles]
    y = np.array([r["health"] for r in articles])
    # A label is the section of the paper; health stories in other sections of 2019–21 are mostly COVID: not taught.
    doubtful = np.array([r["set"] == "unc" and not r["health"] and bool(COVID.search(" ".join(r["title"] + r["lead"] + r["body"]))) for r in articles])
    size = collections.Counter(sets)
    sample = np.array([min(2.5, (1500 / size[s]) ** 0.5) for s in sets])
    strong = {}
    if a.hand:
        for group in tomllib.load(open(a.hand, "rb"))["gate"]["groups"].values():
            strong.update({g: group["weight"] for g in group["phrases"]})
    half = np.random.RandomState(7).rand(len(rows))
    usable = ~doubtful & (np.array(sets) != a.leave_out)
    first = np.where((half < 0.6) & usable)[0]
    second = np.where(half >= 0.6)[0]
    vocabulary, w = train(rows, sets, y, first, sample, a, strong)
    show(f"trained on 60 %, tested on the rest (n={len(vocabulary)}, prior={a.prior}, C={a.c}):", rows, sets, y, second, vocabulary, w, a.prior)
    if a.out and a.first_only:
        write(a.out, vocabulary, w, a.prior)
    elif a.out:
        vocabulary, w = train(rows, sets, y, np.where(usable)[0], sample, a, strong)
        show("trained on all, tested on the same:", rows, sets, y, np.arange(len(rows)), vocabulary, w, a.prior)
        write(a.out, vocabulary, w, a.prior)

if __name__ == "__main__":
    main()
