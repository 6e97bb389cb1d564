-- Tokens that speak for many assets that poll (hawkBit's gateway token), known only by the SHA-256 of their secrets. Those revoked
-- and expired stay: the audit trail names them.
create table ddi_gateway_token (
    id          text collate "C" primary key,      -- UUID of version 7: ordered by birth
    name        text        not null,
    secret_hash bytea       not null unique,
    id_pattern  text        not null,              -- of the assets that it speaks for
    asset_type  text        not null,              -- of those that it registers, as are the others
    labels      jsonb       not null,
    owner       text        not null,
    region      text        not null,
    site        text        not null,
    hardware    text        not null,
    expires_at  timestamptz not null,
    created_at  timestamptz not null,
    created_by  text        not null,
    revoked_at  timestamptz,
    revoked_by  text,
    check ((revoked_at is null) = (revoked_by is null))
);
