-- Who changed what. No foreign keys: an entry outlives what it tells about.
create table audit_entry (
    id             bigint generated always as identity primary key,
    at             timestamptz not null,
    actor          text not null,
    actor_kind     text not null,
    action         text not null,
    object_kind    text not null,
    object_name    text not null,
    before         jsonb,
    after          jsonb,
    request_id     text,
    remote_address text
);

-- Newest first, page by page: (at, id) is the key of a page. The others serve ?object= and ?actor=.
create index audit_entry_newest on audit_entry (at desc, id desc);
create index audit_entry_object on audit_entry (object_kind, object_name, at desc, id desc);
create index audit_entry_actor on audit_entry (actor, at desc, id desc);

create function audit_entry_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'audit entries are never changed or deleted, found %', tg_op using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_entry_is_final before update or delete on audit_entry
    for each row execute function audit_entry_is_final();
create trigger audit_entry_is_not_emptied before truncate on audit_entry
    for each statement execute function audit_entry_is_final();
