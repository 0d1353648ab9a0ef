-- What people do about missed calls, and who signed in when. Neither is derived from the journal: nobody but us tells.

-- Who works on a missed call. A call without a row is free; one whose caller was spoken to since is resolved without a
-- row, see missed.rs.
CREATE TABLE missed_work (
    call        TEXT   NOT NULL PRIMARY KEY,
    claimed_by  TEXT,
    claimed_at  BIGINT,
    resolved_by TEXT,
    resolved_at BIGINT,
    note        TEXT   NOT NULL
) STRICT;

-- The last sign-in of each person, kept when the session has ended.
CREATE TABLE last_sign_ins (
    user_id      TEXT   NOT NULL PRIMARY KEY,
    signed_in_at BIGINT NOT NULL,
    user_agent   TEXT   NOT NULL,
    address      TEXT   NOT NULL
) STRICT;
INSERT INTO last_sign_ins (user_id, signed_in_at, user_agent, address)
    SELECT user_id, created_at, user_agent, address FROM sign_in_sessions AS one
    WHERE created_at = (SELECT MAX(created_at) FROM sign_in_sessions AS other WHERE other.user_id = one.user_id)
    ON CONFLICT (user_id) DO NOTHING;

-- The last call an agent answered, and the queue it came from.
CREATE INDEX legs_by_agent_answer ON legs (agent, answered_at);
CREATE INDEX offers_by_leg ON offers (leg);

-- Pauses that rules set have the names of those rules; nobody has set one so far.
UPDATE reasons SET code = 'no_answer' WHERE code = 'not_answering' AND by_system = 1;
UPDATE reasons SET code = 'unreachable' WHERE code = 'not_registered' AND by_system = 1;

-- Agents sign themselves in to queues and out of them, unless the right is taken away.
UPDATE roles SET rights = REPLACE(rights, '"queue.read.team"', '"queue.membership.write.own","queue.read.team"')
    WHERE name = 'agent' AND builtin = 1 AND rights NOT LIKE '%queue.membership.write%';
