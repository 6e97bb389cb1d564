-- For lists of the newest assets. What it holds never changes, so a new version of a row stays on its page (see V112).
create index asset_created on asset (created, id);
