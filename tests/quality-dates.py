"""Every date of the feeds corpus, read by us and told by others: `quality-dates.py BINARY SHARED_DIR OUT_DIR`.

Two comparisons. The entries' dates as the binary read them (OUT_DIR/feeds.jsonl) with the records' expectations; and
every date string that stands in a document, put into one feed of our own making, with what Python's email.utils and
datetime read. Refusing costs little, a different instant much: each `differ` is printed. Standard library only.
Argued: the records of one feed (2020/1/10 14:33:00) were made by a reader that took it for the first of November, two
others prefer another element; Python has dates in the year 1 and in 2103, which no page means.
"""
import collections
import datetime
import email.utils
import html
import json
import pathlib
import re
import subprocess
import sys

ELEMENT = re.compile(
    rb"<(?:[\w-]+:)?(pubDate|date|published|updated|lastmod|publication_date|modified|issued|created|lastBuildDate)\b[^>]*>"
    rb"\s*(?:<!\[CDATA\[)?\s*([^<]{1,120}?)\s*(?:\]\]>)?\s*<",
    re.I,
)
MEMBER = re.compile(rb'"(date_published|date_modified)"\s*:\s*"([^"]*)"')


def instant(text):
    """Seconds since 1970 of an ISO 8601 date, UTC where it has no zone."""
    try:
        time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (ValueError, AttributeError):
        return None
    return int((time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)).timestamp())


def told(text):
    """What Python reads, or None. email.utils takes rubbish for dates, so that it is asked only about its own form."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?\s*([Zz]|[+-]\d\d:?\d\d)?)?", text):
        return instant(text.upper().replace(" ", "T", 1).replace(" ", ""))
    if not re.match(r"([A-Za-z]{3},?\s+)?\d{1,2}\s+[A-Za-z]{3,9}\s+\d{2,4}\s+\d\d?:\d\d", text) or re.search(r"[+-]\d\d:\d\d$", text):
        return None  # it drops an offset with a colon
    try:
        time = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return int((time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)).timestamp())


def compare(pairs, name):
    count = collections.Counter()
    for label, ours, theirs in pairs:
        if theirs is None:
            verdict = "only ours" if ours is not None else "neither"
        elif ours is None:
            verdict = "refused"
        else:
            verdict = "agree" if ours == theirs else "differ"
        count[verdict] += 1
        if verdict in ("refused", "differ"):
            print(f"  {verdict}: {label}: {ours}, not {theirs}")
    print(f"{name}: " + ", ".join(f"{verdict} {count[verdict]}" for verdict in ("agree", "refused", "differ", "only ours", "neither")))
    return count


def expectations(records, predictions):
    found = {}
    for line in predictions.read_text().splitlines():
        one = json.loads(line)
        found[one["id"]] = one.get("entries") or []
    for line in records.read_text().splitlines():
        record = json.loads(line)
        wanted, ours = record["expected"].get("entries") or [], found.get(record["id"], [])
        if len(wanted) > len(ours):
            continue
        for entry, own in zip(wanted, ours):
            for field in ("published", "updated"):
                if entry.get(field):
                    yield f"{record['id']} {field}", instant(own.get(field)), instant(entry[field])


def strings(documents, binary, out):
    texts = set()
    for path in sorted(documents.iterdir()):
        content = path.read_bytes()
        for pattern in (ELEMENT, MEMBER):
            for match in pattern.finditer(content):
                text = match.group(2)
                texts.add(" ".join(html.unescape(text.decode("utf-8", "replace")).split()))
    texts = sorted(texts)
    items = "".join(f"<item><guid>{number}</guid><pubDate>{html.escape(text)}</pubDate></item>\n" for number, text in enumerate(texts))
    (out / "dates.xml").write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>Dates</title>\n{items}</channel></rss>\n')
    (out / "dates-records.jsonl").write_text(json.dumps({"id": "dates", "file": "dates.xml"}) + "\n")
    answer = subprocess.run([binary, "feed", "--batch", out / "dates-records.jsonl"], check=True, capture_output=True, text=True).stdout
    entries = json.loads(answer)["entries"]
    assert len(entries) == len(texts), f"{len(entries)} entries of {len(texts)}"
    for text, entry in zip(texts, entries):
        yield repr(text), instant(entry.get("published")), told(text)


def main():
    binary, shared, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    corpus = shared / "corpora" / "feeds"
    by_records = compare(expectations(corpus / "records.jsonl", out / "feeds.jsonl"), "dates, against the records")
    by_python = compare(strings(corpus / "docs", binary, out), "date strings, against Python")
    figures = {
        "dates.right": by_python["agree"] / (by_python["agree"] + by_python["differ"]),
        "dates.read": by_python["agree"] / (by_python["agree"] + by_python["differ"] + by_python["refused"]),
        "dates.expected": by_records["agree"] / (by_records["agree"] + by_records["differ"] + by_records["refused"]),
    }
    (out / "dates.json").write_text(json.dumps(figures))


main()
