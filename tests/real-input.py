"""Serves labelled pages with one feed each on loopback and ingests them: `real-input.py PAGES_DIR WIREROOM`."""
import gzip
import http.server
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import threading
from xml.sax.saxutils import escape

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Feed {n}</title><link>http://{host}/</link><description/>
<item><title>Entry {n}</title><link>http://{host}/page/{n}</link><guid isPermaLink="false">{id}</guid></item>
</channel></rss>"""


def main():
    folder, binary = pathlib.Path(sys.argv[1]), sys.argv[2]
    records = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]

    class Web(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            status, kind, body = 404, "text/plain", b"no such page"
            _, what, *rest = self.path.split("/")
            if what in ("feed", "page") and rest and rest[0].isdigit() and int(rest[0]) < len(records):
                record = records[int(rest[0])]
                status = 200
                if what == "feed":
                    kind = "application/rss+xml"
                    body = FEED.format(n=rest[0], host=self.headers["Host"], id=escape(record["id"])).encode()
                else:
                    kind = "text/html"
                    body = (folder / record["html"]).read_bytes()
                    body = gzip.decompress(body) if record["html"].endswith(".gz") else body
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{web.server_address[1]}"
    with tempfile.TemporaryDirectory() as work:
        config = pathlib.Path(work, "wireroom.toml")
        lines = [
            f'[store]\nurl = "sqlite:{work}/ledger.db"\n[fetch]\ncontact = "mailto:test@example.net"\n'
            f'per_host_delay = "0s"\nper_host_connections = 8\nallow_private = ["{host}"]\n'
        ]
        lines += [f'[[source]]\nname = "s{n}"\nfeed = "http://{host}/feed/{n}"\n' for n in range(len(records))]
        config.write_text("\n".join(lines))
        subprocess.run([binary, "once", "--config", config], check=True)
        ledger = sqlite3.connect(f"file:{work}/ledger.db?mode=ro", uri=True)
        states = dict(ledger.execute("select state, count(*) from entries group by 1"))
        whole = ledger.execute("select count(*) from articles where title <> '' and body <> ''").fetchone()[0]
        dated, signed = ledger.execute("select count(published_at), sum(authors <> '[]') from articles").fetchone()
        for url, reason in ledger.execute("select url, reason from entries where state <> 'filed'"):
            print("not filed:", records[int(url.rsplit("/", 1)[1])]["id"], reason)
        for (url,) in ledger.execute("select url from articles where coalesce(title, '') = '' or coalesce(body, '') = ''"):
            print("without title or body:", records[int(url.rsplit("/", 1)[1])]["id"])
    share = whole / len(records)
    print(f"{len(records)} pages: entries {states}; with title and body {whole} ({share:.1%}); dated {dated}; signed {signed}")
    if states != {"filed": len(records)} or share < 0.95:
        sys.exit("real input: FAILED")


main()
