-- Signed release metadata as it was accepted: every version of what people sign; of snapshot and timestamp the newest few.
create table tuf_metadata (
    role        text        not null,
    version     bigint      not null check (version > 0),
    document    bytea       not null,
    accepted_at timestamptz not null,
    accepted_by text        not null,
    primary key (role, version)
);

-- One row per name, written once but for its status and its end. The number is the order of publication and the key of a page.
create table release (
    number        bigint generated always as identity primary key,
    component     text        not null,
    version       text        not null,
    components    jsonb       not null,
    status        text        not null check (status in ('published', 'quarantined')),
    status_since  timestamptz not null,
    status_by     text        not null,
    status_reason text        not null,
    published_at  timestamptz not null,
    published_by  text        not null,
    pruned_at     timestamptz,
    unique (component, version)
);

-- The newest of a component.
create index release_component on release (component, number);

-- What the signed metadata says of a release's files.
create table release_file (
    path          text primary key,
    release       bigint not null references release,
    kind          text   not null check (kind in ('artifact', 'set', 'notes', 'sbom', 'provenance')),
    sha256        text   not null,
    size          bigint not null check (size >= 0),
    hardware      text[] not null,
    compatibility text   not null
);

create index release_file_release on release_file (release);
-- Whether anything still needs an artifact.
create index release_file_sha256 on release_file (sha256);
