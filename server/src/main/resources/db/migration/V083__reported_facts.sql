-- What selectors ask of an asset's newest report: the versions that run, and in how many fields it differs from what is desired.
-- The twin writes both with each report that changes them; drift is null while the newest report was not compared.

alter table asset
    add column software jsonb not null default '{}',
    add column drift    integer;

update asset
set software = r.software,
    drift = case when r.compared is not null then r.drift_count end
from twin_reported r
where r.asset = asset.id;

create index asset_software on asset using gin (software jsonb_path_ops);
