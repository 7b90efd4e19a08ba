-- Whom the business knows by an e-mail address. Rows of `users` name a client by its id: an address
-- can change, and two clients can become one, without a word to anything else.
CREATE TABLE clients (
  id {id},
  -- Lower case, without spaces around it: as it is compared.
  email TEXT NOT NULL UNIQUE,
  name TEXT,
  -- The tariff's name.
  tariff TEXT,
  -- The last day that is paid for: 2026-11-20.
  paid_until TEXT,
  created_at BIGINT NOT NULL,
  -- Counts changes, so that two who change it at once are told apart.
  version BIGINT NOT NULL
);
