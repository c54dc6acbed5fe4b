-- The ledger. Tables are ours and may change; the views at the end are public (docs/schema.md).
-- Times are UTC text of one width, so that they sort; '' stands before every time and means "at once" or "never yet".

-- One number for every change of an article, a story or a revision.
CREATE TABLE sequence (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    value INTEGER NOT NULL
) STRICT;
INSERT INTO sequence (one, value) VALUES (1, 0);

-- Single facts about the ledger as a whole.
CREATE TABLE memo (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    agency   TEXT NOT NULL,
    named    INTEGER NOT NULL,              -- stands in the configuration
    enabled  INTEGER NOT NULL,              -- stands there and is switched on
    added_at TEXT NOT NULL,
    stale_since TEXT                        -- its last sign of life, while it is silent against its own rhythm
) STRICT;

-- Manners towards one host, and when its next feed and its next page may be asked for.
CREATE TABLE host (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    next_fetch_at  TEXT NOT NULL DEFAULT '', -- the next page's turn
    next_feed_at   TEXT NOT NULL DEFAULT '', -- the next feed's turn: feeds never queue behind pages
    retry_until    TEXT NOT NULL DEFAULT '', -- Retry-After of the host
    delay_us       INTEGER,                  -- Crawl-delay of the host
    slowed_us      INTEGER,                  -- distance learnt from its slowness and its errors
    robots_failing_since TEXT,               -- since when its robots.txt cannot be had
    -- Derived by one statement (hosts::settle) after every change, so that a claim finds its host by one index step:
    poll_due_at     TEXT,                    -- when the next feed that is due may be claimed; null: none waits
    poll_turn_at    TEXT,                    -- when any feed may be
    poll_asked_at   TEXT,                    -- the longest time ago that a waiting feed was polled
    scrape_due_at   TEXT,                    -- the same for pages
    scrape_turn_at  TEXT,
    scrape_asked_at TEXT
) STRICT;
CREATE INDEX host_poll_due     ON host (poll_due_at)     WHERE poll_due_at     IS NOT NULL;
CREATE INDEX host_poll_asked   ON host (poll_asked_at)   WHERE poll_asked_at   IS NOT NULL;
CREATE INDEX host_scrape_due   ON host (scrape_due_at)   WHERE scrape_due_at   IS NOT NULL;
CREATE INDEX host_scrape_asked ON host (scrape_asked_at) WHERE scrape_asked_at IS NOT NULL;

-- robots.txt stands apart, so that a turn taken does not rewrite it.
CREATE TABLE robots (
    host_id INTEGER PRIMARY KEY REFERENCES host (id) ON DELETE CASCADE,
    body    BLOB,
    until   TEXT,
    etag          BLOB,                      -- the validators it came with
    last_modified BLOB
) STRICT;

-- One look through the older pages of a source: its sitemaps and archives, for the entries of a stretch of time.
CREATE TABLE walk (
    id            INTEGER PRIMARY KEY,
    source_id     INTEGER NOT NULL REFERENCES source (id),
    reason        TEXT NOT NULL CHECK (reason IN ('gap', 'backfill')),
    from_at       TEXT NOT NULL DEFAULT '', -- '': no limit
    to_at         TEXT NOT NULL DEFAULT '',
    asked_at      TEXT NOT NULL,
    begun_at      TEXT,                     -- null: another walk of the source comes first
    ended_at      TEXT,
    pages         INTEGER NOT NULL DEFAULT 0, -- known so far
    pages_read    INTEGER NOT NULL DEFAULT 0,
    pages_failed  INTEGER NOT NULL DEFAULT 0,
    entries_found INTEGER NOT NULL DEFAULT 0, -- within the stretch
    entries_new   INTEGER NOT NULL DEFAULT 0,
    cut_short     INTEGER NOT NULL DEFAULT 0  -- it led to more pages than a walk may have
) STRICT;
CREATE INDEX walk_open   ON walk (source_id) WHERE ended_at IS NULL;
CREATE INDEX walk_window ON walk (source_id, reason, from_at, to_at);
CREATE INDEX walk_begun  ON walk (source_id, begun_at) WHERE reason = 'gap';
CREATE INDEX walk_ended  ON walk (ended_at) WHERE reason = 'gap';

