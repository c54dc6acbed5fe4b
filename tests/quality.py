"""Compares the scorers' figures with the floors: `quality.py OUT_DIR FLOORS`. Standard library only."""
import json
import pathlib
import sys


def feed_figures(path):
    rows = json.loads(path.read_text())
    every, own = rows["ALL"], rows["ALL-author"]
    yield "feeds.parsed", every["parsed"] / every["docs"]
    yield "feeds.entries", every["ent_found"] / every["ent_exp"]
    yield "feeds.perfect_own", own["perfect"] / own["docs"]
    yield "feeds.refused", every["rej_ok"] / every["rej_n"]
    for name, (right, asked) in every["fields"].items():
        yield f"feeds.{name}", right / asked


def page_figures(path):
    rows = json.loads(path.read_text())
    (run,) = rows.values()
    for name, figure in run["TOTAL"].items():
        if isinstance(figure, dict) and "mean" in figure:
            yield f"pages.{name}", figure["mean"]


def main():
    out, floors = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    figures = dict(feed_figures(out / "feeds.json")) | dict(page_figures(out / "pages.json"))
    for further in ("dates.json", "addresses.json", "opml.json", "dedup.json"):
        figures |= json.loads((out / further).read_text())
    low = 0
    for line in floors.read_text().splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, floor = line.split()
        figure = figures.get(name)
        fine = figure is not None and figure >= float(floor)
        low += not fine
        print(f"{'ok  ' if fine else 'LOW '} {name:24} {'missing' if figure is None else f'{figure:.4f}'} (floor {floor})")
    print(f"{'all floors hold' if not low else f'{low} figures are under their floor'}")
    sys.exit(1 if low else 0)


main()
