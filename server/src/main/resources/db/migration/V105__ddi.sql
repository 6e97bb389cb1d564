-- Assets that poll for their deployments (hawkBit's DDI), and what they were given.

-- What is known of such an asset beyond the registry. What it runs is here too: an asset that polls tells of one action at a time,
-- and a report tells all.
create table ddi_target (
    asset             text collate "C" primary key references asset (id) on delete cascade,
    client            text not null check (client in ('swupdate', 'rauc', 'other')),
    tells_versions    boolean not null default false,  -- has named by itself what it runs
    software          jsonb not null default '{}',     -- component → version that runs, as far as that is known
    updates           jsonb not null default '{}',     -- component → its last change, as in a report
    claims            jsonb not null default '{}',     -- component → version and time of a success that nothing has confirmed yet
    generation        bigint,                          -- of the desired state that was told as worked through
    wants_attributes  boolean not null default true,
    auto_confirm      boolean not null default false
);

-- One version of one component for one asset. The id fits 32 bits: clients read no longer one.
create table ddi_action (
    id         integer generated always as identity primary key,
    asset      text collate "C" not null references asset (id) on delete cascade,
    component  text collate "C" not null,
    version    text not null,
    attempt    text not null,                          -- of the order
    previous   text,                                   -- what ran before, when it is known
    target     text,                                   -- path in the signed metadata; its last part is the name of the file
    sha256     text,
    size       bigint,
    state      text not null check (state in ('open', 'cancelling', 'succeeded', 'failed', 'cancelled')),
    shown      boolean not null default false,         -- the asset has read it
    kept       boolean not null default false,         -- the asset has refused to give it up
    confirmed  boolean not null default false,
    status     text not null,                          -- in hawkBit's words
    messages   jsonb not null default '[]',            -- the newest first, bounded
    created    timestamptz not null,
    ended      timestamptz,
    check ((state in ('open', 'cancelling')) = (ended is null))
);
create unique index ddi_action_order on ddi_action (asset, component, attempt);
create index ddi_action_of_asset on ddi_action (asset, id);
-- What an asset is to do now; few.
create index ddi_action_open on ddi_action (asset, id) where ended is null;

-- SHA-1 and MD5 of artifacts, which DDI's clients ask for; worked out once.
create table artifact_digest (
    sha256 text primary key,
    sha1   text not null,
    md5    text not null
);
