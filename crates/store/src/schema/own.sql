CREATE TABLE copies (
  id TEXT PRIMARY KEY,
  seen_at BIGINT NOT NULL
);
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until BIGINT NOT NULL
);
CREATE TABLE cursors (
  channel TEXT PRIMARY KEY,
  cursor TEXT NOT NULL
);
CREATE TABLE inbox (
  id {id},
  channel TEXT NOT NULL,
  update_key TEXT NOT NULL,
  lane TEXT NOT NULL,
  raw {bytes} NOT NULL,
  event TEXT,
  claimed_by TEXT,
  attempts BIGINT NOT NULL,
  taken_at BIGINT NOT NULL,
  done_at BIGINT,
  shelved_at BIGINT,
  reason TEXT,
  UNIQUE (channel, update_key)
);
CREATE INDEX inbox_pending ON inbox (lane, id) WHERE done_at IS NULL AND shelved_at IS NULL;
CREATE INDEX inbox_shelf ON inbox (id) WHERE shelved_at IS NOT NULL;
CREATE INDEX inbox_done ON inbox (done_at) WHERE done_at IS NOT NULL;
CREATE TABLE outbox (
  id {id},
  channel TEXT NOT NULL,
  lane TEXT NOT NULL,
  urgency BIGINT NOT NULL,
  payload TEXT NOT NULL,
  replaces TEXT,
  fresh BOOLEAN NOT NULL,
  state BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  progress BIGINT NOT NULL,
  queued_at BIGINT NOT NULL,
  not_before BIGINT,
  started_at BIGINT,
  finished_at BIGINT,
  again_at BIGINT,
  perhaps_twice BOOLEAN NOT NULL,
  fate TEXT
);
CREATE INDEX outbox_open ON outbox (channel, id) WHERE state < 2;
CREATE INDEX outbox_replaced ON outbox (replaces) WHERE state = 0 AND replaces IS NOT NULL;
CREATE INDEX outbox_finished ON outbox (finished_at) WHERE finished_at IS NOT NULL;
CREATE TABLE links (
  id {id},
  twin TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL,
  chat TEXT NOT NULL,
  linked_at BIGINT NOT NULL
);
CREATE INDEX links_origin ON links (origin, chat);
CREATE INDEX links_age ON links (linked_at);
CREATE TABLE keyboards (
  message TEXT PRIMARY KEY,
  chat TEXT NOT NULL,
  shown_at BIGINT NOT NULL
);
CREATE INDEX keyboards_chat ON keyboards (chat);
CREATE TABLE timers (
  name TEXT PRIMARY KEY,
  timer TEXT NOT NULL,
  due BIGINT NOT NULL
);
CREATE INDEX timers_due ON timers (due);
CREATE TABLE operators (
  person TEXT PRIMARY KEY,
  chat TEXT NOT NULL,
  name TEXT NOT NULL,
  username TEXT,
  language TEXT,
  focus TEXT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE message_versions (
  message_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  message_text TEXT,
  caption TEXT,
  content TEXT,
  edited_at BIGINT NOT NULL,
  PRIMARY KEY (message_id, version)
);
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
