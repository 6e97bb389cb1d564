-- Alerts: one row for each set of labels that was said to be wrong.
create table alert (
    fingerprint     text collate "C" primary key,  -- of the labels, as Alertmanager's
    name            text        not null,          -- the label alertname
    severity        text        not null check (severity in ('page', 'ticket', 'info')),
    asset           text,                          -- the label asset, null for a common cause
    labels          jsonb       not null,
    annotations     jsonb       not null,
    source          text        not null,          -- who said so last, such as rule/hot
    origin          text        not null,
    state           text        not null check (state in ('pending', 'firing', 'resolved')),
    since           timestamptz not null,          -- when it came to its state
    starts_at       timestamptz not null,          -- since when it is wrong, by its source
    ends_at         timestamptz,
    expires_at      timestamptz,                   -- over then, unless it is said again; null when its source will say so
    last_wrong      timestamptz not null,
    unknown_since   timestamptz,                   -- its source cannot tell; it fires on
    recent_starts   jsonb       not null,
    acknowledgement jsonb,
    cause           jsonb,                         -- what the assets in alert_asset have in common
    evidence        jsonb       not null,
    first_seen      timestamptz not null default now()
);

create index alert_open on alert (fingerprint) where state <> 'resolved';
create index alert_open_of_source on alert (source) where state <> 'resolved';
create index alert_expiring on alert (expires_at) where state <> 'resolved';
create index alert_since on alert (since desc, fingerprint);
create index alert_of_asset on alert (asset) where asset is not null;

-- Which assets an alert at a common cause stands for.
create table alert_asset (
    fingerprint text collate "C" not null references alert on delete cascade,
    asset       text collate "C" not null,
    primary key (fingerprint, asset)
);

create index alert_asset_asset on alert_asset (asset);
