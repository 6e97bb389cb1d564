-- Doors for registries. The secret is not here: it is worked out from a key of the server and the id.
create table release_hook (
    id           text collate "C" primary key,  -- UUID of version 7
    name         text        not null unique,
    format       text        not null check (format in ('standard', 'github', 'oci')),
    component    text        not null,          -- of the releases that it brings
    repository   text        not null,          -- that pushes must be of; empty for any
    tag_prefix   text        not null,          -- what comes before the version in a tag; other tags are passed over
    rollout_name text        not null,          -- a template, as is the next
    rollout      jsonb       not null,          -- spec of a rollout
    starts       boolean     not null,          -- or leaves a draft
    scope        text,                          -- of who made it: no rollout reaches further; null for all assets
    created_at   timestamptz not null,
    created_by   text        not null
);

-- Deliveries of the last days: each is done once, by the sender's id and by its content.
create table release_hook_delivery (
    hook         text        not null references release_hook on delete cascade,
    delivery     text        not null,
    content_hash text        not null,
    received     timestamptz not null,
    tag          text        not null,
    outcome      text        not null check (outcome in ('running', 'started', 'drafted', 'exists', 'refused')),
    rollout      text        not null,          -- empty when it came to none
    detail       text        not null,
    primary key (hook, delivery),
    unique (hook, content_hash)
);

create index release_hook_delivery_received on release_hook_delivery (hook, received);
