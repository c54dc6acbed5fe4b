#!/usr/bin/env python3
"""Trains the model that chooses the blocks of an article (src/article/body/model.txt).

    python3 -m venv target/venv && target/venv/bin/pip install numpy scipy scikit-learn lightgbm orjson
    cargo build --release
    target/venv/bin/python tools/train-body.py --corpus ../shared/corpora/extraction --score ../shared/score/extraction.py

The blocks and what is measured of them come from the program itself (`wireroom extract --batch M --blocks`), so that
what is trained on is what will be weighed. Labels are the visible half of the corpus. Figures printed are
cross-validated in five parts, cut by site: no site is trained and tested on. `--write` trains on everything and writes
the model. The same input gives the same model.
"""
import argparse, collections, json, pickle, subprocess
from pathlib import Path
from urllib.parse import urlsplit

import lightgbm
import numpy as np
import orjson
import scipy.sparse
from sklearn.linear_model import LogisticRegression

FULL = ("fundus", "fundus_eval", "scrapinghub", "wcxb")
PARTS = 5
LEARNT = ("words_learnt", "words_learnt:0", "words_learnt:1", "words_learnt:2")


def load_scorer(path):
    source = Path(path).read_text().rsplit("\nmain()", 1)[0]
    space = {"__name__": "score"}
    exec(compile(source, path, "exec"), space)
    return space


def site(url):
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    keep = 3 if len(labels) > 2 and len(labels[-2]) <= 3 and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])


def grams(tokens, n=4):
    return [tuple(tokens[i : i + n]) for i in range(max(1, len(tokens) - n + 1))] if tokens else []


