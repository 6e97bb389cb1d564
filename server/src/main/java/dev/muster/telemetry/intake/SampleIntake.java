package dev.muster.telemetry.intake;

import dev.muster.gateway.signal.SampleBatch;
import dev.muster.gateway.signal.Series;
import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.SampleStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lets samples of labelled series in, as long as there are not too many series: a label that holds a request's id would
 * otherwise make one for every request. What is refused is counted by asset and metric.
 *
 * <p>A series counts while it is heard of: it stands for the day on which it was received and the next. Days are those of the
 * entries, not of a clock here, so that a replay decides alike. One thread at a time.
 */
public final class SampleIntake {
    static final long DAY_MILLIS = 86_400_000;

    private final SampleStore store;
    private final AssetSchemas schemas;
    private final RefusedReport refused;
    private final int retentionDays;
    private final int perAsset;
    private final int most;
    private final JsonMapper json = JsonMapper.shared();
    /** The last day of each series. */
    private @Nullable Map<AssetId, Map<Long, Long>> known;

    private volatile int count;

    public SampleIntake(
            SampleStore store, AssetSchemas schemas, RefusedReport refused, int retentionDays, int perAsset, int most) {
        this.store = store;
        this.schemas = schemas;
        this.refused = refused;
        this.retentionDays = retentionDays;
        this.perAsset = perAsset;
        this.most = most;
    }

    /** Of one batch of entries, stored with one commit. */
    public final class Batch {
        private final List<SampleStore.Known> fresh = new ArrayList<>();
        private final List<SampleStore.Sample> samples = new ArrayList<>();

        private Batch() {}

        public void add(Intake.Origin origin, SampleBatch batch) {
            if (schemas.of(origin.asset()).isEmpty()) {
                refuse(origin, "samples", Reason.UNKNOWN_ASSET, "the registry does not know the asset");
                return;
            }
            Map<Series, Long> ids = new HashMap<>();
            int index = 0;
            for (SampleBatch.Sample sample : batch.samples()) {
                long id = ids.computeIfAbsent(sample.series(), SampleIntake::id);
                EventTime time = EventTime.of(
                        sample.ts() == 0 ? null : sample.ts(),
                        origin.receivedAt(),
                        origin.offset(),
                        index++,
                        retentionDays);
                if (time.verdict() == EventTime.Verdict.TOO_OLD) {
                    refuse(
                            origin,
                            sample.series().name(),
                            Reason.TOO_OLD,
                            "its time " + sample.ts() + " is older than the " + retentionDays
                                    + " days for which it would be kept");
                } else if (isLetIn(origin, sample.series(), id, fresh)) {
                    if (time.verdict() == EventTime.Verdict.FUTURE) {
                        refuse(
                                origin,
                                sample.series().name(),
                                Reason.IN_THE_FUTURE,
                                "its time " + sample.ts() + " is more than " + EventTime.MAX_AHEAD.toMinutes()
                                        + " min ahead of the receive time, which is kept instead; set the asset's clock");
                    }
                    samples.add(
                            new SampleStore.Sample(time.ts(), origin.asset(), origin.receivedAt(), id, sample.value()));
                }
            }
        }

        /** On return they are on disk. When it fails, the series are told again with the next attempt. */
        public void store() {
            try {
                store.append(fresh, samples);
            } catch (RuntimeException e) {
                known = null;
                throw e;
            }
        }
    }

    public Batch batch() {
        return new Batch();
    }

    /** Of all assets. */
    public int series() {
        return count;
    }

    private boolean isLetIn(Intake.Origin origin, Series series, long id, List<SampleStore.Known> fresh) {
        long day = Math.floorDiv(origin.receivedAt(), DAY_MILLIS) * DAY_MILLIS;
        Map<AssetId, Map<Long, Long>> all = known(day);
        Map<Long, Long> own = all.computeIfAbsent(origin.asset(), _ -> new HashMap<>());
        Long last = own.get(id);
        if (last != null && last >= day) {
            return true;
        }
        if (last == null) {
            if (own.size() >= perAsset || count >= most) {
                forget(all, day - DAY_MILLIS);
            }
            if (own.size() >= perAsset) {
                refuse(
                        origin,
                        series.name(),
                        Reason.SERIES_LIMIT,
                        "the asset has " + own.size() + " series of " + perAsset
                                + " allowed (series-per-asset); refused: " + series.labels());
                return false;
            }
            if (count >= most) {
                refuse(
                        origin,
                        series.name(),
                        Reason.SERIES_LIMIT,
                        "all assets have " + count + " series of " + most + " allowed (series-max); refused: "
                                + series.labels());
                return false;
            }
            all.computeIfAbsent(origin.asset(), _ -> own);
            count++;
        }
        own.put(id, day);
        fresh.add(new SampleStore.Known(
                day,
                origin.asset(),
                id,
                series.name(),
                json.writeValueAsString(series.labels()),
                series.kind().name().toLowerCase(Locale.ROOT),
                series.unit()));
        return true;
    }

    /** Read from the store at the beginning, and again after it failed. */
    private Map<AssetId, Map<Long, Long>> known(long day) {
        Map<AssetId, Map<Long, Long>> all = known;
        if (all == null) {
            all = store.knownSince(day - DAY_MILLIS);
            known = all;
            count = all.values().stream().mapToInt(Map::size).sum();
        }
        return all;
    }

    /** Those that were last heard of before the day. */
    private void forget(Map<AssetId, Map<Long, Long>> all, long day) {
        all.values().forEach(own -> own.values().removeIf(last -> last < day));
        all.values().removeIf(Map::isEmpty);
        count = all.values().stream().mapToInt(Map::size).sum();
    }

    /** Of name and labels: the same on every server and for ever. */
    static long id(Series series) {
        List<String> parts = new ArrayList<>();
        parts.add(series.name());
        series.labels().forEach((name, value) -> {
            parts.add(name);
            parts.add(value);
        });
        return Keys.content(parts.toArray(new String[0]));
    }

    private void refuse(Intake.Origin origin, String subject, Reason reason, String detail) {
        refused.count(origin.asset(), subject, reason, detail, origin.receivedAt());
    }
}
