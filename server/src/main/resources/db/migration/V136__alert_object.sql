-- What is declared of alerting: kinds AlertRule, AlertRouting, Receiver, OnCallSchedule.
create table alert_object (
    kind             text             not null,
    name             text collate "C" not null,
    spec             json             not null,
    managers         jsonb            not null,  -- who owns which field, by JSON Pointer
    created          timestamptz      not null,
    updated          timestamptz      not null,
    resource_version bigint           not null,
    primary key (kind, name)
);

-- Grows with every change, so that a server sees with one look that it has to read again.
create sequence alert_object_version;

-- What the newest evaluation of a rule came to.
create table alert_rule_status (
    rule      text collate "C" primary key,
    evaluated timestamptz not null,
    status    jsonb       not null
);
