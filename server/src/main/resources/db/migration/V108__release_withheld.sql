-- A release that a gate has halted for one stratum is withheld from assets like those: no rollout brings it to them until a person ends
-- that. Values by attribute, as in the rollout's failures.by.
create table release_withheld (
    id        integer generated always as identity primary key,
    component text collate "C" not null,
    version   text collate "C" not null,
    stratum   json not null,
    rollout   text not null,
    reason    text not null,
    since     timestamptz not null
);
create index release_withheld_release on release_withheld (component, version);
