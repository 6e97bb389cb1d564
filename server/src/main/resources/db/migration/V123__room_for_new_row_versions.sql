-- Rows that are replaced again and again: the new version stays on its page and no index hears of it.
alter table twin_reported set (fillfactor = 75);
alter table twin_desired set (fillfactor = 75);
alter table twin_reconcile set (fillfactor = 75);
