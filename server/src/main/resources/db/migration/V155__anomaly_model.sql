-- What a rule's condition has learned of an asset, or of all its assets of a type: a packed state that only its code can read. It may be
-- deleted at any time; what it held is learned again from stored readings.
create table anomaly_model (
    rule    text collate "C" not null,
    about   text             not null,  -- which condition, with what changes the meaning of the state
    subject text collate "C" not null,  -- an asset, or a type after a *
    until   timestamptz      not null,  -- what was measured before is in it
    state   bytea            not null,
    primary key (rule, about, subject)
);
