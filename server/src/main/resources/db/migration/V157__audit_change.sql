-- What changes the fleet as a whole, newest first: shown beside graphs. Routine of single assets, logins and renewals are by far the
-- most entries of the trail and not among them.
create index audit_entry_change on audit_entry (at desc, id desc)
    where object_kind in ('rollout', 'release', 'configuration', 'asset_type', 'group', 'runbook', 'gameday', 'silence', 'command-run');
