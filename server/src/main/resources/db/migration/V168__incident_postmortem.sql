-- What people write about an incident; everything else of its postmortem is made from the timeline.
create table incident_postmortem (
    number     bigint primary key references incident on delete cascade,
    version    integer     not null,                 -- of the newest writing; who writes says which he has seen
    sections   jsonb       not null,                 -- name → Markdown
    updated    timestamptz not null,
    updated_by text        not null
);
