-- The root to which this database belongs: certificates of another one would all be refused.
create table certificate_authority (
    only_one boolean primary key default true check (only_one),
    root_fingerprint text not null,
    since timestamptz not null
);

-- What lets a device without a certificate enrol. The secret is known only by its SHA-256. Revoked and used up tokens stay:
-- certificates and the audit trail name them.
create table claim_token (
    id            text primary key,
    name          text        not null,
    secret_hash   bytea       not null unique,
    asset_type    text        not null,
    id_pattern    text,
    labels        jsonb       not null,
    owner         text        not null,
    region        text        not null,
    site          text        not null,
    max_uses      integer     not null check (max_uses > 0),
    uses          integer     not null default 0 check (uses between 0 and max_uses),
    allow_reenrol boolean     not null,
    expires_at    timestamptz not null,
    created_at    timestamptz not null,
    created_by    text        not null,
    revoked_at    timestamptz,
    revoked_by    text
);

-- One row per certificate given to an asset. No foreign key to the asset: a certificate outlives the row of a deleted asset.
create table certificate (
    serial         text primary key,
    asset_id       text        not null,
    fingerprint    text        not null,
    key_hash       text        not null,
    not_before     timestamptz not null,
    not_after      timestamptz not null,
    issued_at      timestamptz not null,
    origin         text        not null check (origin in ('claim-token', 'renewal', 'credentials', 'seen')),
    origin_ref     text        not null,
    superseded_by  text,
    revoked_at     timestamptz,
    revoked_by     text,
    revoked_reason text,
    check ((revoked_at is null) = (revoked_by is null) and (revoked_at is null) = (revoked_reason is null))
);

-- (not_after, serial) is the key of a page, of all certificates and of those of one asset.
create index certificate_expiry on certificate (not_after, serial);
create index certificate_asset on certificate (asset_id, not_after, serial);
-- What the admission list is loaded from.
create index certificate_revoked on certificate (not_after) where revoked_at is not null;
-- Each asset's newest certificate, for the expiry metrics.
create index certificate_current on certificate (not_after) where revoked_at is null and superseded_by is null;
