-- What the assets that fail most are worked out from, without a look at all assets, all changes of presence and all that is reconciled.
create index asset_retired on asset (id) where lifecycle = 'retired';
create index presence_transition_offline on presence_transition (at) where to_presence = 'offline';
create index twin_reconcile_stalled on twin_reconcile (asset) where synced is null and stalled is not null;
