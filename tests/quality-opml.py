"""Lists of feeds: how many of the expected outlines `import` finds. `quality-opml.py BIN SHARED OUT_DIR`."""
import json
import pathlib
import subprocess
import sys


def main():
    binary, shared, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    corpus = shared / "corpora" / "feeds"
    documents = refused = expected = found = titles = extra = 0
    for line in (corpus / "records.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record.get("kind") != "opml":
            continue
        documents += 1
        run = subprocess.run([binary, "import", str(corpus / record["file"]), "--json"], capture_output=True, text=True)
        if run.returncode:
            refused += 1
            print(f"refused: {record['id']}: {run.stderr.strip()}")
        feeds = json.loads(run.stdout)["feeds"] if run.returncode == 0 else []
        read = {feed["url"]: feed["title"] for feed in feeds if feed["kind"] != "home"}
        wanted = record["expected"]["entries"]
        for entry in wanted:
            expected += 1
            if entry["link"] in read:
                found += 1
                titles += read[entry["link"]] == entry.get("title")
            else:
                print(f"missed: {record['id']}: {entry['link']}")
        extra += max(0, len(read) - len(wanted))
    print(f"{documents} lists, {refused} refused; {found} of {expected} outlines found, {titles} with their title; {extra} too many")
    figures = {"opml.outlines": found / max(expected, 1), "opml.titles": titles / max(expected, 1)}
    (out / "opml.json").write_text(json.dumps(figures))


main()
