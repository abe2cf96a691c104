"""The peer: the same morning's reading in Python, with feedparser, trafilatura and SQLite's FTS5.

Reads the outlets' channels from a feeds.toml, fetches every feed, sitemap and section page and then every
article page over HTTP, extracts title, lead, body, authors and date, and stores and indexes them. It leaves out
what has no peer here (topics, flags, stories, the edition), so it does less than `diembao run`, not more.

    python peer.py feeds.toml peer.db

Prints one JSON object: articles, articles per second, CPU milliseconds per article (user + system of this
process, interpreter start and imports included), peak RSS, and the seconds of each step.
"""

import json
import re
import resource
import sqlite3
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import feedparser
import trafilatura
import urllib3
from lxml import etree, html

FETCHERS = 16
BATCH = 200
TRACKING = re.compile(r"^(utm_|fbclid$|gclid$)")

pool = urllib3.PoolManager(num_pools=64, maxsize=FETCHERS, timeout=urllib3.Timeout(connect=10, read=30), retries=1)


def fetch(url):
    """The body at that address, or None."""
    try:
        answer = pool.request("GET", url, headers={"Accept-Encoding": "gzip", "User-Agent": "peer/1"})
    except urllib3.exceptions.HTTPError:
        return None
    return answer.data if answer.status == 200 and len(answer.data) < 10_000_000 else None


def canonical(url):
    """Without fragment and tracking parameters."""
    parts = urlsplit(url)
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.match(k)])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def read_feed(body):
    for entry in feedparser.parse(body).entries:
        if entry.get("link"):
            yield entry.link, entry.get("title", ""), entry.get("summary", "")


def read_json_feed(body):
    for item in json.loads(body).get("items", []):
        yield item["url"], item.get("title", ""), item.get("summary", "")


def read_sitemap(body):
    root = etree.fromstring(body)
    children = [loc.text for loc in root.iterfind(".//{*}sitemap/{*}loc")]
    for child in children:
        if (inner := fetch(child)) is not None:
            yield from read_sitemap(inner)
    for loc in root.iterfind(".//{*}url/{*}loc"):
        yield loc.text, "", ""


def read_section(body, channel):
    pattern = re.compile(channel.get("pattern", "."))
    for link in html.fromstring(body.decode("utf-8", "replace")).iterfind(".//a[@href]"):
        url = urljoin(channel["url"], link.get("href"))
        if pattern.search(url):
            yield url, link.text_content(), ""


def read_channel(outlet, channel, body):
    if channel["kind"] == "sitemap":
        found = read_sitemap(body)
    elif channel["kind"] == "section":
        found = read_section(body, channel)
    elif body.lstrip()[:1] == b"{":
        found = read_json_feed(body)
    else:
        found = read_feed(body)
    return [(canonical(url), outlet["id"], title, summary) for url, title, summary in found]


def extract(item, body):
    url, outlet, title, summary = item
    document = trafilatura.bare_extraction(body, url=url, with_metadata=True, include_comments=False)
    if document is None or not document.text:
        return None
    lead = document.description or summary
    return (url, outlet, document.title or title, lead, document.text, document.author or "", document.date or "")


def open_store(path):
    db = sqlite3.connect(path)
    db.executescript(
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE article (id INTEGER PRIMARY KEY, url TEXT UNIQUE, outlet TEXT, title TEXT, lead TEXT, body TEXT,
                              author TEXT, published TEXT);
        CREATE VIRTUAL TABLE accented USING fts5(title, lead, body, content='article', content_rowid='id',
                                                 tokenize="unicode61 remove_diacritics 0");
        CREATE VIRTUAL TABLE folded USING fts5(title, lead, body, content='article', content_rowid='id',
                                               tokenize="unicode61 remove_diacritics 2");
        """
    )
    return db


def store(db, rows):
    for row in rows:
        cursor = db.execute("INSERT OR IGNORE INTO article VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", row)
        if cursor.rowcount:
            for index in ("accented", "folded"):
                text = (cursor.lastrowid, *row[2:5])
                db.execute(f"INSERT INTO {index} (rowid, title, lead, body) VALUES (?, ?, ?, ?)", text)
    db.commit()


def main(feeds, path):
    started = time.monotonic()
    with open(feeds, "rb") as file:
        outlets = tomllib.load(file)["outlet"]
    channels = [(outlet, channel) for outlet in outlets for channel in outlet["channel"]]
    db = open_store(path)
    with ThreadPoolExecutor(FETCHERS) as threads:
        items = {}
        for (outlet, channel), body in zip(channels, threads.map(lambda c: fetch(c[1]["url"]), channels)):
            for item in read_channel(outlet, channel, body) if body is not None else ():
                items.setdefault(item[0], item)
        collected = time.monotonic()
        waiting, n_unread = list(items.values()), 0
        for first in range(0, len(waiting), BATCH):
            batch = waiting[first : first + BATCH]
            bodies = threads.map(lambda item: fetch(item[0]), batch)
            rows = [extract(item, body) if body is not None else None for item, body in zip(batch, bodies)]
            n_unread += rows.count(None)
            store(db, [row for row in rows if row is not None])
    ended = time.monotonic()
    (n_articles,) = db.execute("SELECT count(*) FROM article").fetchone()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.ru_utime + usage.ru_stime
    print(
        json.dumps(
            {
                "articles": n_articles,
                "unread": n_unread,
                "seconds": round(ended - started, 2),
                "articles_per_second": round(n_articles / (ended - started), 1),
                "cpu_ms_per_article": round(1000 * cpu / max(n_articles, 1), 2),
                "peak_rss_mb": round(usage.ru_maxrss / 1024),
                "steps": {"collect": round(collected - started, 2), "pages": round(ended - collected, 2)},
            }
        )
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python peer.py feeds.toml NEW.db")
    main(sys.argv[1], sys.argv[2])
