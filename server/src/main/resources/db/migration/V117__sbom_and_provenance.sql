-- What releases are made of, as their SBOMs say: for "which releases contain this". Rows stay when the artifacts are pruned, since
-- assets may run the release still.
create table sbom_component (
    release bigint  not null references release,
    ordinal integer not null,                -- place in the SBOMs of the release
    kind    text    not null,                -- CycloneDX type: library, application, …
    "group" text    not null,                -- empty where there is none, as is version and purl
    name    text    not null,
    version text    not null,
    purl    text    not null,                -- package URL, whole
    package text    not null,                -- package URL without version, qualifiers and subpath
    primary key (release, ordinal)
);

create index sbom_component_name on sbom_component (name, version);
create index sbom_component_package on sbom_component (package, version) where package <> '';

-- How releases were built, as their provenance says.
create table release_provenance (
    release    bigint  not null references release,
    ordinal    integer not null,
    builder    text    not null,
    build_type text    not null,
    source     text    not null,             -- empty where it is not told, as are the next two
    revision   text    not null,
    invocation text    not null,
    signed_by  text    not null,             -- SHA-256 of the configured key that has signed it; empty when none was configured
    primary key (release, ordinal)
);
