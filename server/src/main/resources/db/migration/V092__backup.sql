-- Backups that were begun. In a backup itself it stands as running, and so it stays where that is restored.
create table backup_run (
    id          text collate "C" primary key,       -- UUID of version 7: ordered by birth
    started_at  timestamptz not null,
    started_by  text        not null,
    finished_at timestamptz,
    outcome     text collate "C" not null default 'running' check (outcome in ('running', 'done', 'failed')),
    reason      text,
    bytes       bigint,
    files       bigint,
    check ((finished_at is null) = (outcome = 'running'))
);
create index backup_run_done on backup_run (finished_at desc) where outcome = 'done';
