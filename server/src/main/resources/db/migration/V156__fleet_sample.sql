-- How many assets there are, how many of them are online, what comes in, what is stored: looked at once a minute.

-- Minutes are kept for days, hours for years; an hour is written with each of its minutes.
create table fleet_sample (
    step            text collate "C" not null check (step in ('minute', 'hour')),
    at              timestamptz      not null,   -- its begin
    looks           integer          not null,
    assets          integer          not null,   -- the newest look; all but the retired
    online          integer          not null,   -- the newest look
    online_share    double precision,            -- mean of the looks; null when there was no asset
    messages        double precision,            -- a second, mean of the looks that knew it
    messages_looks  integer          not null,
    postgres_bytes  bigint,                      -- null: not measured
    telemetry_bytes bigint,
    journal_bytes   bigint,
    files_bytes     bigint,
    disk_free       bigint,
    disk_total      bigint,
    primary key (step, at)
);
