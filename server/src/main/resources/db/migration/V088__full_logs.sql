-- Assets of which every log line is kept for a while, whatever their type says of sampling. No foreign key: it may outlive
-- the asset's row until it ends.
create table full_logs (
    asset_id   text primary key,
    until      timestamptz not null,
    reason     text        not null,
    created_at timestamptz not null,
    created_by text        not null
);

-- What intake knows by heart, and what is tidied.
create index full_logs_until on full_logs (until);
