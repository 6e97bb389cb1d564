package dev.muster.release.supply;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The tables {@code sbom_component} and {@code release_provenance}. */
@Component
public class SupplyStore {
    private final JdbcClient jdbc;

    public SupplyStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param release number of a release that came into being in the caller's transaction */
    public void add(long release, Supply supply) {
        List<Sbom.Component> components = supply.components();
        if (!components.isEmpty()) {
            jdbc.sql("""
                            insert into sbom_component (release, ordinal, kind, "group", name, version, purl, package)
                            select :release, ordinal, kind, grp, name, version, purl, package
                            from unnest(:ordinals::int[], :kinds::text[], :groups::text[], :names::text[],
                                        :versions::text[], :purls::text[], :packages::text[])
                                as c(ordinal, kind, grp, name, version, purl, package)
                            """)
                    .param("release", release)
                    .param(
                            "ordinals",
                            IntStream.range(0, components.size()).boxed().toArray(Integer[]::new))
                    .param("kinds", each(components, Sbom.Component::type))
                    .param("groups", each(components, Sbom.Component::group))
                    .param("names", each(components, Sbom.Component::name))
                    .param("versions", each(components, Sbom.Component::version))
                    .param("purls", each(components, Sbom.Component::purl))
                    .param("packages", each(components, Sbom.Component::pack))
                    .update();
        }
        for (int i = 0; i < supply.builds().size(); i++) {
            Supply.Built built = supply.builds().get(i);
            jdbc.sql("""
                            insert into release_provenance
                                (release, ordinal, builder, build_type, source, revision, invocation, signed_by)
                            values (:release, :ordinal, :builder, :type, :source, :revision, :invocation, :signer)
                            """)
                    .param("release", release)
                    .param("ordinal", i)
                    .param("builder", built.builder())
                    .param("type", built.buildType())
                    .param("source", built.source())
                    .param("revision", built.revision())
                    .param("invocation", built.invocation())
                    .param("signer", built.signedBy())
                    .update();
        }
    }

    private static String[] each(List<Sbom.Component> components, Function<Sbom.Component, String> field) {
        return components.stream().map(field).toArray(String[]::new);
    }

    public int components(long release) {
        return jdbc.sql("select count(*) from sbom_component where release = :release")
                .param("release", release)
                .query(Integer.class)
                .single();
    }

    public List<Supply.Built> builds(long release) {
        return jdbc.sql("""
                        select builder, build_type, source, revision, invocation, signed_by from release_provenance
                        where release = :release order by ordinal
                        """)
                .param("release", release)
                .query((row, number) -> new Supply.Built(
                        row.getString("builder"),
                        row.getString("build_type"),
                        row.getString("source"),
                        row.getString("revision"),
                        row.getString("invocation"),
                        row.getString("signed_by")))
                .list();
    }

    /** A component in a release. @param release its number */
    public record Use(
            long release, int ordinal, String component, String version, String status, Sbom.Component part) {}

    /** What is looked for: by package, or by name and, unless empty, group; empty for any version. */
    public record Wanted(String pack, String group, String name, String version) {}

    /** The newest release first; by the index on the name, or on the package. @param after the last one of the page before */
    public List<Use> uses(Wanted wanted, @Nullable Long afterRelease, @Nullable Integer afterOrdinal, int limit) {
        String by = wanted.pack().isEmpty()
                ? "c.name = :name and (:group = '' or c.\"group\" = :group)"
                : "c.package = :package and c.package <> ''";
        return jdbc.sql("""
                        select c.release, c.ordinal, c.kind, c."group", c.name, c.version, c.purl, r.component,
                               r.version as release_version, r.status
                        from sbom_component c join release r on r.number = c.release
                        where (:version = '' or c.version = :version)
                          and (:release::bigint is null or c.release < :release
                               or c.release = :release and c.ordinal > :ordinal::int)
                          and (""" + by + """
                              )
                        order by c.release desc, c.ordinal limit :limit
                        """)
                .param("package", wanted.pack())
                .param("name", wanted.name())
                .param("group", wanted.group())
                .param("version", wanted.version())
                .param("release", afterRelease, Types.BIGINT)
                .param("ordinal", afterOrdinal, Types.INTEGER)
                .param("limit", limit)
                .query((row, number) -> use(row))
                .list();
    }

    private static Use use(ResultSet row) throws SQLException {
        return new Use(
                row.getLong("release"),
                row.getInt("ordinal"),
                row.getString("component"),
                row.getString("release_version"),
                row.getString("status"),
                new Sbom.Component(
                        row.getString("kind"),
                        row.getString("group"),
                        row.getString("name"),
                        row.getString("version"),
                        row.getString("purl")));
    }
}
