-- Logins of browsers. The secret in the cookie is known only by its SHA-256. A session can do what its token can, and ends with it.
create table login_session (
    id           text primary key,
    hash         bytea not null unique,
    token_id     text not null references api_token (id) on delete cascade,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,   -- whatever happens
    last_used_at timestamptz not null    -- exact to a minute; ends the session when it is idle for too long
);
create index login_session_token on login_session (token_id);
create index login_session_expiry on login_session (expires_at);
