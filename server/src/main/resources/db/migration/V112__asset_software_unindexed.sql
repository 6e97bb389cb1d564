-- An index on what assets report made each new version of one a new entry in every index of assets, of which the one for searching is
-- most of the work: 27 pages and 5 kB of log for each asset that an update reaches, twice. Without it the row stays on its page.
-- Selectors by software go through the assets, of which 100,000 take some tens of milliseconds.
drop index asset_software;
