package dev.muster.command;

import dev.muster.identity.Scope;
import dev.muster.platform.config.Settings;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Leases;
import dev.muster.platform.testing.MovedClock;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.selector.Selectors;
import dev.muster.telemetry.store.SpanStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** Commands on a real database with a clock that the test moves; workers come and go. */
final class CommandFixture {
    static final Duration TIMEOUT = Duration.ofMinutes(10);

    final DataSource database = TestDatabase.fresh();
    final JdbcClient jdbc = JdbcClient.create(database);
    final MovedClock clock = new MovedClock();
    final MeterRegistry meters = new SimpleMeterRegistry();
    final List<AssetId> nudged = new ArrayList<>();
    final CommandStore store = new CommandStore(jdbc, new JdbcTemplate(database));
    final RunStore runs = new RunStore(jdbc);
    final DataSourceTransactionManager manager = new DataSourceTransactionManager(database);
    final EventLog events = new EventLog(jdbc, manager, JsonMapper.shared());
    final TransactionTemplate transaction = new TransactionTemplate(manager);
    final Ids ids;
    private final CommandMetrics metrics = new CommandMetrics(meters);
    /** Not started: what ends waits in it. */
    private final CommandTraces traces =
            new CommandTraces(store, new NoSpans(), clock, meters, Settings.of(CommandSettings.SETTINGS, Map.of()));

    private final Nudges nudges = new Nudges();

    private record NoSpans() implements SpanStore {
        @Override
        public void append(List<Row> spans) {
            throw new AssertionError("nobody has started what stores spans");
        }

        @Override
        public List<Row> find(Query query) {
            return List.of();
        }
    }

    CommandFixture(long seed) {
        ids = new Ids(clock, new Random(seed));
        nudges.attach(nudged::add);
        jdbc.sql("""
                        insert into asset_type (name, spec, created, updated, resource_version)
                        values ('pump', '{}', now(), now(), 1)""").update();
    }

    SuccessRates rates() {
        AssetStore assets = new AssetStore(jdbc, new JdbcTemplate(database));
        Visibility visibility = new Visibility(new Selectors(meters), assets, clock);
        return new SuccessRates(new JdbcTemplate(database), visibility, new AssetDirectory(assets, visibility));
    }

    CommandWorker worker(PlatformTransactionManager transactions) {
        return new CommandWorker(
                store,
                runs,
                rates(),
                metrics,
                traces,
                nudges,
                events,
                new Leases(jdbc),
                ids,
                clock,
                transactions,
                Settings.of(CommandSettings.SETTINGS, Map.of()));
    }

    CommandResults results(CommandWorker worker, PlatformTransactionManager transactions) {
        return new CommandResults(store, metrics, traces, worker, events, transactions);
    }

    PendingCommands pending() {
        return new PendingCommands(store, clock, manager);
    }

    /** As when the server that held it was killed, and the time of its lease has passed. */
    void leaseRunsOut() {
        jdbc.sql("update lease set expires_at = clock_timestamp() - interval '1 second'")
                .update();
    }

    AssetId asset(String id) {
        jdbc.sql("""
                        insert into asset (id, type, lifecycle, presence_since, created, updated, resource_version)
                        values (:id, 'pump', 'active', now(), now(), now(), 1)""").param("id", id).update();
        return new AssetId(id);
    }

    Command give(AssetId asset) {
        Instant now = clock.instant();
        Command command = command(asset, null, now, Progress.pending(now.plus(TIMEOUT)));
        store.insert(List.of(command));
        return command;
    }

    Run run(List<AssetId> assets, int concurrency, @Nullable Integer maxFailures) {
        Run run = new Run(
                ids.next(),
                "prime",
                "true",
                null,
                Scope.ALL,
                JsonNodeFactory.instance.objectNode(),
                concurrency,
                maxFailures,
                Run.State.RUNNING,
                null,
                assets.size(),
                0,
                clock.instant(),
                "test",
                clock.instant().plus(RunService.LIFE),
                null);
        transaction.executeWithoutResult(status -> {
            runs.insert(run);
            store.insert(assets.stream()
                    .map(asset -> command(asset, run.id(), null, Progress.queued()))
                    .toList());
        });
        return run;
    }

    private Command command(AssetId asset, @Nullable String run, @Nullable Instant pendingAt, Progress progress) {
        return new Command(
                ids.next(),
                asset,
                "pump",
                run,
                "prime",
                JsonNodeFactory.instance.objectNode().put("litres", 3),
                TIMEOUT,
                1,
                null,
                "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01",
                clock.instant(),
                "test",
                pendingAt,
                null,
                progress,
                null,
                null,
                null);
    }

    CommandResults.Word word(Command command, Uplink.CommandResult.Status status) {
        return new CommandResults.Word(
                command.asset(), clock.instant(), new Uplink.CommandResult(command.id(), status, null));
    }

    Command find(String id) {
        return store.find(id).orElseThrow();
    }
}
