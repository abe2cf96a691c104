#!/usr/bin/env python3
"""A bag of words beside the rules: TF-IDF over one and two syllables, logistic regression, on the same labelled half.

  baseline.py CLASSIFY_DIR

Health: trained on the same 60 % as train_gate.py (seed 7), tested on the rest, per set. Incidents and posts are few:
five-fold cross-validation. The rules are scored by
`cargo run -p diembao-rules --example score -- CLASSIFY_DIR rules registry`. Needs numpy, scikit-learn.
"""
import gzip, json, pathlib, sys
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

def rows(path):
    with gzip.open(path, "rt", encoding="utf8") as f:
        return [json.loads(line) for line in f]

def text(r):
    return " \n ".join(r[k] for k in ("title", "lead", "body") if r[k])

def model():
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression(C=10, class_weight="balanced", max_iter=300))

def health(data):
    R = rows(data / "health.jsonl.gz")
    X, y, sets = np.array([text(r) for r in R], dtype=object), np.array([r["health"] for r in R]), np.array([r["set"] for r in R])
    half = np.random.RandomState(7).rand(len(R)) < 0.6
    together = model().fit(X[half], y[half])
    for s in sorted(set(sets)):
        own, test = half & (sets == s), ~half & (sets == s)
        alone = model().fit(X[own], y[own])
        print(f"health {s}: F1 {f1_score(y[test], alone.predict(X[test])):.4f} trained on this set, {f1_score(y[test], together.predict(X[test])):.4f} on all", flush=True)

def crossed(name, X, y):
    folds = StratifiedKFold(5, shuffle=True, random_state=7)
    p = cross_val_predict(model(), X, y, cv=folds, method="decision_function")
    print(f"{name}: precision {precision_score(y, p > 0, zero_division=0):.4f} recall {recall_score(y, p > 0):.4f} F1 {f1_score(y, p > 0):.4f}")
    limit = np.sort(p[~y])[::-1][int(0.05 * (~y).sum())]
    print(f"{name}: recall {(p[y] > limit).mean():.4f} at 5 % false alarms", flush=True)

def main():
    data = pathlib.Path(sys.argv[1])
    R = [r for r in rows(data / "incidents.jsonl.gz") if not r["borderline"]]
    crossed("incidents (clear)", [text(r) for r in R], np.array([r["label"] != "other" for r in R]))
    F = rows(data / "fake.jsonl.gz")
    for s in ("ReINTEL", "VFND"):
        R = [r for r in F if r["set"] == s and r["health"]]
        crossed(f"misinformation {s}", [text(r) for r in R], np.array([r["fake"] for r in R]))
    health(data)

if __name__ == "__main__":
    main()
