package dev.muster.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Assets that poll, in PostgreSQL with rows as the server makes them itself: one polls, the others are its copies. Registering 100,000
 * by polling would take longer than what is measured.
 */
final class PollingAssets {
    private PollingAssets() {}

    /** Copies of the first, which has polled. The server must be started anew: what it knows of assets it has in memory. */
    static void copy(MusterServer server, int targets) throws Exception {
        try (Connection database = server.database();
                Statement statement = database.createStatement()) {
            statement.execute("""
                    insert into asset (id, type, labels, lifecycle, presence_since, created, updated, resource_version, managers)
                    select 'poll-' || i, a.type, a.labels, a.lifecycle, a.presence_since, a.created, a.updated,
                        nextval('resource_version'), a.managers
                    from asset a cross join generate_series(1, %d) as i where a.id = '%s'
                    """.formatted(targets - 1, PollLoad.id(0)));
            statement.execute("""
                    insert into twin_desired (asset, generation, content, origins, changed, reason, asset_version)
                    select a.id, d.generation, d.content, d.origins, d.changed, d.reason, a.resource_version
                    from twin_desired d cross join asset a where d.asset = '%s' and a.id like 'poll-%%' and a.id <> d.asset
                    on conflict do nothing""".formatted(PollLoad.id(0)));
            statement.execute("""
                    insert into ddi_target (asset, client, tells_versions, software, updates, claims, generation, wants_attributes)
                    select a.id, t.client, t.tells_versions, t.software, t.updates, t.claims, t.generation, t.wants_attributes
                    from ddi_target t cross join asset a where t.asset = '%s' and a.id like 'poll-%%' and a.id <> t.asset
                    """.formatted(PollLoad.id(0)));
            analyze(statement);
        }
    }

    /** The first has polled since it has its order; what became of it becomes of the others with theirs. */
    static void copyDeployment(MusterServer server) throws Exception {
        try (Connection database = server.database();
                Statement statement = database.createStatement()) {
            statement.execute("""
                    insert into ddi_action (asset, component, version, attempt, previous, target, sha256, size, state, shown, kept,
                        confirmed, status, messages, created)
                    select s.asset, a.component, a.version, s.attempt, a.previous, a.target, a.sha256, a.size, a.state, a.shown, a.kept,
                        a.confirmed, a.status, a.messages, a.created
                    from ddi_action a join twin_software s on s.component = a.component where a.asset = '%s' and s.asset <> a.asset
                    """.formatted(PollLoad.id(0)));
            statement.execute("""
                    update ddi_target t set generation = d.generation, claims = f.claims,
                        updates = replace(f.updates::text, fs.attempt, s.attempt)::jsonb
                    from ddi_target f
                    join twin_software fs on fs.asset = f.asset cross join twin_software s join twin_desired d on d.asset = s.asset
                    where f.asset = '%s' and s.asset = t.asset and t.asset <> f.asset
                    """.formatted(PollLoad.id(0)));
            analyze(statement);
        }
    }

    private static void analyze(Statement statement) throws SQLException {
        for (String table : new String[] {"asset", "twin_desired", "ddi_target", "ddi_action"}) {
            statement.execute("vacuum analyze " + table);
        }
    }
}
