package dev.muster.registry.bulk;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetFilter;
import dev.muster.registry.asset.AssetListener;
import dev.muster.registry.asset.AssetRules;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.asset.FieldManagers;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.bulk.AssetBatchStore.Written;
import dev.muster.registry.bulk.CsvReader.Row;
import dev.muster.registry.document.Problem;
import dev.muster.registry.type.AssetTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Imports a file of assets in batches, each in a transaction of its own with its audit entry; {@code strict} makes the whole
 * file one transaction that is rolled back when a row is rejected; a trial writes nothing and says the same.
 */
@Component
class AssetImport {
    static final int BATCH = 500;
    static final long MAX_ROWS = 1_000_000;
    static final int MAX_REPORTED = 10_000;
    /** From how many written rows on the planner's statistics are renewed. */
    private static final int LARGE = 5_000;

    private static final String MANAGER = "import";

    private final AssetBatchStore store;
    private final AssetTypes types;
    private final Visibility visibility;
    private final List<AssetListener> listeners;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;

    AssetImport(
            AssetBatchStore store,
            AssetTypes types,
            Visibility visibility,
            List<AssetListener> listeners,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.types = types;
        this.visibility = visibility;
        this.listeners = List.copyOf(listeners);
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** How a file is taken. */
    enum Mode {
        /** What can be imported is. */
        LENIENT,
        /** All of it or nothing. */
        STRICT,
        /** Nothing; only told. */
        TRIAL
    }

    /**
     * Imports what follows the header.
     *
     * @param bytesRead how far in the file the reader is
     * @param answer gets every line but the last, as it happens
     */
    ImportLine.Summary run(
            Actor actor,
            CsvReader rows,
            CsvColumns columns,
            Mode mode,
            long totalBytes,
            LongSupplier bytesRead,
            Consumer<ImportLine> answer) {
        Run run = new Run(actor, rows, columns, mode == Mode.TRIAL, ids.next(), totalBytes, bytesRead, answer);
        if (mode != Mode.STRICT) {
            run.all();
            return run.summary(mode == Mode.LENIENT);
        }
        return Objects.requireNonNull(transaction.execute(status -> {
            run.all();
            if (run.rejected > 0) {
                status.setRollbackOnly();
            }
            return run.summary(run.rejected == 0);
        }));
    }

    /** One import under way. */
    private final class Run {
        private final Actor actor;
        private final CsvReader rows;
        private final CsvColumns columns;
        private final boolean trial;
        private final String id;
        private final long totalBytes;
        private final LongSupplier bytesRead;
        private final Consumer<ImportLine> answer;
        private final long started = System.nanoTime();
        private final Map<String, Integer> lines = new HashMap<>();

        private long read;
        private long created;
        private long updated;
        private long unchanged;
        private long rejected;

        Run(
                Actor actor,
                CsvReader rows,
                CsvColumns columns,
                boolean trial,
                String id,
                long totalBytes,
                LongSupplier bytesRead,
                Consumer<ImportLine> answer) {
            this.actor = actor;
            this.rows = rows;
            this.columns = columns;
            this.trial = trial;
            this.id = id;
            this.totalBytes = totalBytes;
            this.bytesRead = bytesRead;
            this.answer = answer;
        }

        void all() {
            boolean more = true;
            while (more) {
                List<Row> batch = new ArrayList<>(BATCH);
                more = fill(batch);
                if (!batch.isEmpty()) {
                    transaction.executeWithoutResult(status -> write(batch));
                }
                if (!more && !trial) {
                    transaction.executeWithoutResult(status -> finish());
                }
                answer.accept(new ImportLine.Progress(read, bytesRead.getAsLong(), totalBytes));
            }
        }

        ImportLine.Summary summary(boolean imported) {
            long milliseconds = (System.nanoTime() - started) / 1_000_000;
            return new ImportLine.Summary(id, read, created, updated, unchanged, rejected, imported, milliseconds);
        }

        /** Takes rows that can be understood by themselves. @return whether more may follow */
        private boolean fill(List<Row> batch) {
            try {
                while (batch.size() < BATCH) {
                    Row row = rows.next();
                    if (row == null) {
                        return false;
                    }
                    if (++read > MAX_ROWS) {
                        reject(row, "", "the file has more than " + MAX_ROWS + " rows; the rest is not read");
                        return false;
                    }
                    String problem = columns.problem(row);
                    Integer first = problem == null ? lines.putIfAbsent(columns.id(row), row.line()) : null;
                    if (problem != null) {
                        reject(row, "", problem);
                    } else if (first != null) {
                        reject(row, columns.id(row), "the id stands in line " + first + " already");
                    } else {
                        batch.add(row);
                    }
                }
                return true;
            } catch (IOException unreadable) {
                throw new UncheckedIOException("the file cannot be read any further", unreadable);
            }
        }

        private void write(List<Row> batch) {
            List<String> wanted = batch.stream().map(columns::id).toList();
            if (!trial) {
                listeners.forEach(AssetListener::beforeChange);
            }
            Map<AssetId, Asset> known = trial ? store.find(wanted) : store.lock(wanted);
            Map<String, Map<String, String>> managers = known.isEmpty() ? Map.of() : store.managers(wanted);
            AssetFilter scope = visibility.filter(actor.scope(), null);
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);

            Map<String, Row> origin = new HashMap<>();
            List<Written> inserts = new ArrayList<>();
            List<Written> updates = new ArrayList<>();
            for (Row row : batch) {
                AssetId asset = new AssetId(columns.id(row));
                Asset before = known.get(asset);
                AssetSpec spec = columns.spec(row, before);
                Asset after = declared(asset, before, spec, now);
                Optional<String> problem = problem(scope, before, spec, after);
                if (problem.isPresent()) {
                    reject(row, asset.value(), problem.get());
                } else if (before != null
                        && declared(asset, before, spec, before.updated()).equals(before)) {
                    unchanged++;
                } else {
                    Map<String, String> old = managers.getOrDefault(asset.value(), Map.of());
                    origin.put(asset.value(), row);
                    (before == null ? inserts : updates)
                            .add(new Written(after, FieldManagers.afterWrite(before, after, old, MANAGER)));
                }
            }
            if (trial) {
                created += inserts.size();
                updated += updates.size();
                return;
            }
            Set<String> inserted = store.insert(inserts, now);
            store.update(updates, now);
            inserts.stream()
                    .map(each -> each.asset().id().value())
                    .filter(each -> !inserted.contains(each))
                    .forEach(each -> reject(
                            Objects.requireNonNull(origin.get(each)), each, "the asset was created at the same time"));
            created += inserted.size();
            updated += updates.size();
            if (!inserted.isEmpty() || !updates.isEmpty()) {
                listeners.forEach(AssetListener::changedMany);
                record(inserted, updates);
            }
        }

        private Optional<String> problem(AssetFilter scope, @Nullable Asset before, AssetSpec spec, Asset after) {
            List<Problem> problems = AssetRules.problems(spec);
            if (!problems.isEmpty()) {
                return Optional.of(problems.getFirst().toString());
            }
            if (!types.exists(spec.type())) {
                return Optional.of("type \"" + spec.type() + "\" is not an asset type");
            }
            if (before != null && !scope.matches(before)) {
                return Optional.of("the id is taken by an asset outside of your scope");
            }
            if (!scope.matches(after)) {
                return Optional.of("the asset would be outside of your scope");
            }
            return before == null ? Optional.empty() : AssetService.transitionProblem(actor, before, after.lifecycle());
        }

        private static Asset declared(AssetId id, @Nullable Asset before, AssetSpec spec, Instant updated) {
            Lifecycle old = before == null ? Lifecycle.REGISTERED : before.lifecycle();
            return new Asset(
                    id,
                    spec.type(),
                    spec.labels(),
                    spec.owner(),
                    spec.region(),
                    spec.site(),
                    spec.hardware(),
                    Objects.requireNonNullElse(spec.lifecycle(), old),
                    before == null ? Presence.NEVER_SEEN : before.presence(),
                    before == null ? updated : before.presenceSince(),
                    before == null ? null : before.lastSeen(),
                    before == null ? null : before.certificateExpires(),
                    before == null ? Map.of() : before.software(),
                    before == null ? null : before.drift(),
                    before == null ? updated : before.created(),
                    updated,
                    before == null ? 0 : before.resourceVersion());
        }

        /** Which assets a batch changed, so that the trail of an asset leads to the import. */
        private void record(Set<String> inserted, List<Written> updates) {
            Map<String, Object> what = new TreeMap<>();
            what.put("created", inserted.stream().sorted().toList());
            what.put(
                    "updated",
                    updates.stream().map(each -> each.asset().id().value()).toList());
            audit.record(actor, "asset.import_batch", "import", id, null, what);
        }

        private void finish() {
            Map<String, Object> counts =
                    Map.of("created", created, "updated", updated, "unchanged", unchanged, "rejected", rejected);
            audit.record(actor, "asset.import", "import", id, null, counts);
            events.append("assets.imported", "import/" + id, counts);
            if (created + updated >= LARGE) {
                store.analyze();
            }
        }

        private void reject(Row row, String asset, String message) {
            if (++rejected <= MAX_REPORTED) {
                answer.accept(new ImportLine.Rejected(row.line(), asset, message));
            }
        }
    }
}
