-- Money and records. What other programs may want to read stands in plain columns, times as the
-- database writes them; the rest is JSON.
CREATE INDEX zabota_clients_paid_until ON clients (paid_until);
-- Replaced as a whole by each reading of the sheet that changes it.
CREATE TABLE tariffs (
  -- The name in lower case: as it is compared.
  known_as TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- An exact decimal, such as 199.00.
  amount TEXT NOT NULL,
  -- Three letters, such as RUB.
  currency TEXT NOT NULL,
  days BIGINT NOT NULL,
  -- From 0, in the owner's order.
  position BIGINT NOT NULL
);
-- Pictures of payments.
CREATE TABLE payments (
  id BIGINT PRIMARY KEY,
  chat TEXT NOT NULL,
  ticket_id BIGINT NOT NULL,
  -- The message that it came in.
  picture TEXT NOT NULL,
  looks BIGINT,
  transaction_id TEXT,
  came_at {time} NOT NULL,
  -- asked, credited, dismissed, undone
  status TEXT NOT NULL,
  -- Everything about the status and what may be credited, as JSON; the client is the column's.
  stage TEXT NOT NULL,
  -- What follows is empty unless it was credited. The client's e-mail address as it is now.
  client TEXT,
  tariff TEXT,
  amount TEXT,
  currency TEXT,
  days BIGINT,
  paid_until_before TEXT,
  paid_until TEXT,
  credited_at {time},
  -- Empty if the reading alone decided.
  credited_by TEXT,
  undone_at {time},
  undone_by TEXT
);
-- No picture counts, or is decided on, twice at a time.
CREATE UNIQUE INDEX zabota_payments_picture ON payments (picture)
  WHERE status IN ('asked', 'credited');
CREATE INDEX zabota_payments_pictures ON payments (picture);
CREATE INDEX zabota_payments_transaction ON payments (transaction_id);
CREATE INDEX zabota_payments_ticket ON payments (ticket_id);
CREATE INDEX zabota_payments_came ON payments (came_at);
CREATE INDEX zabota_payments_client ON payments (client);
-- Who changed which record. Only ever added to; an entry is undone once.
CREATE TABLE audit (
  id BIGINT PRIMARY KEY,
  changed_at {time} NOT NULL,
  -- Empty: the sheet.
  changed_by TEXT,
  -- The record's address after the change.
  client TEXT NOT NULL,
  -- name, tariff, paid_until, email; merged: then the old value is the address of the record that went.
  field TEXT NOT NULL,
  old_value TEXT NOT NULL,
  new_value TEXT NOT NULL,
  change TEXT NOT NULL,
  undone_at {time},
  undone_by TEXT
);
CREATE INDEX zabota_audit_client ON audit (client);
-- What the sheet said when it was read last: one row.
CREATE TABLE sheet (
  id BIGINT PRIMARY KEY,
  reading TEXT NOT NULL,
  version BIGINT NOT NULL
);
-- Reminders that were decided on: the key is why there is no second one.
CREATE TABLE reminders (
  client_id BIGINT NOT NULL,
  paid_until TEXT NOT NULL,
  days BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  reminded_at BIGINT NOT NULL,
  -- Where it goes; empty if nowhere.
  chat TEXT,
  PRIMARY KEY (client_id, paid_until, days)
);
CREATE INDEX zabota_reminders_chat ON reminders (chat);
CREATE INDEX zabota_reminders_at ON reminders (reminded_at);
CREATE TABLE broadcasts (
  id BIGINT PRIMARY KEY,
  owner TEXT NOT NULL,
  chat TEXT NOT NULL,
  audience TEXT NOT NULL,
  said TEXT NOT NULL,
  begun_at BIGINT NOT NULL,
  stage TEXT NOT NULL,
  told_at BIGINT,
  -- From where on it is counted how fast it goes: when, and how many were done by then.
  paced_at BIGINT NOT NULL,
  paced_from BIGINT NOT NULL,
  version BIGINT NOT NULL
);
-- Settled when the broadcast begins.
CREATE TABLE recipients (
  broadcast BIGINT NOT NULL,
  -- From 1.
  n BIGINT NOT NULL,
  client TEXT NOT NULL,
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  name TEXT NOT NULL,
  -- waiting, under_way, sent, blocked, failed, closed, unknown
  state TEXT NOT NULL,
  reason TEXT,
  PRIMARY KEY (broadcast, n),
  UNIQUE (broadcast, chat)
);
CREATE INDEX zabota_recipients_state ON recipients (broadcast, state, channel, n);
