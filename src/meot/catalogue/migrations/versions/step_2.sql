-- The tables of version 2 that version 1 has not; nothing here is ever changed. Version 1 was SQLite only.

ALTER TABLE products ADD COLUMN availability VARCHAR(32) DEFAULT '' NOT NULL;
ALTER TABLE products ADD COLUMN season VARCHAR(64) DEFAULT '' NOT NULL;
ALTER TABLE products ADD COLUMN released VARCHAR(10) DEFAULT '' NOT NULL;
ALTER TABLE products ADD COLUMN seller VARCHAR(255) DEFAULT '' NOT NULL;
ALTER TABLE products ADD COLUMN changed BIGINT DEFAULT '0' NOT NULL;
ALTER TABLE products ADD COLUMN first_seen FLOAT;
ALTER TABLE products ADD COLUMN seen FLOAT;
ALTER TABLE products ADD COLUMN retired FLOAT;
CREATE INDEX ix_products_changed ON products (changed);

CREATE TABLE IF NOT EXISTS lessons (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    taught_at VARCHAR(32) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    question VARCHAR(64) NOT NULL,
    name VARCHAR(64) NOT NULL,
    names TEXT NOT NULL,
    region VARCHAR(64) NOT NULL
);

CREATE TABLE IF NOT EXISTS examples (
    "key" INTEGER NOT NULL,
    lesson INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    region VARCHAR(64) NOT NULL,
    encoder VARCHAR(255) NOT NULL,
    features BLOB NOT NULL,
    PRIMARY KEY ("key"),
    FOREIGN KEY(lesson) REFERENCES lessons (number) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ix_examples_lesson ON examples (lesson);

CREATE TABLE IF NOT EXISTS offers (
    "key" INTEGER NOT NULL,
    product INTEGER NOT NULL,
    seller VARCHAR(255) DEFAULT '' NOT NULL,
    price FLOAT,
    currency VARCHAR(8) NOT NULL,
    link TEXT NOT NULL,
    availability VARCHAR(32) DEFAULT '' NOT NULL,
    first_seen FLOAT,
    seen FLOAT,
    PRIMARY KEY ("key"),
    UNIQUE (product, seller),
    FOREIGN KEY(product) REFERENCES products (number) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ix_offers_product ON offers (product);

CREATE TABLE IF NOT EXISTS prices (
    "key" INTEGER NOT NULL,
    offer INTEGER NOT NULL,
    at FLOAT NOT NULL,
    price FLOAT,
    currency VARCHAR(8) NOT NULL,
    availability VARCHAR(32) DEFAULT '' NOT NULL,
    PRIMARY KEY ("key"),
    FOREIGN KEY(offer) REFERENCES offers ("key") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ix_prices_offer ON prices (offer);

CREATE TABLE IF NOT EXISTS sources (
    "key" INTEGER NOT NULL,
    name VARCHAR(500) NOT NULL,
    address VARCHAR(500) NOT NULL,
    format VARCHAR(32) DEFAULT '' NOT NULL,
    private_hosts BOOLEAN NOT NULL,
    started FLOAT,
    finished FLOAT,
    PRIMARY KEY ("key"),
    UNIQUE (name),
    UNIQUE (address)
);

CREATE TABLE IF NOT EXISTS people (
    "key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(255) NOT NULL,
    created_at FLOAT NOT NULL,
    password VARCHAR(255) DEFAULT '' NOT NULL,
    role VARCHAR(16) DEFAULT 'shopper' NOT NULL,
    UNIQUE (name)
);

CREATE TABLE IF NOT EXISTS tokens (
    "key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    person INTEGER NOT NULL,
    kind VARCHAR(16) NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    name VARCHAR(255) DEFAULT '' NOT NULL,
    scopes VARCHAR(255) DEFAULT '' NOT NULL,
    created_at FLOAT NOT NULL,
    expires_at FLOAT,
    used_at FLOAT,
    FOREIGN KEY(person) REFERENCES people ("key") ON DELETE CASCADE,
    UNIQUE (sha256)
);
CREATE INDEX IF NOT EXISTS ix_tokens_person ON tokens (person);

CREATE TABLE IF NOT EXISTS attempts (
    bucket VARCHAR(255) NOT NULL,
    since FLOAT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (bucket)
);

CREATE TABLE IF NOT EXISTS replies (
    person INTEGER NOT NULL,
    name VARCHAR(255) NOT NULL,
    request VARCHAR(64) NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at FLOAT NOT NULL,
    PRIMARY KEY (person, name),
    FOREIGN KEY(person) REFERENCES people ("key") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ix_replies_created_at ON replies (created_at);
CREATE INDEX IF NOT EXISTS ix_replies_person ON replies (person);

CREATE TABLE IF NOT EXISTS owned_photos (
    "key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    person INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    path VARCHAR(700) NOT NULL,
    models VARCHAR(500) NOT NULL,
    worn BOOLEAN NOT NULL,
    style TEXT,
    added_at FLOAT NOT NULL,
    UNIQUE (person, sha256),
    FOREIGN KEY(person) REFERENCES people ("key") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ix_owned_photos_person ON owned_photos (person);

CREATE TABLE IF NOT EXISTS owned_garments (
    "key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    photo INTEGER NOT NULL,
    place INTEGER NOT NULL,
    region VARCHAR(64) NOT NULL,
    category VARCHAR(64) NOT NULL,
    category_score FLOAT NOT NULL,
    sure BOOLEAN NOT NULL,
    runner_up VARCHAR(64),
    score FLOAT NOT NULL,
    x0 FLOAT NOT NULL,
    y0 FLOAT NOT NULL,
    x1 FLOAT NOT NULL,
    y1 FLOAT NOT NULL,
    area FLOAT NOT NULL,
    person INTEGER NOT NULL,
    deepfashion2 INTEGER,
    colours TEXT NOT NULL,
    components TEXT NOT NULL,
    vector BLOB NOT NULL,
    FOREIGN KEY(photo) REFERENCES owned_photos ("key") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ix_owned_garments_photo ON owned_garments (photo);

CREATE TABLE IF NOT EXISTS not_alike (
    "key" INTEGER NOT NULL,
    person INTEGER NOT NULL,
    owned INTEGER NOT NULL,
    wanted_photo VARCHAR(64) NOT NULL,
    wanted_region VARCHAR(64) NOT NULL,
    wanted_vector BLOB NOT NULL,
    created_at FLOAT NOT NULL,
    PRIMARY KEY ("key"),
    FOREIGN KEY(person) REFERENCES people ("key") ON DELETE CASCADE,
    FOREIGN KEY(owned) REFERENCES owned_garments ("key") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ix_not_alike_owned ON not_alike (owned);
CREATE INDEX IF NOT EXISTS ix_not_alike_person ON not_alike (person);

CREATE TABLE IF NOT EXISTS drafts (
    "key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    person INTEGER,
    product VARCHAR(500) NOT NULL,
    photos TEXT NOT NULL,
    fields TEXT NOT NULL,
    corrected TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    reason TEXT NOT NULL,
    models VARCHAR(500) NOT NULL,
    created_at FLOAT NOT NULL,
    updated_at FLOAT NOT NULL,
    FOREIGN KEY(person) REFERENCES people ("key") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ix_drafts_person ON drafts (person);
CREATE INDEX IF NOT EXISTS ix_drafts_product ON drafts (product);
CREATE INDEX IF NOT EXISTS ix_drafts_state ON drafts (state);

CREATE TABLE IF NOT EXISTS jobs (
    "key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    person INTEGER,
    kind VARCHAR(32) NOT NULL,
    payload TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    done BIGINT DEFAULT '0' NOT NULL,
    total BIGINT DEFAULT '0' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    result TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at FLOAT NOT NULL,
    not_before FLOAT,
    started_at FLOAT,
    beat_at FLOAT,
    finished_at FLOAT,
    FOREIGN KEY(person) REFERENCES people ("key") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ix_jobs_person ON jobs (person);
CREATE INDEX IF NOT EXISTS ix_jobs_state ON jobs (state);
