-- Files that assets sent. Their content lies below "files" of the data directory, under its hash. No foreign key to the asset: a
-- file that is held outlives its asset.
create table asset_file (
    id          text collate "C" primary key,   -- UUID of version 7: ordered by birth
    asset_id    text collate "C" not null,
    name        text             not null,
    kind        text collate "C" not null,
    media_type  text             not null,      -- as the asset said
    size        bigint           not null check (size >= 0),
    sha256      text collate "C" not null check (sha256 ~ '^[0-9a-f]{64}$'),
    taken_at    timestamptz      not null,
    received_at timestamptz      not null,
    labels      jsonb            not null,
    until       timestamptz      not null,      -- goes after it, unless it is held
    held_since  timestamptz,
    held_by     text,
    held_reason text,
    check ((held_since is null) = (held_by is null) and (held_by is null) = (held_reason is null))
);
-- What an asset sends again is there already.
create unique index asset_file_same on asset_file (asset_id, sha256, name);
create index asset_file_of_asset on asset_file (asset_id, id desc);
create index asset_file_until on asset_file (until, id) where held_since is null;
create index asset_file_content on asset_file (sha256);

-- Files on their way. What is here counts as if it were whole, so that an asset cannot begin more than it may keep.
create table file_upload (
    id         text collate "C" primary key,    -- of the file that it becomes
    asset_id   text collate "C" not null,
    name       text             not null,
    kind       text collate "C" not null,
    media_type text             not null,
    size       bigint           not null check (size >= 0),
    sha256     text collate "C",                -- as the asset said
    taken_at   timestamptz,
    labels     jsonb            not null,
    resumable  boolean          not null,
    received   bigint           not null check (received between 0 and size), -- on disk and synced
    found      text collate "C",                -- SHA-256 of the content, when it is whole and about to become a file
    begun_at   timestamptz      not null,
    until      timestamptz      not null        -- given up after it, unless more comes
);
create index file_upload_of_asset on file_upload (asset_id);
create index file_upload_until on file_upload (until);
create index file_upload_found on file_upload (found) where found is not null;
