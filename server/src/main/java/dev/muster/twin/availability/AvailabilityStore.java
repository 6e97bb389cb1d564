package dev.muster.twin.availability;

import dev.muster.protocol.AssetId;
import dev.muster.twin.availability.AvailabilityEngine.Gain;
import dev.muster.twin.availability.AvailabilityEngine.Progress;
import dev.muster.twin.availability.AvailabilityEngine.Session;
import dev.muster.twin.bucket.Bucket;
import java.sql.ResultSet;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Availability in PostgreSQL; bits and the place in the journal change in one transaction. */
public final class AvailabilityStore {
    /** How long days are kept. */
    static final int KEPT_DAYS = 90;

    private static final int CHUNK = 10_000;
    private static final int MAX_FORGOTTEN_AT_ONCE = 50_000;

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;

    public AvailabilityStore(JdbcClient jdbc, TransactionTemplate transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /** @param nextOffset entries below it are in the days */
    record Checkpoint(long nextOffset, Progress progress) {}

    /**
     * Notes that the server starts.
     *
     * <p>When the journal ends before the last checkpoint it is another one than before, and is read from its beginning. What
     * a journal holds from before the first start is passed over: nobody noted when the server ran.
     */
    void begin(ServerRun run) {
        transactions.executeWithoutResult(_ -> {
            Optional<Checkpoint> last = checkpoint();
            if (last.isEmpty()) {
                place(run.firstOffset(), Progress.NONE);
            } else if (last.get().nextOffset() > run.firstOffset()) {
                jdbc.sql("delete from availability_run").update();
                place(0, last.get().progress());
            }
            jdbc.sql("insert into availability_run (first_offset, started) values (:offset, :started)"
                            + " on conflict do nothing")
                    .param("offset", run.firstOffset())
                    .param("started", run.started())
                    .update();
        });
    }

    Optional<Checkpoint> checkpoint() {
        return jdbc.sql("select next_offset, known, alive, watch_from from availability_checkpoint")
                .query((row, _) -> new Checkpoint(
                        row.getLong("next_offset"),
                        new Progress(row.getLong("known"), row.getLong("alive"), row.getLong("watch_from"))))
                .optional();
    }

    /** Those that are not in the marks, in their order. */
    List<ServerRun> runs() {
        return jdbc.sql("select first_offset, started from availability_run order by first_offset, started")
                .query((row, _) -> new ServerRun(row.getLong("first_offset"), row.getLong("started")))
                .list();
    }

    /** Those of the last checkpoint of an older version; packed ones are in {@link #lines}. */
    Map<AssetId, Session> sessions() {
        Map<AssetId, Session> sessions = new HashMap<>();
        jdbc.sql("select asset, session, last_seen from availability_session").query(row -> {
            sessions.put(
                    new AssetId(row.getString("asset")), new Session(row.getLong("session"), row.getLong("last_seen")));
        });
        return sessions;
    }

    /** All that is packed. */
    List<byte[]> lines() {
        return packed(jdbc.sql("select lines from availability_line"));
    }

    private static List<byte[]> packed(JdbcClient.StatementSpec selected) {
        List<byte[]> packed = new ArrayList<>();
        selected.query((ResultSet row) -> {
            packed.add(row.getBytes("lines"));
        });
        return packed;
    }

    /**
     * What the engine gained, how the assets stand and the place in the journal: all or nothing.
     *
     * @param due buckets whose gains are written to the days
     * @param told runs that are in the marks now
     */
    void save(AvailabilityEngine engine, BitSet due, long nextOffset, List<ServerRun> told) {
        transactions.executeWithoutResult(_ -> {
            GainRows gains = new GainRows();
            engine.forEachGain(due, gains::add);
            gains.flush();
            write(engine, due);
            jdbc.sql("delete from availability_session").update();
            engine.watched().forEach(this::watch);
            for (ServerRun run : told) {
                jdbc.sql("delete from availability_run where first_offset = :offset and started = :started")
                        .param("offset", run.firstOffset())
                        .param("started", run.started())
                        .update();
            }
            place(nextOffset, engine.progress());
        });
    }

    private void place(long nextOffset, Progress progress) {
        jdbc.sql("""
                        insert into availability_checkpoint (next_offset, known, alive, watch_from)
                        values (:offset, :known, :alive, :watchFrom)
                        on conflict (only_one) do update set next_offset = excluded.next_offset,
                            known = excluded.known, alive = excluded.alive, watch_from = excluded.watch_from""")
                .param("offset", nextOffset)
                .param("known", progress.known())
                .param("alive", progress.alive())
                .param("watchFrom", progress.watchFrom())
                .update();
    }

    private void watch(long word, long bits) {
        jdbc.sql("""
                        insert into availability_watch as known (day, watched)
                        values (:day, (:bits::bigint::bit(64)::bit(1440)) >> :shift)
                        on conflict (day) do update set watched = known.watched | excluded.watched""")
                .param("day", LocalDate.ofEpochDay(Minutes.day(word)))
                .param("bits", bits)
                .param("shift", Minutes.shift(word))
                .update();
    }

    /** Gained words on their way to the days, some thousand in one statement. */
    private final class GainRows {
        private final List<String> assets = new ArrayList<>(CHUNK);
        private final List<Integer> days = new ArrayList<>(CHUNK);
        private final List<Integer> shifts = new ArrayList<>(CHUNK);
        private final List<Long> reachable = new ArrayList<>(CHUNK);
        private final List<Long> stale = new ArrayList<>(CHUNK);
        private final List<Long> reported = new ArrayList<>(CHUNK);

        void add(AssetId asset, long word, Gain gain) {
            assets.add(asset.value());
            days.add(Minutes.day(word));
            shifts.add(Minutes.shift(word));
            reachable.add(gain.reachable);
            stale.add(gain.stale);
            reported.add(gain.reported);
            if (assets.size() == CHUNK) {
                flush();
            }
        }

        void flush() {
            if (assets.isEmpty()) {
                return;
            }
            jdbc.sql("""
                            insert into availability_day as known (day, asset, reachable, stale, reported)
                            select date '1970-01-01' + day, asset,
                                bit_or((reachable::bit(64)::bit(1440)) >> shift),
                                bit_or((nullif(stale, 0)::bit(64)::bit(1440)) >> shift),
                                bit_or((nullif(reported, 0)::bit(64)::bit(1440)) >> shift)
                            from unnest(:assets, :days, :shifts, :reachable, :stale, :reported)
                                as gained (asset, day, shift, reachable, stale, reported)
                            group by day, asset
                            on conflict (day, asset) do update set reachable = known.reachable | excluded.reachable,
                                stale = coalesce(known.stale | excluded.stale, known.stale, excluded.stale),
                                reported = coalesce(known.reported | excluded.reported, known.reported, excluded.reported)""")
                    .param("assets", assets.toArray(String[]::new))
                    .param("days", days.toArray(Integer[]::new))
                    .param("shifts", shifts.toArray(Integer[]::new))
                    .param("reachable", reachable.toArray(Long[]::new))
                    .param("stale", stale.toArray(Long[]::new))
                    .param("reported", reported.toArray(Long[]::new))
                    .update();
            List.of(assets, days, shifts, reachable, stale, reported).forEach(List::clear);
        }
    }

    private void write(AvailabilityEngine engine, BitSet due) {
        List<Integer> buckets = new ArrayList<>();
        List<byte[]> lines = new ArrayList<>();
        List<Integer> empty = new ArrayList<>();
        for (int bucket = 0; bucket < Bucket.COUNT; bucket++) {
            byte[] packed = engine.pack(bucket, due);
            if (packed.length == 0) {
                empty.add(bucket);
            } else {
                buckets.add(bucket);
                lines.add(packed);
            }
        }
        if (!buckets.isEmpty()) {
            jdbc.sql("""
                            insert into availability_line (bucket, lines) select * from unnest(:buckets::smallint[], :lines::bytea[])
                            on conflict (bucket) do update set lines = excluded.lines""")
                    .param("buckets", buckets.toArray(Integer[]::new))
                    .param("lines", lines.toArray(byte[][]::new))
                    .update();
        }
        jdbc.sql("delete from availability_line where bucket = any(:empty::smallint[])")
                .param("empty", empty.toArray(Integer[]::new))
                .update();
    }

    /** The maps of one asset's day, as {@code bit(1440)} has its bits; null where nothing is marked. */
    record Day(byte[] reachable, byte @Nullable [] stale, byte @Nullable [] reported) {
        Day plus(long word, Gain gain) {
            int at = Minutes.shift(word) / Byte.SIZE;
            return new Day(
                    Objects.requireNonNull(or(reachable, at, gain.reachable)),
                    or(stale, at, gain.stale),
                    or(reported, at, gain.reported));
        }

        private static byte @Nullable [] or(byte @Nullable [] day, int at, long bits) {
            if (bits == 0) {
                return day;
            }
            byte[] changed = day == null ? new byte[Minutes.BYTES_PER_DAY] : day;
            for (int i = 0; i < Long.BYTES && at + i < changed.length; i++) {
                changed[at + i] |= (byte) (bits >>> (Long.SIZE - Byte.SIZE * (i + 1)));
            }
            return changed;
        }
    }

    /** What assets gained and their days do not have yet: read before the days, which only ever gain what leaves here. */
    static final class Unwritten {
        private final Map<AssetId, Map<Long, Gain>> gains = new HashMap<>();

        void add(byte[] packed) {
            AvailabilityEngine.forEachGain(
                    packed,
                    (asset, word, gain) ->
                            gains.computeIfAbsent(asset, _ -> new HashMap<>(4)).put(word, gain));
        }

        private void into(List<AssetId> assets, int from, int to, Map<AssetId, Map<Integer, Day>> days) {
            for (AssetId asset : assets) {
                gains.getOrDefault(asset, Map.of()).forEach((word, gain) -> {
                    int day = Minutes.day(word);
                    if (day >= from && day <= to) {
                        days.computeIfAbsent(asset, _ -> new HashMap<>())
                                .compute(
                                        day,
                                        (_, found) -> (found == null
                                                        ? new Day(new byte[Minutes.BYTES_PER_DAY], null, null)
                                                        : found)
                                                .plus(word, gain));
                    }
                });
            }
        }
    }

    Unwritten unwritten() {
        Unwritten unwritten = new Unwritten();
        lines().forEach(unwritten::add);
        return unwritten;
    }

    Unwritten unwritten(List<AssetId> assets) {
        Unwritten unwritten = new Unwritten();
        packed(jdbc.sql("select lines from availability_line where bucket = any(:buckets::smallint[])")
                        .param(
                                "buckets",
                                assets.stream().map(Bucket::of).distinct().toArray(Integer[]::new)))
                .forEach(unwritten::add);
        return unwritten;
    }

    /**
     * By asset and day, counted from the epoch. Index: primary key (day, asset).
     *
     * @param to included
     */
    Map<AssetId, Map<Integer, Day>> days(List<AssetId> assets, int from, int to, Unwritten unwritten) {
        Map<AssetId, Map<Integer, Day>> found = new HashMap<>();
        jdbc.sql("""
                        select asset, day - date '1970-01-01' as day, bit_send(reachable) as reachable,
                            bit_send(stale) as stale, bit_send(reported) as reported
                        from availability_day where day = any(:days::date[]) and asset = any(:assets)""")
                .param("days", dates(from, to))
                .param("assets", assets.stream().map(AssetId::value).toArray(String[]::new))
                .query(row -> {
                    found.computeIfAbsent(new AssetId(row.getString("asset")), _ -> new HashMap<>())
                            .put(
                                    row.getInt("day"),
                                    new Day(
                                            bits(row.getBytes("reachable")),
                                            bitsOrNull(row.getBytes("stale")),
                                            bitsOrNull(row.getBytes("reported"))));
                });
        unwritten.into(assets, from, to, found);
        return found;
    }

    Map<Integer, byte[]> watched(int from, int to) {
        Map<Integer, byte[]> found = new HashMap<>();
        jdbc.sql("""
                        select day - date '1970-01-01' as day, bit_send(watched) as watched
                        from availability_watch where day = any(:days::date[])""").param("days", dates(from, to)).query(row -> {
            found.put(row.getInt("day"), bits(row.getBytes("watched")));
        });
        return found;
    }

    private static String[] dates(int from, int to) {
        return LocalDate.ofEpochDay(from)
                .datesUntil(LocalDate.ofEpochDay(to).plusDays(1))
                .map(LocalDate::toString)
                .toArray(String[]::new);
    }

    private static byte @Nullable [] bitsOrNull(byte @Nullable [] sent) {
        return sent == null ? null : bits(sent);
    }

    /** The wire form begins with the number of bits, in four bytes. */
    private static byte[] bits(byte[] sent) {
        return java.util.Arrays.copyOfRange(sent, Integer.BYTES, sent.length);
    }

    /** A bounded number at a time. Index: primary key (day, asset). */
    void forgetBefore(LocalDate day) {
        jdbc.sql("""
                        delete from availability_day where ctid in (
                            select ctid from availability_day where day < :day order by day limit :most)""").param("day", day).param("most", MAX_FORGOTTEN_AT_ONCE).update();
        jdbc.sql("delete from availability_watch where day < :day")
                .param("day", day)
                .update();
    }
}
