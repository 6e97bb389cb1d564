-- In which minutes each asset could be reached, and in which it ran. Bit n is minute n of the UTC day. Bits are only ever
-- gained. No row: nothing is known of that day. No foreign key: an asset may go while its last messages are on their way.
create table availability_day (
    day       date not null,
    asset     text not null,
    -- by receive time: online in some part of the minute; a session open and silent
    reachable bit(1440) not null,
    stale     bit(1440),
    -- by event time: a report bears a time in the minute
    reported  bit(1440),
    primary key (day, asset)
    -- room for the next version of each row in its page: no index entry changes with a checkpoint
) with (fillfactor = 50);

-- The minutes that this server watched whole; the others say nothing about who was not reachable.
create table availability_watch (
    day     date primary key,
    watched bit(1440) not null
);

-- The open sessions at the checkpoint. The session is named by a hash of its id, times are milliseconds since the epoch.
create table availability_session (
    asset     text primary key,
    session   bigint not null,
    last_seen bigint not null
) with (fillfactor = 50);

-- Starts of the server whose first journal entry the checkpoint has not passed.
create table availability_run (
    first_offset bigint not null,
    started      bigint not null,
    primary key (first_offset, started)
);

-- Entries below the offset are in the tables above, and only they.
create table availability_checkpoint (
    only_one    boolean primary key default true check (only_one),
    next_offset bigint not null,
    known       bigint not null,
    alive       bigint not null,
    watch_from  bigint not null
);