CREATE TABLE feed (
    id               INTEGER PRIMARY KEY,
    source_id        INTEGER NOT NULL REFERENCES source (id),
    url              TEXT NOT NULL,
    kind             TEXT NOT NULL,
    host_id          INTEGER NOT NULL REFERENCES host (id),
    named            INTEGER NOT NULL,       -- stands in the configuration
    active           INTEGER NOT NULL,       -- its source is enabled, and it is named or was found and is to be read now
    title            TEXT,
    etag             BLOB,                   -- validators vouch for what is in the ledger, byte for byte
    last_modified    BLOB,
    body_hash        BLOB,
    failures         INTEGER NOT NULL DEFAULT 0,
    rhythm           TEXT NOT NULL DEFAULT '{}',
    epoch            INTEGER NOT NULL DEFAULT 0,
    unsettled        INTEGER NOT NULL DEFAULT 0, -- claims in a row without a commit
    lease_until      TEXT,
    next_poll_at     TEXT NOT NULL,
    next_why         TEXT,
    forbidden_before TEXT NOT NULL DEFAULT '',
    last_poll_at     TEXT NOT NULL DEFAULT '',
    last_success_at  TEXT,
    class            TEXT,
    reason           TEXT,
    failing_since    TEXT,                   -- the first of the failures in a row
    diagnostics      TEXT,                   -- what its last document needed, JSON; null: nothing
    mended_since     TEXT,                   -- since when every document needed something
    entries_refused  INTEGER NOT NULL DEFAULT 0, -- elements that could not be read, each counted once
    bytes_lost       INTEGER NOT NULL DEFAULT 0, -- over all documents
    moved_to         TEXT,
    lives_at         TEXT,                   -- the address asked instead of `url`, after it was moved there for good often enough
    rests_on         INTEGER REFERENCES feed (id), -- the feed that is asked at `lives_at` already: this one is looked at now and then, at `url`
    -- Pages that a document leads to: the sitemaps of an index, the archives of a feed. They rest between two reads.
    parent_id        INTEGER REFERENCES feed (id), -- the document that led to it
    depth            INTEGER NOT NULL DEFAULT 0,
    looks_back       INTEGER NOT NULL DEFAULT 1,   -- not all was seen yet of what it listed before the source was followed
    listed_at        TEXT,                         -- what its index said of its last change when it was last set going
    followed         INTEGER NOT NULL DEFAULT 0,   -- asked for with every poll of its index
    brought          INTEGER NOT NULL DEFAULT 0,   -- news of the pages it led to since it was last read
    chain_oldest     TEXT,                         -- the oldest date on the pages of a feed that led here one after the other
    chain_stalled    INTEGER NOT NULL DEFAULT 0,   -- and how many of them in a row led no further back
    wanted_from      TEXT,                         -- entries before this instant are not wanted; null: not decided yet
    walk_id          INTEGER REFERENCES walk (id), -- the last walk that wanted it
    walk_open        INTEGER NOT NULL DEFAULT 0,   -- and has not read it yet
    home_id          INTEGER REFERENCES feed (id), -- the home page it was discovered on: as good as named while that one is
    -- What the planner learnt of its hours, packed, and what it would take of the budget at some levels of effort.
    habits           BLOB,
    costs            BLOB,
    UNIQUE (source_id, url)
) STRICT;
CREATE INDEX feed_parent  ON feed (parent_id)             WHERE parent_id IS NOT NULL;
CREATE INDEX feed_walk    ON feed (walk_id, walk_open, active, named, id) WHERE walk_id IS NOT NULL;
CREATE INDEX feed_rests   ON feed (rests_on)              WHERE rests_on IS NOT NULL;
CREATE INDEX feed_home    ON feed (home_id)               WHERE home_id IS NOT NULL;
CREATE INDEX feed_awake   ON feed (source_id)             WHERE active = 1;
CREATE INDEX feed_due     ON feed (host_id, next_poll_at) WHERE active = 1 AND lease_until IS NULL;
CREATE INDEX feed_turn    ON feed (host_id, named, next_poll_at) WHERE active = 1 AND lease_until IS NULL;
CREATE INDEX feed_asked   ON feed (host_id, last_poll_at) WHERE active = 1 AND lease_until IS NULL;
CREATE INDEX feed_in_hand ON feed (host_id)               WHERE lease_until IS NOT NULL;
CREATE INDEX feed_lease   ON feed (lease_until)           WHERE lease_until IS NOT NULL;

