-- API tokens. The secret is known only by its SHA-256. A revoked token stays, so that its name is never used again and the
-- audit trail stays unambiguous.
create table api_token (
    id         text primary key,
    name       text not null unique,
    hash       bytea not null unique,
    role       text not null check (role in ('admin', 'operator', 'viewer')),
    scope      text,
    expires_at timestamptz,
    created_at timestamptz not null,
    created_by text not null,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);
