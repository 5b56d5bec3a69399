-- Auctions, members, bids and idempotency keys, and a bid as one function.
--
-- The fill factor leaves room on each page for newer versions of its rows: updates that touch no index stay on
-- their page ("Heap-Only Tuples" in PostgreSQL's documentation). INCREMENTS is filled in when the file
-- is read.

CREATE TABLE auctions (
    id text PRIMARY KEY,
    status text NOT NULL,
    ends_at bigint NOT NULL,
    opening bigint NOT NULL,
    price bigint NOT NULL DEFAULT 0,
    leader text NOT NULL DEFAULT '',
    maximum bigint NOT NULL DEFAULT 0,
    bids integer NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

CREATE TABLE members (
    id text PRIMARY KEY,
    available bigint NOT NULL CHECK (available >= 0),
    held bigint NOT NULL DEFAULT 0 CHECK (held >= 0)
) WITH (fillfactor = 50);

CREATE TABLE bids (
    auction text NOT NULL,
    number integer NOT NULL,
    member text NOT NULL,
    maximum bigint NOT NULL,
    price bigint NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (auction, number)
);

CREATE TABLE keys (
    member text NOT NULL,
    key text NOT NULL,
    reply text NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (member, key)
);

CREATE FUNCTION increment_at(price bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE /*INCREMENTS*/ END
$$;

CREATE FUNCTION refuse(code text, name text, value bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('{"error":{"code":"%s","data":{"%s":%s}}}', code, name, value)
$$;

CREATE FUNCTION place_bid(bidder text, auction_id text, bid bigint, bid_key text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    lot auctions%ROWTYPE;
    known text;
    raises boolean;
    leads boolean := true;
    minimum bigint;
    needed bigint;
    funds bigint;
    clock bigint;
    reply text;
BEGIN
    SELECT * INTO lot FROM auctions WHERE id = auction_id FOR UPDATE;
    -- A key belongs to one auction: behind its lock, whoever came first with this key has committed.
    SELECT k.reply INTO known FROM keys k WHERE k.member = bidder AND k.key = bid_key;
    IF FOUND THEN RETURN known; END IF;
    clock := extract(epoch FROM clock_timestamp()) * 1000;
    IF lot.id IS NULL THEN RETURN refuse('unknown_auction', 'at', clock); END IF;
    IF lot.status <> 'open' THEN RETURN refuse('auction_not_open', 'at', clock); END IF;
    IF clock >= lot.ends_at THEN RETURN refuse('auction_closed', 'at', clock); END IF;

    raises := lot.leader = bidder;
    minimum := CASE
        WHEN raises THEN lot.maximum + 1
        WHEN lot.leader <> '' THEN lot.price + increment_at(lot.price)
        ELSE lot.opening
    END;
    IF bid < minimum THEN RETURN refuse('bid_too_low', 'minimum', minimum); END IF;

    needed := CASE WHEN raises THEN bid - lot.maximum ELSE bid END;
    -- In the order of their ids: two bids that outbid each other's members must not wait in a ring.
    SELECT max(available) FILTER (WHERE id = bidder) INTO funds FROM (
        SELECT id, available FROM members WHERE id IN (bidder, lot.leader) ORDER BY id FOR UPDATE
    ) AS locked;
    IF coalesce(funds, 0) < needed THEN
        RETURN refuse('insufficient_points', 'missing', needed - coalesce(funds, 0));
    END IF;

    IF lot.leader = '' THEN
        lot.price := minimum;
    ELSIF NOT raises AND bid > lot.maximum THEN
        lot.price := least(bid, lot.maximum + increment_at(lot.maximum));
    ELSIF NOT raises THEN
        lot.price := least(lot.maximum, bid + increment_at(bid));
        leads := false;
    END IF;
    IF leads THEN
        UPDATE members
            SET available = available + CASE id WHEN bidder THEN -needed ELSE lot.maximum END,
                held = held - CASE id WHEN bidder THEN -needed ELSE lot.maximum END
            WHERE id IN (bidder, lot.leader);
        lot.leader := bidder;
        lot.maximum := bid;
    END IF;

    lot.bids := lot.bids + 1;
    UPDATE auctions SET price = lot.price, leader = lot.leader, maximum = lot.maximum, bids = lot.bids
        WHERE id = auction_id;
    INSERT INTO bids (auction, number, member, maximum, price)
        VALUES (auction_id, lot.bids, bidder, bid, lot.price);
    reply := format(
        '{"result":{"number":%s,"leading":%s,"price":%s,"maximum":%s,"minimum":%s,"ends_at":%s}}',
        lot.bids, leads::text, lot.price, bid, lot.price + increment_at(lot.price), lot.ends_at);
    INSERT INTO keys (member, key, reply) VALUES (bidder, bid_key, reply);
    RETURN reply;
END
$$;