-- The sum of what all feeds would take, kept up with every poll and counted anew at every start and reload.
CREATE TABLE budget (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    feeds INTEGER NOT NULL,
    polls BLOB NOT NULL
) STRICT;
-- What a feed's hub was asked for (WebSub). The path and the secret stand in no view.
CREATE TABLE subscription (
    feed_id         INTEGER PRIMARY KEY REFERENCES feed (id) ON DELETE CASCADE,
    hub             TEXT NOT NULL,
    topic           TEXT NOT NULL,
    path            TEXT NOT NULL UNIQUE,    -- the last part of the callback's path
    secret          TEXT NOT NULL,           -- what the hub signs with
    state           TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'asked', 'active', 'failed', 'denied')),
    epoch           INTEGER NOT NULL DEFAULT 0, -- how often the hub was asked
    confirmed_epoch INTEGER NOT NULL DEFAULT 0, -- which of these requests it confirmed
    next_at         TEXT NOT NULL,           -- when the hub is asked, again or for a renewal
    lease_until     TEXT,
    failures        INTEGER NOT NULL DEFAULT 0,
    class           TEXT,
    reason          TEXT,
    pushes          INTEGER NOT NULL DEFAULT 0, -- that could be read since the last miss
    misses          INTEGER NOT NULL DEFAULT 0, -- polls that found what no push had brought
    due_at          TEXT NOT NULL DEFAULT '', -- when the feed would be asked if no hub told of it
    pushed_at       TEXT,
    deliveries      INTEGER NOT NULL DEFAULT 0,
    last_hash       BLOB                     -- of the body read last
) STRICT;
CREATE INDEX subscription_next ON subscription (next_at);

-- Bodies that hubs delivered, verified, until the poll lane has read them.
CREATE TABLE delivery (
    id           INTEGER PRIMARY KEY,
    feed_id      INTEGER NOT NULL REFERENCES subscription (feed_id) ON DELETE CASCADE,
    received_at  TEXT NOT NULL,
    content_type TEXT,
    attempts     INTEGER NOT NULL DEFAULT 0,
    hash         BLOB NOT NULL,
    body         BLOB NOT NULL
) STRICT;
CREATE INDEX delivery_hash ON delivery (feed_id, hash);

-- What had to be mended in a feed's documents, ever.
CREATE TABLE mended (
    feed_id  INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    step     TEXT NOT NULL,
    polls    INTEGER NOT NULL,              -- documents that needed it
    count    INTEGER NOT NULL,              -- how often in all of them
    first_at TEXT NOT NULL,
    last_at  TEXT NOT NULL,
    PRIMARY KEY (feed_id, step)
) STRICT, WITHOUT ROWID;

-- A stretch of time whose entries a feed no longer listed when it was polled again.
CREATE TABLE gap (
    id         INTEGER PRIMARY KEY,
    feed_id    INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    source_id  INTEGER NOT NULL REFERENCES source (id), -- of the feed
    from_at    TEXT NOT NULL,               -- both ends were seen, what lay between was not
    to_at      TEXT NOT NULL,
    estimated  INTEGER NOT NULL,            -- entries lost, by the feed's turnover
    filled     INTEGER NOT NULL DEFAULT 0,  -- entries of that time that came later from an archive, a sitemap or the feed itself
    reason     TEXT NOT NULL,
    noticed_at TEXT NOT NULL,
    walk_id    INTEGER,                     -- the open walk that has seen an end of it; walks go, gaps stay
    ends_seen  INTEGER NOT NULL DEFAULT 0   -- by that walk: 1 what came after it, 2 what came before it, 3 both in one place
) STRICT;
CREATE INDEX gap_feed    ON gap (feed_id, noticed_at);
CREATE INDEX gap_open    ON gap (source_id, to_at) WHERE filled < estimated;
CREATE INDEX gap_noticed ON gap (noticed_at);

