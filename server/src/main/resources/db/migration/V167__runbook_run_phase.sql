-- The newest runs that ended in one way, without reading through all the others.
create index runbook_run_phase on runbook_run (phase, id);
