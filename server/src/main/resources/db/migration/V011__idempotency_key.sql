-- What was answered to a POST with an Idempotency-Key, for a day. The result is sealed with a key that only the caller's token
-- gives; null while the request runs, or when the result was too large to keep.
create table idempotency_key (
    actor       text not null,
    key         text not null,
    fingerprint bytea not null,
    created_at  timestamptz not null,
    finished_at timestamptz,
    result      bytea,
    primary key (actor, key)
);

create index idempotency_key_age on idempotency_key (created_at);