CREATE TABLE article (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again after a take-down
    seq                 INTEGER NOT NULL,
    changed_at          TEXT NOT NULL,
    source_id           INTEGER NOT NULL REFERENCES source (id),
    story_id            INTEGER NOT NULL REFERENCES story (id),
    duplicate_of        INTEGER REFERENCES article (id),
    relation            TEXT,
    evidence            TEXT,
    url_key             TEXT NOT NULL,
    text_hash           BLOB,
    revision            INTEGER NOT NULL,
    extractor_version   INTEGER NOT NULL,
    words               INTEGER NOT NULL,
    body_of             INTEGER REFERENCES article (id),  -- a copy whose body is not kept: where the very text stands
    unspaced            INTEGER NOT NULL,   -- has text in a script without spaces
    stored_at           TEXT NOT NULL,
    fetched_at          TEXT NOT NULL,
    published_at        TEXT,
    published_offset    TEXT,
    published_precision TEXT,
    zone_source         TEXT,
    modified_at         TEXT,
    retracted_at        TEXT,               -- when its page was found to be withdrawn
    ordered_at          TEXT AS (coalesce(published_at, stored_at)) VIRTUAL,
    url                 TEXT NOT NULL,
    canonical_url       TEXT,
    dateline_place      TEXT,
    dateline_date       TEXT,
    dateline_agency     TEXT,
    section             TEXT,
    image               TEXT,
    language            TEXT,
    credit              TEXT,
    authors             TEXT NOT NULL,
    tags                TEXT NOT NULL,
    notes               TEXT,               -- this and the lists below: JSON, null where there is nothing
    captions            TEXT,
    free                INTEGER,
    live                INTEGER NOT NULL,
    marker              TEXT,
    cut                 TEXT,               -- lines cut as learnt boilerplate
    provenance          TEXT,
    reservations        TEXT,
    title               TEXT,
    summary             TEXT,
    body                TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX article_seq    ON article (seq);
CREATE INDEX article_source        ON article (source_id);
CREATE INDEX article_story         ON article (story_id, ordered_at, source_id);
CREATE INDEX article_reader        ON article (extractor_version);
CREATE INDEX article_body          ON article (body_of) WHERE body_of IS NOT NULL;
CREATE INDEX article_duplicate     ON article (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX article_text          ON article (text_hash) WHERE text_hash IS NOT NULL;

-- Sampled shingles of the texts of the window, by which near-copies are found: one row a text. What searches them follows
-- by `seq` and holds them in memory (docs/decisions/0009-index-of-near-copies.md); a text that left the window has no row.
CREATE TABLE sample (
    seq        INTEGER PRIMARY KEY,         -- the change that brought the text
    article_id INTEGER NOT NULL UNIQUE REFERENCES article (id) ON DELETE CASCADE,
    filed_at   INTEGER NOT NULL,            -- seconds since 1970
    hashes     BLOB NOT NULL                -- four bytes each, big-endian, ascending
) STRICT;
CREATE INDEX sample_filed ON sample (filed_at);

-- Stories joined and parted by hand, as pairs of their articles. The later word on a pair is the one that stands.
CREATE TABLE ruling (
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    other_id   INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    same       INTEGER NOT NULL,            -- 1: must be one story; 0: must never be
    at         TEXT NOT NULL,
    PRIMARY KEY (article_id, other_id),
    CHECK (article_id < other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ruling_other ON ruling (other_id);

-- Articles that were filed although newer ones had come which they were not judged against: they are judged again.
CREATE TABLE unreconciled (
    article_id INTEGER PRIMARY KEY REFERENCES article (id) ON DELETE CASCADE
) STRICT;

-- Which article a page's key names. A key belongs to one article.
CREATE TABLE article_key (
    key        TEXT PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    own        INTEGER NOT NULL             -- a page was read there; 0: a canonical URL names it, and that is all
) STRICT, WITHOUT ROWID;
CREATE INDEX article_key_article ON article_key (article_id);

CREATE TABLE story (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    seq            INTEGER NOT NULL,
    changed_at     TEXT NOT NULL,
    origin_article INTEGER NOT NULL,        -- an article of the story
    articles       INTEGER NOT NULL,
    sources        INTEGER NOT NULL,
    first_at       TEXT NOT NULL,
    last_at        TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX story_seq ON story (seq);

-- The last revision's title and body stand in `article`; here they are null until a later revision replaces them.
CREATE TABLE revision (
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    revision   INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    seen_at    TEXT NOT NULL,
    change     TEXT NOT NULL CHECK (change IN ('first', 'updated', 'corrected', 'retracted')),
    raw_month  TEXT,                        -- where its page as fetched is kept, in the file beside the ledger
    raw_hash   BLOB,
    raw_more   TEXT,                        -- further pages of an article in parts: month and hash, JSON
    title      TEXT,
    body       TEXT,
    PRIMARY KEY (article_id, revision)
) STRICT;
CREATE UNIQUE INDEX revision_seq ON revision (seq);

CREATE TABLE entry (
    id              INTEGER PRIMARY KEY,
    source_id       INTEGER NOT NULL REFERENCES source (id),
    feed_id         INTEGER NOT NULL REFERENCES feed (id),
    host_id         INTEGER REFERENCES host (id),
    article_id      INTEGER REFERENCES article (id) ON DELETE SET NULL,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'filed', 'failed', 'skipped')),
    refused         INTEGER NOT NULL DEFAULT 0,  -- the element could not be read
    attempts        INTEGER NOT NULL DEFAULT 0,
    unsettled       INTEGER NOT NULL DEFAULT 0,  -- claims in a row without a commit
    epoch           INTEGER NOT NULL DEFAULT 0,
    parked          INTEGER NOT NULL DEFAULT 0,  -- another entry of the same page is in hand
    lease_until     TEXT,
    next_attempt_at TEXT,
    last_attempt_at TEXT NOT NULL DEFAULT '',
    first_seen_at   TEXT NOT NULL,
    published_at    TEXT,                        -- as it said when it last said something new
    stood           TEXT,                        -- article and revision when it last said something new
    idle            INTEGER NOT NULL DEFAULT 0,  -- how often in a row that had brought nothing before
    digest          BLOB NOT NULL,
    key             TEXT NOT NULL,
    url             TEXT,
    url_key         TEXT,
    title           TEXT,
    class           TEXT,
    reason          TEXT,
    recheck_at      TEXT,                        -- when the page of a filed entry is looked at again
    missed          INTEGER NOT NULL DEFAULT 0,  -- looks in a row that found no page
    etag            BLOB,                        -- validators of the page as last read, byte for byte
    last_modified   BLOB,
    entry           TEXT,                        -- the entry as the feed gave it, JSON
    walk_id         INTEGER REFERENCES walk (id), -- the backfill that brought it: it lets the news go first
    UNIQUE (source_id, key),
    CHECK (state <> 'pending' OR (next_attempt_at IS NOT NULL AND host_id IS NOT NULL AND url IS NOT NULL))
) STRICT;
CREATE INDEX entry_due      ON entry (host_id, next_attempt_at) WHERE state = 'pending' AND lease_until IS NULL;
CREATE INDEX entry_news     ON entry (host_id, next_attempt_at) WHERE state = 'pending' AND lease_until IS NULL AND walk_id IS NULL;
CREATE INDEX entry_walk     ON entry (walk_id, state) WHERE walk_id IS NOT NULL;
CREATE INDEX entry_asked    ON entry (host_id, last_attempt_at) WHERE state = 'pending' AND lease_until IS NULL;
CREATE INDEX entry_recheck  ON entry (host_id, recheck_at) WHERE recheck_at IS NOT NULL AND state = 'filed' AND lease_until IS NULL;
CREATE INDEX entry_in_hand  ON entry (host_id, parked) WHERE lease_until IS NOT NULL;
CREATE INDEX entry_lease    ON entry (lease_until, parked) WHERE lease_until IS NOT NULL;
CREATE INDEX entry_waiting  ON entry (source_id) WHERE state = 'pending';
CREATE INDEX entry_aside    ON entry (source_id) WHERE state = 'skipped';
CREATE INDEX entry_lost     ON entry (source_id) WHERE state = 'failed' OR refused = 1;
CREATE INDEX entry_page     ON entry (url_key) WHERE state <> 'filed' AND url_key IS NOT NULL;
CREATE INDEX entry_address  ON entry (source_id, url_key) WHERE url_key IS NOT NULL;
CREATE INDEX entry_article  ON entry (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX entry_feed     ON entry (feed_id, published_at);

-- Further names of an entry: ids and addresses under which it came again. The newest few of each are kept.
CREATE TABLE entry_alias (
    source_id INTEGER NOT NULL REFERENCES source (id),
    key       TEXT NOT NULL,
    entry_id  INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    seen_at   TEXT NOT NULL,
    PRIMARY KEY (source_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_alias_entry ON entry_alias (entry_id, seen_at);

-- What is learnt of a source from its own pages. `texts` and `looks` count; `version` rises with every line learnt or vetoed.
CREATE TABLE habit (
    source_id INTEGER PRIMARY KEY REFERENCES source (id),
    texts     INTEGER NOT NULL DEFAULT 0,   -- articles whose lines were counted
    looks     INTEGER NOT NULL DEFAULT 0,   -- pages that were read
    version   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Lines at the ends of texts, counted; those that recur everywhere are cut (docs/decisions/0014-learnt-boilerplate.md).
-- What was seen once or is seen no more goes again.
CREATE TABLE edge_line (
    id         INTEGER PRIMARY KEY,
    source_id  INTEGER NOT NULL REFERENCES source (id),
    normal     TEXT NOT NULL,               -- the line without case, blanks and kinds of quotation marks
    line       TEXT NOT NULL,
    edge       TEXT NOT NULL CHECK (edge IN ('head', 'tail')),
    articles   INTEGER NOT NULL,            -- that show it, wherever
    at_edge    INTEGER NOT NULL,            -- that show it at an end
    first_text INTEGER NOT NULL,            -- the source's count of texts when it was first seen
    last_text  INTEGER NOT NULL,
    first_day  TEXT NOT NULL,
    last_day   TEXT NOT NULL,
    learnt_at  TEXT,
    vetoed_at  TEXT,
    UNIQUE (source_id, normal)
) STRICT;
CREATE INDEX edge_line_age ON edge_line (source_id, last_text) WHERE learnt_at IS NULL AND vetoed_at IS NULL;

-- Articles of different stories that show a line, the first of them, and later ones of other days.
CREATE TABLE edge_story (
    line_id    INTEGER NOT NULL REFERENCES edge_line (id) ON DELETE CASCADE,
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    day        TEXT NOT NULL,
    PRIMARY KEY (line_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX edge_story_article ON edge_story (article_id);

-- How the latest pages of a source were read, and what is not as it was.
CREATE TABLE look (
    source_id  INTEGER NOT NULL REFERENCES source (id),
    number     INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    authors    INTEGER NOT NULL,
    dated      INTEGER NOT NULL,
    selectors  INTEGER NOT NULL,
    PRIMARY KEY (source_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE drift (
    source_id  INTEGER NOT NULL REFERENCES source (id),
    facet      TEXT NOT NULL CHECK (facet IN ('selectors', 'body', 'authors', 'dates')),
    from_look  INTEGER NOT NULL,            -- the last page before it
    noticed_at TEXT NOT NULL,
    was        REAL NOT NULL,
    is_now     REAL NOT NULL,
    pages      INTEGER NOT NULL,
    PRIMARY KEY (source_id, facet)
) STRICT, WITHOUT ROWID;

-- What was taken down, and what keeps it from coming back.
CREATE TABLE takedown (
    id         INTEGER PRIMARY KEY,
    article_id INTEGER,                     -- null: a page taken down before it was filed
    seq        INTEGER NOT NULL UNIQUE,
    at         TEXT NOT NULL,
    source_id  INTEGER,
    text_hash  BLOB
) STRICT;
CREATE INDEX takedown_text ON takedown (text_hash, source_id) WHERE text_hash IS NOT NULL;
CREATE TABLE takedown_key (
    key         TEXT PRIMARY KEY,
    takedown_id INTEGER NOT NULL REFERENCES takedown (id)
) STRICT, WITHOUT ROWID;

-- Articles whose current text is not in the search indexes yet. A transaction fills it by the triggers below and empties it
-- before it commits: FTS5 writes a segment out at every savepoint, so all texts of a group of commits are indexed at its end.
CREATE TABLE unindexed (
    article_id INTEGER PRIMARY KEY
) STRICT;

-- Full-text search. External content: the triggers name the OLD values, or the index would keep words of texts that are gone.
CREATE VIRTUAL TABLE article_fts USING fts5 (
    title, body, content = 'article', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2"
);
-- Texts in scripts without spaces between words, every character a token: a word of any length is found as a phrase.
-- Only such texts stand here; the writer brings them segmented, the index keeps no copy of them.
CREATE VIRTUAL TABLE article_chars USING fts5 (
    title, body, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
);
CREATE TRIGGER article_inserted AFTER INSERT ON article BEGIN
    INSERT INTO unindexed (article_id) VALUES (new.id);
END;
CREATE TRIGGER article_deleted AFTER DELETE ON article BEGIN
    INSERT INTO article_fts (article_fts, rowid, title, body)
        SELECT 'delete', old.id, old.title, old.body WHERE NOT EXISTS (SELECT 1 FROM unindexed WHERE article_id = old.id);
    DELETE FROM article_chars WHERE rowid = old.id AND old.unspaced = 1;
    DELETE FROM unindexed WHERE article_id = old.id;
END;
CREATE TRIGGER article_updated AFTER UPDATE OF title, body ON article BEGIN
    INSERT INTO article_fts (article_fts, rowid, title, body)
        SELECT 'delete', old.id, old.title, old.body WHERE NOT EXISTS (SELECT 1 FROM unindexed WHERE article_id = old.id);
    DELETE FROM article_chars WHERE rowid = old.id AND old.unspaced = 1;
    INSERT INTO unindexed (article_id) VALUES (new.id) ON CONFLICT (article_id) DO NOTHING;
END;

-- The public views.
CREATE VIEW articles AS
SELECT a.id, a.seq, a.changed_at, s.name AS source, s.agency, a.url, a.canonical_url, a.title, a.summary, a.body, a.authors,
       a.published_at, a.published_offset, a.published_precision, a.zone_source, a.modified_at, a.dateline_place,
       a.dateline_date, a.section, a.tags, a.image, a.language, a.credit, a.words, a.stored_at, a.revision,
       a.extractor_version, a.duplicate_of, a.relation, a.story_id,
       coalesce(a.credit, o.credit, os.agency, s.agency) AS origin,
       a.fetched_at, a.evidence, a.notes, a.retracted_at, a.body_of,
       coalesce(a.captions, '[]') AS captions, a.free, a.live, a.marker, coalesce(a.cut, '[]') AS cut,
       coalesce(a.provenance, '[]') AS provenance, coalesce(a.reservations, '[]') AS reservations
FROM article a
JOIN source s ON s.id = a.source_id
LEFT JOIN article o ON o.id = a.duplicate_of
LEFT JOIN source os ON os.id = o.source_id;

CREATE VIEW stories AS
SELECT st.id, st.seq, st.changed_at, st.origin_article, st.articles, st.sources, st.first_at, st.last_at, o.title
FROM story st
LEFT JOIN article o ON o.id = st.origin_article;

CREATE VIEW revisions AS
SELECT r.article_id, r.revision, r.seq, r.seen_at,
       CASE WHEN r.revision = a.revision THEN a.title ELSE r.title END AS title,
       CASE WHEN r.revision = a.revision THEN a.body ELSE r.body END AS body,
       r.change
FROM revision r
JOIN article a ON a.id = r.article_id;

CREATE VIEW sources AS
SELECT s.name, s.agency, s.enabled,
       (SELECT count(*) FROM article a WHERE a.source_id = s.id) AS articles,
       (SELECT coalesce(sum(g.estimated - g.filled), 0) FROM gap g
        WHERE g.source_id = s.id AND g.filled < g.estimated) AS entries_lost,
       coalesce(CASE WHEN s.enabled = 1 THEN s.stale_since END,
                (SELECT CASE WHEN min(f.failures) > 0 THEN max(coalesce(f.last_success_at, s.added_at)) END
                 FROM feed f WHERE f.source_id = s.id AND f.active = 1 AND f.named = 1)) AS stale_since,
       CASE WHEN s.named = 0 THEN 'removed from the configuration'
            WHEN s.enabled = 0 THEN 'disabled'
            ELSE (SELECT f.reason FROM feed f WHERE f.source_id = s.id AND f.active = 1 AND f.failures > 0
                  ORDER BY f.last_poll_at DESC LIMIT 1)
       END AS reason,
       (SELECT count(*) FROM entry e WHERE e.source_id = s.id AND (e.state = 'failed' OR e.refused = 1)) AS entries_failed
FROM source s;

CREATE VIEW feeds AS
SELECT s.name AS source, f.url, f.kind, nullif(f.last_poll_at, '') AS last_poll_at, f.last_success_at,
       CASE WHEN f.active = 1 THEN f.next_poll_at END AS next_poll_at, f.failures, f.reason,
       f.active AS enabled, f.next_why, f.title, f.diagnostics, f.moved_to, f.lives_at, f.mended_since, f.entries_refused, f.bytes_lost,
       (SELECT coalesce(sum(max(g.estimated - g.filled, 0)), 0) FROM gap g WHERE g.feed_id = f.id) AS entries_lost,
       (SELECT home.url FROM feed home WHERE home.id = f.home_id) AS home, f.class, f.failing_since
FROM feed f
JOIN source s ON s.id = f.source_id;

CREATE VIEW gaps AS
SELECT s.name AS source, f.url AS feed, g.from_at, g.to_at, g.estimated, g.filled, g.reason, g.noticed_at, g.id
FROM gap g
JOIN feed f ON f.id = g.feed_id
JOIN source s ON s.id = f.source_id;

CREATE VIEW mendings AS
SELECT s.name AS source, f.url AS feed, m.step, m.polls, m.count, m.first_at, m.last_at
FROM mended m
JOIN feed f ON f.id = m.feed_id
JOIN source s ON s.id = f.source_id;

CREATE VIEW entries AS
SELECT s.name AS source, f.url AS feed, e.key AS entry_key, e.url, e.title, e.first_seen_at, e.state, e.attempts,
       e.next_attempt_at, e.reason, e.article_id, e.id, e.class
FROM entry e
JOIN source s ON s.id = e.source_id
JOIN feed f ON f.id = e.feed_id;

CREATE VIEW walks AS
SELECT w.id, s.name AS source, w.reason, nullif(w.from_at, '') AS from_at, nullif(w.to_at, '') AS to_at, w.asked_at, w.begun_at,
       w.ended_at, w.pages, w.pages_read, w.pages_failed, w.entries_found, w.entries_new,
       (SELECT count(*) FROM entry e WHERE e.walk_id = w.id AND e.state = 'pending') AS entries_pending,
       (SELECT count(*) FROM entry e WHERE e.walk_id = w.id AND e.state = 'filed') AS entries_filed,
       nullif(min(coalesce((SELECT min(f.next_poll_at) FROM feed f WHERE f.walk_id = w.id AND f.walk_open = 1 AND f.active = 1), '~'),
                  coalesce((SELECT min(e.next_attempt_at) FROM entry e WHERE e.walk_id = w.id AND e.state = 'pending'), '~')), '~')
           AS next_at
FROM walk w
JOIN source s ON s.id = w.source_id;

CREATE VIEW takedowns AS
SELECT article_id, seq, at AS taken_down_at FROM takedown WHERE article_id IS NOT NULL;