class Page:
    """One page: blocks as tokens, features, labels and weights."""

    def __init__(self, record, answer, toks, width):
        self.record = record
        self.id = record["id"]
        self.dataset = record["dataset"]
        self.site = site(record.get("url") or self.id)
        self.core = self.dataset != "wcxb" and self.dataset != "trafilatura" or bool(record["news"])
        self.texts = [block["text"] for block in answer["blocks"]]
        self.tokens = [toks(text) for text in self.texts]
        self.features = np.array([block["features"] for block in answer["blocks"]], dtype=np.float32)
        if not self.texts:
            self.features = self.features.reshape(0, width)
        self.words = [block["words"] for block in answer["blocks"]]
        self.labels = np.zeros(len(self.texts), dtype=np.int8)
        self.weights = np.zeros(len(self.texts), dtype=np.float32)

    def label(self, toks):
        expected = self.record["expected"]
        paragraphs = expected["body"].split("\n\n")
        optional = set(expected.get("optional") or [])
        gold = toks(expected["body"])
        wanted = collections.Counter(grams(gold))
        spare = set()
        for index in optional:
            if index < len(paragraphs):
                spare.update(grams(toks(paragraphs[index])))
        if optional:
            firm = collections.Counter(
                gram for index, text in enumerate(paragraphs) if index not in optional for gram in grams(toks(text)))
            spare -= set(firm)
        joined = " " + " ".join(gold) + " "
        likely = []
        for index, tokens in enumerate(self.tokens):
            if not tokens:
                continue
            if len(tokens) < 4:
                found = " " + " ".join(tokens) + " " in joined
            else:
                own = grams(tokens)
                found = sum(1 for gram in own if gram in wanted) >= 0.5 * len(own)
            if found:
                likely.append(index)
        # Long ones that occur once are certain; of copies the ones nearest to those count.
        occurrences = collections.Counter(tuple(self.tokens[index]) for index in likely)
        certain = [index for index in likely if len(self.tokens[index]) >= 8 and occurrences[tuple(self.tokens[index])] == 1]
        chosen = set()
        if certain:
            low, high = min(certain), max(certain)
            middle = sorted(certain)[len(certain) // 2]
            by_text = collections.defaultdict(list)
            for index in likely:
                by_text[tuple(self.tokens[index])].append(index)
            for text, indexes in by_text.items():
                count = max(1, joined.count(" " + " ".join(text) + " ")) if len(indexes) > 1 else 1
                indexes.sort(key=lambda index: (not (low - 3 <= index <= high + 3), abs(index - middle)))
                for index in indexes[:count]:
                    if len(text) >= 4 or low - 3 <= index <= high + 3:
                        chosen.add(index)
        else:
            chosen = set(likely)
        total = max(1, len(gold))
        for index, tokens in enumerate(self.tokens):
            self.labels[index] = index in chosen
            self.weights[index] = min(1.0, (len(tokens) + 4) / total)
            if spare and len(tokens) >= 4 and index not in chosen or spare and index in chosen:
                own = grams(tokens)
                if sum(1 for gram in own if gram in spare) >= 0.5 * len(own):
                    self.weights[index] = 0.0
        self.weights *= (2.0 if self.core else 1.0) / max(1e-6, self.weights.sum())

    def label_snippets(self, norm):
        """A page of which only a few sentences are labelled: those blocks, and no others."""
        expected = self.record["expected"]
        wanted = [norm(text) for text in expected.get("with") or []]
        unwanted = [norm(text) for text in expected.get("without") or []]
        for index, text in enumerate(self.texts):
            text = norm(text)
            if len(text) < 12:
                continue
            yes, no = any(w and w in text for w in wanted), any(w and w in text for w in unwanted)
            if yes != no:
                self.labels[index] = yes
                self.weights[index] = 1.0
        if self.weights.sum() > 0:
            self.weights /= self.weights.sum()


def choose(page, likely, threshold):
    """What the program does with likelihoods: the threshold, then repeats."""
    kept, seen = [], set()
    for index in np.flatnonzero(likely >= threshold):
        own = grams([token.lower() for token in page.tokens[index]])
        if len(own) >= 6 and sum(1 for gram in own if gram in seen) >= 0.8 * len(own):
            continue
        seen.update(own)
        kept.append(index)
    return drop_far_off(page, kept, likely)


def drop_far_off(page, kept, likely, far=30, small=0.2, sure=0.95):
    """What the program does with a few lines far from the rest."""
    places = []
    for index in kept:
        if not places or index - places[-1][-1] > far:
            places.append([])
        places[-1].append(index)
    length = {id(place): sum(len(page.tokens[index]) for index in place) for place in places}
    total, longest = sum(length.values()), max(length.values(), default=0)
    out = []
    for place in places:
        own = length[id(place)]
        if own == longest or own >= small * total or max(likely[index] for index in place) >= sure:
            out += place
    return out


def read_pages(args, scorer):
    pickled = Path(args.cache) / "pages.pickle"
    if pickled.exists() and not args.fresh:
        return pickle.loads(pickled.read_bytes())
    pages, names = [], None
    for dataset in FULL + ("trafilatura",):
        manifest = Path(args.corpus) / dataset / "manifest.jsonl"
        records = [json.loads(line) for line in open(manifest, encoding="utf-8")]
        cache = Path(args.cache) / f"{dataset}.blocks.jsonl"
        if args.fresh or not cache.exists():
            with open(cache, "wb") as out:
                subprocess.run([args.program, "extract", "--batch", manifest, "--blocks"], stdout=out, check=True)
        for record, line in zip(records, open(cache, "rb")):
            answer = orjson.loads(line)
            names = names or answer["names"]
            page = Page(record, answer, scorer["toks"], len(names))
            if record["expected"].get("body"):
                page.label(scorer["toks"])
            else:
                page.label_snippets(scorer["norm"])
            pages.append(page)
    pickled.write_bytes(pickle.dumps((pages, names)))
    return pages, names


def learn_words(pages):
    """A weight for each word of class and id that occurs on at least four sites."""
    sites = collections.defaultdict(set)
    for page in pages:
        for words in page.words:
            for word in set(words):
                sites[word].add(page.site)
    vocabulary = {word: index for index, word in enumerate(sorted(word for word, on in sites.items() if len(on) >= 4))}
    # Blocks with the same words and the same label are one row.
    rows = {}
    for page in pages:
        for words, label, weight in zip(page.words, page.labels, page.weights):
            if weight > 0:
                key = (tuple(words), int(label))
                rows[key] = rows.get(key, 0.0) + float(weight)
    matrix = count_words([words for words, _ in rows], vocabulary)
    weights = np.array(list(rows.values()))
    count = sum(int((page.weights > 0).sum()) for page in pages)
    model = LogisticRegression(C=0.02, solver="liblinear", random_state=1, tol=1e-3)
    model.fit(matrix, np.array([label for _, label in rows]), sample_weight=weights * count / weights.sum())
    return {word: float(model.coef_[0][index]) for word, index in vocabulary.items() if abs(model.coef_[0][index]) > 0.05}


def count_words(lists, vocabulary):
    rows, columns = [], []
    for row, words in enumerate(lists):
        for word in words:
            index = vocabulary.get(word)
            if index is not None:
                rows.append(row)
                columns.append(index)
    data = np.ones(len(rows))
    return scipy.sparse.csr_matrix((data, (rows, columns)), shape=(len(lists), len(vocabulary)))


def worth_learning(page, far=40):
    """The blocks in and around the article, and of the others every third, which then counts for three."""
    count = len(page.labels)
    keep, scale = np.zeros(count, bool), np.ones(count, np.float32)
    positive = np.flatnonzero(page.labels)
    if len(positive):
        keep[max(0, positive.min() - far) : min(count, positive.max() + far)] = True
    rest = np.flatnonzero(~keep & (page.weights > 0))
    some = rest[::3]
    keep[some] = True
    if len(some):
        scale[some] = len(rest) / len(some)
    keep &= page.weights > 0
    return keep, (page.weights * scale)[keep]


def with_words(page, table, names):
    features = page.features.copy()
    sums = np.zeros((len(page.words), 3), dtype=np.float32)
    for index, words in enumerate(page.words):
        for word in words:
            sums[index, int(word[0])] += table.get(word, 0.0)
    features[:, names.index("words_learnt")] = sums.sum(axis=1)
    for band in range(3):
        features[:, names.index(f"words_learnt:{band}")] = sums[:, band]
    return features


def fold_of(page, parts=PARTS):
    return sum(page.site.encode()) * 7919 % 10007 % parts


def fit(features, labels, weights, args, seed=1):
    data = lightgbm.Dataset(features, labels, weight=weights * len(weights) / weights.sum())
    parameters = dict(
        objective="binary", learning_rate=args.rate, max_depth=args.depth, num_leaves=args.leaves, max_bin=63,
        min_data_in_leaf=40, min_sum_hessian_in_leaf=1.0, feature_fraction=0.5, bagging_fraction=0.8, bagging_freq=1,
        lambda_l2=5.0, seed=seed, deterministic=True, force_row_wise=True, num_threads=args.threads, verbose=-1)
    return lightgbm.train(parameters, data, num_boost_round=args.trees)


def train(pages, names, args):
    """Words first, out of fold, then the trees on top: several parties, each from its own seed."""
    tables = [learn_words([page for page in pages if fold_of(page) != part]) for part in range(PARTS)]
    chosen = [(page, *worth_learning(page)) for page in pages]
    features = np.concatenate([with_words(page, tables[fold_of(page)], names)[keep] for page, keep, _ in chosen])
    labels = np.concatenate([page.labels[keep] for page, keep, _ in chosen])
    weights = np.concatenate([weights for _, _, weights in chosen])
    boosters = [fit(features, labels, weights, args, seed) for seed in range(1, args.seeds + 1)]
    return boosters, learn_words(pages)


def predict(boosters, features):
    """The mean of the parties' scores; the program stops at the first when that is certain, which changes no choice."""
    return 1 / (1 + np.exp(-np.mean([booster.predict(features, raw_score=True) for booster in boosters], axis=0)))


def validate(pages, names, args):
    """Likelihoods of blocks by models that never saw their site; with --end-to-end also the program's answers by those models."""
    likely = {}
    if args.end_to_end:
        Path(args.end_to_end).write_bytes(b"")
    for part in range(PARTS):
        boosters, table = train([page for page in pages if fold_of(page) != part], names, args)
        held_out = [page for page in pages if fold_of(page) == part]
        for page in held_out:
            likely[page.id] = predict(boosters, with_words(page, table, names)) if page.texts else np.zeros(0)
        if args.end_to_end:
            model, manifest = Path(args.cache) / f"part{part}.model.txt", Path(args.cache) / f"part{part}.manifest.jsonl"
            write(model, boosters, table, names, args.threshold)
            with open(manifest, "w") as out:
                for page in held_out:
                    html = Path(args.corpus).resolve() / page.dataset / page.record["html"]
                    out.write(json.dumps(dict(id=page.id, url=page.record.get("url"), html=str(html))) + "\n")
    if args.end_to_end:
        answer(args)
    return likely


def answer(args):
    with open(args.end_to_end, "wb") as out:
        for part in range(PARTS):
            model, manifest = Path(args.cache) / f"part{part}.model.txt", Path(args.cache) / f"part{part}.manifest.jsonl"
            subprocess.run([args.program, "extract", "--batch", manifest, "--model", model], stdout=out, check=True)


def report(pages, likely, scorer, thresholds):
    shingles, over, prf, toks = scorer["shingles"], scorer["over"], scorer["prf"], scorer["toks"]
    for threshold in thresholds:
        rows = collections.defaultdict(list)
        for page in pages:
            if not page.record["expected"].get("body"):
                continue
            kept = choose(page, likely[page.id], threshold)
            body = "\n\n".join(page.texts[index] for index in kept)
            scored, _ = scorer["score_page"](page.record, {"body": body}, {})
            for group in (page.dataset, "core" if page.core else "blogs"):
                rows[group].append((scored["sh4_f1"], scored["sh4_p"] or 0.0, scored["sh4_r"]))
        print(f"threshold {threshold}")
        for group in ("core", "blogs") + FULL:
            values = np.array(rows[group])
            f = values[:, 0]
            print(f"  {group:12s} n {len(f):4d} F1 {f.mean():.4f} P {values[:, 1].mean():.4f} R {values[:, 2].mean():.4f} "
                  f">.95 {(f >= .95).mean():.3f} <.5 {(f < .5).mean():.3f}")


def write(path, boosters, table, names, threshold):
    """The model as text: names, words, trees in pre-order."""
    lines = ["# Written by tools/train-body.py; do not edit.", f"threshold {threshold}", "features " + " ".join(names), f"words {len(table)}"]
    lines += [f"{word} {weight:.3f}" for word, weight in sorted(table.items())]
    for booster in boosters:
        trees = booster.dump_model()["tree_info"]
        lines.append(f"trees {len(trees)}")
        for tree in trees:
            nodes = []

            def walk(node):
                if "leaf_value" in node and "split_feature" not in node:
                    nodes.append(f"={node['leaf_value'] / len(boosters):.5g}")
                    return
                # Every split is `feature <= threshold`, left when it holds.
                assert node["decision_type"] == "<="
                nodes.append(f"{node['split_feature']}:{node['threshold']:.6g}")
                walk(node["left_child"])
                walk(node["right_child"])

            walk(tree["tree_structure"])
            lines.append(" ".join(nodes))
    Path(path).write_text("\n".join(lines) + "\n")
    print(f"{path}: {Path(path).stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--score", required=True)
    parser.add_argument("--program", default="target/release/wireroom")
    parser.add_argument("--cache", default="target")
    parser.add_argument("--fresh", action="store_true", help="measure the blocks anew")
    parser.add_argument("--write", metavar="MODEL", help="train on everything and write the model")
    parser.add_argument("--trees", type=int, default=80)
    parser.add_argument("--depth", type=int, default=5)
    parser.add_argument("--leaves", type=int, default=16)
    parser.add_argument("--rate", type=float, default=0.12)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--threshold", type=float, default=0.6)
    parser.add_argument("--end-to-end", metavar="PRED", help="write the program's answers by the held-out models, for the scorer")
    parser.add_argument("--again", action="store_true", help="with --end-to-end: use the models of the last run")
    parser.add_argument("--snippet-weight", type=float, default=0.3)
    parser.add_argument("--worst", type=int, default=0)
    args = parser.parse_args()
    if args.again:
        answer(args)
        return
    scorer = load_scorer(args.score)
    pages, names = read_pages(args, scorer)
    print(f"{len(pages)} pages, {sum(len(page.texts) for page in pages)} blocks, {len(names)} features, {len({page.site for page in pages})} sites")
    for page in pages:
        if not page.record["expected"].get("body"):
            page.weights *= args.snippet_weight
    pages = [page for page in pages if page.weights.sum() > 0 or page.record["expected"].get("body")]
    if args.write:
        boosters, table = train(pages, names, args)
        write(args.write, boosters, table, names, args.threshold)
        return
    oracle = {page.id: page.labels.astype(float) for page in pages}
    print("perfect labels:")
    report(pages, oracle, scorer, [0.5])
    likely = validate(pages, names, args)
    report(pages, likely, scorer, [0.45, 0.5, 0.55, 0.6])


main()
