-- Ways to look at the list of assets that somebody gave a name, for themselves or for everybody.
create table asset_view (
    id         text collate "C" primary key,
    owner_kind text not null,
    owner      text not null,
    name       text not null,
    shared     boolean not null,
    view       jsonb not null,        -- selector, q, facets, columns, sort
    updated    timestamptz not null,
    unique (owner_kind, owner, name)
);
create index asset_view_shared on asset_view (id) where shared;
