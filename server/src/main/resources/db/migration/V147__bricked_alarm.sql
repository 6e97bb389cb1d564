-- Assets of which a rollout suspects that they do not boot any more, until they are heard of again.
create table bricked_alarm (
    asset  text collate "C" primary key,
    labels jsonb       not null,
    since  timestamptz not null
);
