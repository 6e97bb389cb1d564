package dev.muster.telemetry.questdb;

import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.GroupSums;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The telemetry store of one node, on embedded QuestDB.
 *
 * <p>Tables: for each asset type {@code telemetry_<type>} (a wide one, a column per metric), {@code positions_<type>}, {@code
 * events_<type>}, {@code logs_<type>}, and for each {@code late_<table>} with the same columns for rows that are late: a commit costs as
 * much as the rows behind which its own come, and in a small table those are few. All are partitioned by day, keep their retention as TTL, and deduplicate by key. QuestDB replaces
 * the whole row of a key: the set of metric names is part of the key of telemetry, otherwise a second message of the same
 * moment with other metrics would erase those of the first.
 */
public final class QuestDbStore implements TelemetryStore {
    /** After a restart the newest values are read back this far; an asset silent for longer has none until it speaks. */
    public static final Duration LATEST_LOOKBACK = Duration.ofDays(2);

    /** Longer than a row that is not late may take, and than most of the late ones take. */
    public static final Duration PACK_AFTER = Duration.ofDays(3);

    private final QuestDb db;
    private final Tables tables;
    private final RowWriter writer;
    private final SeriesReader series;
    private final Summaries summaries;
    private final StepReader steps;
    private final GroupReader groups;
    private final SliceReader slices;
    private final TailReader tails;
    private final EventCounter events;
    private final Latest latest;
    private final Packing packing;
    private final Clock clock;
    private final StoreRounds summingUp;
    private final StoreRounds packingDays;

    private QuestDbStore(QuestDb db, Retention retention, Duration latestLookback, Duration packAfter, Clock clock) {
        this.db = db;
        this.clock = clock;
        this.tables = new Tables(db, retention);
        this.writer = new RowWriter(db, tables);
        this.series = new SeriesReader(db, tables);
        this.summaries = new Summaries(db, tables);
        this.steps = new StepReader(db, tables, summaries);
        this.groups = new GroupReader(db, tables);
        this.slices = new SliceReader(db, tables);
        this.tails = new TailReader(db, tables);
        this.events = new EventCounter(db, tables);
        this.packing = new Packing(db, tables, summaries, packAfter);
        this.latest = new Latest(db, tables, clock.millis(), latestLookback); // last: they have threads
        this.summingUp = summaries.start(clock);
        this.packingDays = packing.start(clock);
    }

    /** @param syncOnCommit false gives up what a commit promises; for measurements only */
    public static QuestDbStore open(Path folder, Retention retention, boolean syncOnCommit, Clock clock) {
        return open(QuestDb.open(folder, syncOnCommit), retention, LATEST_LOOKBACK, PACK_AFTER, clock);
    }

    /**
     * @param latestLookback how far back the newest values are looked for after a restart
     * @param packAfter how long after its end a day is packed
     */
    static QuestDbStore open(
            QuestDb db, Retention retention, Duration latestLookback, Duration packAfter, Clock clock) {
        try {
            return new QuestDbStore(db, retention, latestLookback, packAfter, clock);
        } catch (RuntimeException | Error e) {
            db.close();
            throw e;
        }
    }

    /** For tables of other kinds beside these. */
    QuestDb db() {
        return db;
    }

    @Override
    public Map<String, MetricKind> metrics(String type) {
        return tables.metrics(type);
    }

    @Override
    public void declare(String type, Map<String, MetricKind> metrics) {
        tables.declare(type, metrics);
    }

    @Override
    public void append(List<? extends Row> rows) {
        packing.horizon().store(rows, this::appendFresh, this::appendLate);
    }

    private void appendFresh(List<? extends Row> rows) {
        summaries.mark(rows, false);
        writer.append(rows);
        latest.follow(rows);
    }

    @Override
    public void appendLate(List<? extends Row> rows) {
        summaries.mark(rows, true);
        writer.appendLate(rows);
        latest.follow(rows);
    }

    @Override
    public List<Reading> range(SeriesQuery query, int limit) {
        return series.range(query, limit);
    }

    @Override
    public Map<String, List<Bucket>> aggregate(SeriesQuery query, Duration step) {
        return steps.aggregate(query, step);
    }

    @Override
    public void sum(String type, String metric, Map<String, Integer> members, long from, long to, GroupSums sums) {
        TypeTable table = tables.type(type);
        if (table != null) {
            groups.sum(table, metric, members, from, to, sums);
        }
    }

    @Override
    public Slice slice(SliceQuery query, @Nullable Set<String> assets, int limit) {
        TypeTable table = tables.type(query.type());
        return table == null || assets != null && assets.isEmpty()
                ? new Slice(List.of(), query.to())
                : slices.read(table, query, assets, limit);
    }

    @Override
    public Map<AssetId, Map<String, Value>> latest(
            String type, Collection<AssetId> assets, Collection<String> metrics) {
        return latest.values(type, assets, metrics);
    }

    @Override
    public List<Row.LogLine> logs(TailQuery query) {
        return tails.logs(query);
    }

    @Override
    public List<Row.Happening> events(TailQuery query) {
        return tails.events(query);
    }

    @Override
    public List<EventCount> countEvents(String type, long from, long to, int most) {
        return events.count(type, from, to, most);
    }

    @Override
    public List<Row.Position> positions(TailQuery query) {
        return tails.positions(query);
    }

    @Override
    public Map<AssetId, Place> places() {
        return latest.places();
    }

    @Override
    public void retain(String type, Retention retention) {
        tables.retain(type, retention);
    }

    @Override
    public void expire(Instant now) {
        db.ttlDays().forEach((table, days) -> db.dropBefore(table, now.minus(days, ChronoUnit.DAYS)));
        tables.dropEmpty();
    }

    /** Commits that cannot be read yet. */
    public double unapplied() {
        return db.unapplied();
    }

    /** How far the sums of minutes are behind; some minutes are normal. */
    public double summedBehindSeconds() {
        return summaries.behind(clock.millis()) / 1000;
    }

    @Override
    public Optional<String> problem() {
        return db.problem();
    }

    @Override
    public void awaitReadable(Duration atMost) throws InterruptedException {
        db.awaitApplied(atMost);
    }

    /** For a backup; to be closed soon, for meanwhile nothing is deleted. */
    public QuestDbCheckpoint checkpoint() {
        return db.checkpoint();
    }

    /** Whether the newest values of before the restart are still being read back. */
    public boolean isRestoringLatest() {
        return latest.isRestoring();
    }

    /** One round of summing up now, in the caller's thread. */
    void sumUp(long now) throws InterruptedException {
        summaries.round(now, true, () -> true);
    }

    /** One round of packing now, in the caller's thread. */
    boolean pack(Instant now) throws InterruptedException {
        return packing.round(now, () -> true);
    }

    Packing.Counts packed() {
        return packing.counts();
    }

    void awaitLatestRestored(Duration atMost) throws InterruptedException {
        latest.awaitRestored(atMost);
    }

    @Override
    public void close() {
        packingDays.close();
        summingUp.close();
        latest.close();
        db.close();
    }
}
