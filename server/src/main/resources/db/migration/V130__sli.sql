-- Service level indicators, summed up by five minutes and by hours for the fleet and for each type, region and group.

-- Which assets were in service when, and as what. Written by whoever sums up, so that a bucket that is worked out again later
-- uses what was true at its time. No key to asset: history outlives it.
create table sli_place (
    asset   text collate "C" not null,
    type    text collate "C" not null,
    region  text collate "C" not null,
    from_at timestamptz not null,
    to_at   timestamptz,
    primary key (asset, from_at)
);
create unique index sli_place_open on sli_place (asset) where to_at is null;

-- A bucket is written as a whole; the same sources give the same rows. scope: fleet, type/…, region/…, group/….
create table sli_bucket (
    sli     text collate "C" not null,
    scope   text collate "C" not null,
    at      timestamptz not null,          -- its begin
    good    double precision not null,
    bad     double precision not null,
    stale   double precision not null,
    unknown double precision not null,
    primary key (sli, scope, at)
);
create index sli_bucket_at on sli_bucket (at, sli);

-- The sums of the buckets of an hour, written with each of them, and kept when they are gone.
create table sli_hour (
    sli     text collate "C" not null,
    scope   text collate "C" not null,
    at      timestamptz not null,
    good    double precision not null,
    bad     double precision not null,
    stale   double precision not null,
    unknown double precision not null,
    primary key (sli, scope, at)
);
create index sli_hour_at on sli_hour (at, sli);

-- Who was not good in a bucket.
create table sli_offender (
    sli     text collate "C" not null,
    at      timestamptz not null,
    asset   text collate "C" not null,
    bad     double precision not null,
    stale   double precision not null,
    unknown double precision not null,
    primary key (sli, at, asset)
);
create index sli_offender_asset on sli_offender (asset, sli, at);

-- The bucket that is to be written next, for each indicator.
create table sli_progress (
    sli  text collate "C" primary key,
    next timestamptz not null
);

-- Buckets for which telemetry or events came after their time.
create table sli_late (
    at     timestamptz not null,
    type   text collate "C" not null,
    marked timestamptz not null,
    primary key (at, type)
);

-- All that was ever counted, for counters of Prometheus: corrections only ever add.
create table sli_total (
    sli     text collate "C" not null,
    scope   text collate "C" not null,
    good    double precision not null,
    bad     double precision not null,
    stale   double precision not null,
    unknown double precision not null,
    primary key (sli, scope)
);

-- Which targets ended within a bucket.
create index rollout_step_at on rollout_step (at);
