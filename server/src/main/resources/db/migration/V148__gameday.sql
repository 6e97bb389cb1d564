-- Game days: faults that were injected on purpose, into whom, and when.
create table gameday (
    id         text collate "C" primary key,   -- UUID of version 7: ordered by birth
    name       text        not null,
    plan       json        not null,           -- faults with the assets that they hit
    started_at timestamptz not null,
    started_by text        not null,
    ended_at   timestamptz
);
