-- Retirements: how an asset leaves the fleet, and what came of it. No key to asset: history outlives it.
create table retirement (
    id             text collate "C" primary key,    -- UUID of version 7: ordered by birth
    asset_id       text collate "C" not null,
    phase          text collate "C" not null check (phase in ('wiping', 'leaving', 'cutting_off', 'settling',
                                                              'retired', 'kept', 'taken_back')),
    phase_since    timestamptz not null,
    wipe           text collate "C" not null check (wipe in ('not_asked', 'not_needed', 'pending', 'confirmed',
                                                             'unconfirmed')),
    wipe_detail    text,
    command_id     text collate "C",                -- the wipe
    deadline       timestamptz,                     -- of the wipe
    if_unconfirmed text collate "C" not null check (if_unconfirmed in ('retire', 'keep')),
    reason         text        not null,
    requested_at   timestamptz not null,
    requested_by   text        not null,
    certificates   integer     not null default 0,  -- revoked by it
    claim_tokens   integer     not null default 0,
    look_at        timestamptz not null,            -- when its worker is to look at it again
    ended_at       timestamptz,
    restored_at    timestamptz,
    restored_by    text,
    check ((ended_at is not null) = (phase in ('retired', 'kept', 'taken_back'))),
    check ((wipe = 'pending') = (phase in ('wiping', 'leaving'))),
    check (phase <> 'wiping' or (command_id is not null and deadline is not null))
);
-- One at a time.
create unique index retirement_active on retirement (asset_id) where ended_at is null;
create index retirement_due on retirement (look_at, id) where ended_at is null;
create index retirement_of_asset on retirement (asset_id, id);

-- Claim tokens that are for one asset alone.
create index claim_token_bound on claim_token (id_pattern) where revoked_at is null;
