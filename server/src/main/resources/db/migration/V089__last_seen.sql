-- When assets were heard of last, as far as that is later than asset_presence has it: some thousand assets in a row, packed,
-- because a row of each that is written with its heartbeats would be most of what the database does.
create table presence_heard (
    bucket smallint primary key,
    heard  bytea not null
) with (fillfactor = 50);

-- Entries of the journal below the offset are in asset_presence and presence_transition.
create table presence_progress (
    only_one    boolean primary key default true check (only_one),
    next_offset bigint not null
);
