-- Rollouts: what is declared, and where the whole of each stands. Of its targets it knows how many are in which stage (waves),
-- kept up step by step; nothing ever counts them.
create table rollout (
    id               integer generated always as identity primary key,
    name             text collate "C" not null unique,
    spec             json not null,
    managers         jsonb not null default '{}',
    created          timestamptz not null,
    updated          timestamptz not null,
    resource_version bigint not null,
    component        text collate "C" not null,
    phase            text not null,
    cause            text,                             -- of a pause
    why              text not null default '',
    phase_since      timestamptz not null,
    live             boolean not null default false,   -- a worker has something to do
    elapsed_ms       bigint not null default 0,        -- the rollout's own time: it stands still while nobody watches
    looked_at        timestamptz not null,
    wave             smallint not null default 0,
    waves            json not null default '[]',
    left_out         json not null default '{}',       -- at the start, by reason
    started          timestamptz,
    ended            timestamptz
);
create index rollout_live on rollout (id) where live;

-- One asset in a rollout; stage and reason are numbers (engine.Stage, engine.Reason). Narrow, and no foreign keys: a million come at
-- once.
create table rollout_target (
    rollout    integer  not null,
    ord        integer  not null,
    wave       smallint not null,
    stage      smallint not null,
    reason     smallint,
    attempt    smallint not null default 0,
    since      timestamptz not null,
    ordered_at timestamptz,
    began_ms   bigint   not null default 0,
    due_ms     bigint,
    asset      text collate "C" not null,
    component  text collate "C" not null,
    previous   text,
    boot       text,
    detail     text,
    primary key (rollout, ord)
) with (fillfactor = 80);
-- The next ones to be offered, and pages by stage.
create index rollout_target_stage on rollout_target (rollout, stage, ord);
create index rollout_target_due on rollout_target (rollout, due_ms) where due_ms is not null;
-- An asset has one active change for each component, whoever wants it: ordered … verifying, rolling back, confirming back.
create unique index rollout_target_active on rollout_target (asset, component)
    where stage between 2 and 7 or stage in (12, 13);
-- Which rollouts an asset is in, and which of them came later.
create index rollout_target_asset on rollout_target (asset, component);

-- Targets of which there is something new to observe. Only inserted into by those who hear, so that nobody waits for a rollout.
create table rollout_nudge (
    rollout integer not null,
    seq     bigint generated always as identity,
    ord     integer not null,
    primary key (rollout, seq)
);

-- Every step of every target.
create table rollout_step (
    rollout integer  not null,
    ord     integer  not null,
    at      timestamptz not null,
    stage   smallint not null,
    reason  smallint,
    attempt smallint not null,
    detail  text
);
create index rollout_step_target on rollout_step (rollout, ord);

-- Every decision about a rollout as a whole, with what it was worked out from.
create table rollout_decision (
    rollout   integer not null,
    seq       bigint generated always as identity,
    at        timestamptz not null,
    kind      text not null,
    wave      smallint not null,
    outcome   text not null,
    reason    text not null,
    inputs    json not null,
    threshold json not null,
    actor     text not null,
    primary key (rollout, seq)
);
