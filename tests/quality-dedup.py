"""Scores stories: `quality-dedup.py SHARED PREDICTIONS OUT_DIR`. Standard library only.

Prints the scorer's line, and pair precision and recall on two halves of the corpus, split by a hash of the cluster: what was
tuned on one half has to hold on the other."""
import collections
import json
import pathlib
import sys
import zlib

shared, predictions, out = sys.argv[1:4]
sys.path.insert(0, f"{shared}/score")
import dedup as scorer

corpus = f"{shared}/corpora/dedup"
predicted = scorer.load(predictions)
figures = scorer.score(corpus, predicted)
recalls, merged = figures["relation_recall"], figures["false_merge"]
found = {name: figures[name] for name in ("pair_p", "pair_r", "ari", "b3_multi_f1")}
found |= {name.replace("-", ""): recalls[name][0] for name in ("truncated-30", "heavy", "update", "corrected")}
found["series_apart"] = 1 - max(merged[name][0] for name in ("series-next-day", "series-other-entity"))
found["templates_apart"] = 1 - merged["reuters-template"][0]
pathlib.Path(out, "dedup.json").write_text(json.dumps({f"dedup.{name}": figure for name, figure in found.items()}))
print(scorer.line(figures))
print(" ".join(f"{name} {figures[name]:.4f}" for name in ("pair_p", "pair_r", "pair_f1", "ari", "b3_multi_f1")))

documents = scorer.load(f"{corpus}/docs.jsonl")
ignored = scorer.load(f"{corpus}/ignore.jsonl")
cluster = {row["id"]: row["cluster"] for row in documents}
story = {row["id"]: str(row["cluster"]) for row in predicted}
half_of = {row["id"]: zlib.crc32(row["cluster"].encode()) & 1 for row in documents}
pairs = lambda counts: sum(count * (count - 1) // 2 for count in counts.values())
for half in (0, 1):
    ids = [name for name in cluster if half_of[name] == half]
    right = pairs(collections.Counter((cluster[name], story[name]) for name in ids))
    joined, true = pairs(collections.Counter(story[name] for name in ids)), pairs(collections.Counter(cluster[name] for name in ids))
    grey = sum(story[row["a"]] == story[row["b"]] and half_of[row["a"]] == half_of[row["b"]] == half for row in ignored)
    print(f"half {'AB'[half]}: precision {right / max(1, joined - grey):.4f} recall {right / true:.4f}")
