package dev.muster.bench;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import org.postgresql.PGConnection;

/**
 * Assets in PostgreSQL with rows as the server makes them itself: one asset is created and its desired state worked out, the others
 * are its copies, which run three versions.
 */
final class RolloutAssets {
    static final String COMPONENT = "app";
    static final String TYPE = "meter";
    static final String LABEL = "line";

    private static final String TEMPLATE = "rollout-template";
    private static final int COPY_CHUNK = 50_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private RolloutAssets() {}

    static String id(int asset) {
        return String.format(Locale.ROOT, "sensor-%07d", asset);
    }

    /** The run of an asset: another one with each version. */
    static String boot(String version) {
        return "b-" + version;
    }

    /** @param lines into how many equal parts the label {@value #LABEL} divides them */
    static void fill(MusterServer server, int assets, int lines) throws Exception {
        server.post("/api/v1/apply", "application/yaml", """
                apiVersion: muster.dev/v1
                kind: AssetType
                metadata: {name: %s}
                spec:
                  description: Heard of once a day
                  criticality: low
                  heartbeat: {interval: 12h, ttl: 1d}
                  baseline:
                    reporting: {intervalSeconds: 60}
                """.formatted(TYPE));
        server.post("/api/v1/assets", "application/json", "{\"id\":\"" + TEMPLATE + "\",\"type\":\"" + TYPE + "\"}");
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!server.get("/api/v1/assets/" + TEMPLATE + "/twin")
                .path("desired")
                .isObject()) {
            if (System.nanoTime() > end) {
                throw new IOException("the desired state of the template was not worked out within " + PATIENCE);
            }
            Thread.sleep(50);
        }
        try (Connection database = server.database();
                Statement statement = database.createStatement()) {
            long version = copyAssets(database, assets, lines);
            statement.execute("""
                    insert into twin_desired (asset, generation, content, origins, changed, reason, asset_version)
                    select a.id, d.generation, d.content, d.origins, d.changed, d.reason, a.resource_version
                    from twin_desired d cross join asset a where d.asset = '%s' and a.resource_version > %d
                    """.formatted(TEMPLATE, version));
            statement.execute("""
                    insert into twin_reported (asset, journal_offset, generation, received, boot_id, config, software, updates,
                                               hash, compared, since)
                    select a.id, -1, d.generation, now(), 'b-' || (array['1.4.2', '1.4.1', '1.3.0'])[1 + a.resource_version %% 3], (x.body::json -> 'config'),
                           jsonb_build_object('firmware', '3.2.0', '%s',
                               (array['1.4.2', '1.4.1', '1.3.0'])[1 + a.resource_version %% 3]),
                           '{}', '', d.generation, now()
                    from asset a join twin_desired d on d.asset = a.id join twin_text x on x.id = d.content
                    where a.resource_version > %d
                    """.formatted(COMPONENT, version));
            statement.execute("""
                    update asset a set software = r.software, drift = 0 from twin_reported r
                    where r.asset = a.id and a.resource_version > %d
                    """.formatted(version));
            for (String table : new String[] {"asset", "twin_desired", "twin_reported"}) {
                statement.execute("vacuum analyze " + table);
            }
            statement.execute("checkpoint");
        }
    }

    /** Waits until all have given a sign of life, which the fleet's first start after the filling makes them do. */
    static void awaitOnline(MusterServer server, int assets) throws Exception {
        try (Connection database = server.database()) {
            long end = System.nanoTime() + PATIENCE.toNanos() + assets * 1_000_000L;
            while (number(database, "select count(*) from asset where presence = 'online'") < assets) {
                if (System.nanoTime() > end) {
                    throw new IOException("not all assets are online");
                }
                Thread.sleep(1_000);
            }
        }
    }

    /** @return the version after which theirs begin */
    private static long copyAssets(Connection database, int assets, int lines) throws SQLException, IOException {
        long version = number(database, "select nextval('resource_version')");
        number(database, "select setval('resource_version', " + (version + assets) + ")");
        var copy = database.unwrap(PGConnection.class).getCopyAPI();
        for (int begin = 0; begin < assets; begin += COPY_CHUNK) {
            StringBuilder rows = new StringBuilder();
            for (int i = begin; i < Math.min(begin + COPY_CHUNK, assets); i++) {
                rows.append(String.format(
                        Locale.ROOT,
                        "%s\t%s\t{\"%s\":\"%d\"}\tregion-%d\tplant-%d\trev-%d\tactive\t"
                                + "2026-01-01\t2026-01-01\t2026-01-01\t%d%n",
                        id(i),
                        TYPE,
                        LABEL,
                        i % lines,
                        i % 4,
                        i % 100,
                        i % 3,
                        version + 1 + i));
            }
            copy.copyIn(
                    "copy asset (id, type, labels, region, site, hardware, lifecycle, presence_since, created, updated,"
                            + " resource_version) from stdin",
                    new StringReader(rows.toString()));
        }
        return version;
    }

    static long number(Connection database, String sql) throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
