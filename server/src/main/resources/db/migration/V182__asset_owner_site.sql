-- Groups and selectors by owner or site need not read every asset. Neither changes with presence, so that its updates stay on their pages.
create index asset_owner on asset (owner);
create index asset_site on asset (site);
