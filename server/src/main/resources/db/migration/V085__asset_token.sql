-- What lets an asset in where there is no TLS, on loopback: known only by the SHA-256 of its secret. Revoked and expired
-- tokens stay: the audit trail names them. No foreign key to the asset: a token outlives the row of a deleted asset.
create table asset_token (
    id             text primary key,
    asset_id       text        not null,
    secret_hash    bytea       not null unique,
    expires_at     timestamptz not null,
    created_at     timestamptz not null,
    created_by     text        not null,
    revoked_at     timestamptz,
    revoked_by     text,
    check ((revoked_at is null) = (revoked_by is null))
);

-- The tokens of an asset, in order of their ids.
create index asset_token_asset on asset_token (asset_id, id);
-- What admission is loaded from, and how many there are.
create index asset_token_usable on asset_token (expires_at) where revoked_at is null;
