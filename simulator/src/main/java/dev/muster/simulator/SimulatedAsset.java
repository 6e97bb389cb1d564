package dev.muster.simulator;

import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Topics;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Fix;
import dev.muster.protocol.Uplink.Reading;
import dev.muster.protocol.UplinkCodec;
import dev.muster.simulator.TypeMix.Member;
import dev.muster.simulator.client.AssetClient;
import dev.muster.simulator.client.Message;
import dev.muster.simulator.model.AssetModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One asset of a running fleet: publishes what its model says, on a fixed grid of times. Lives on its client's loop. */
final class SimulatedAsset {
    private static final int BACKLOG_CHUNK = 200;
    private static final Uplink HELLO = new Uplink.Hello(1, "simulator", List.of());

    private final Member member;
    private final AssetClient client;
    private final FleetOptions options;
    private final FleetStatistics statistics;
    private @Nullable AssetModel model;
    private long next;
    private long nextHeartbeat;
    private long heartbeats;
    private boolean stopped;

    SimulatedAsset(Member member, AssetClient client, FleetOptions options, FleetStatistics statistics) {
        this.member = member;
        this.client = client;
        this.options = options;
        this.statistics = statistics;
    }

    AssetClient client() {
        return client;
    }

    /** On every session. */
    void sessionOpened() {
        publish(HELLO, new long[0]);
        if (model == null) {
            begin(System.currentTimeMillis());
        }
    }

    private void begin(long now) {
        long period = options.periodMillis();
        long start = now - options.backlog().toMillis();
        AssetModel begun = AssetModel.of(member.type(), options.seed(), member.index(), start);
        model = begun;
        next = start + period;
        sendBacklog(begun, now);
        // spread over the period, so that the fleet does not speak in chorus
        next += Math.floorMod(member.index() * 7_919L, period);
        nextHeartbeat = now
                + Math.floorMod(member.index() * 104_729L, options.heartbeat().toMillis());
        schedule();
    }

    private void sendBacklog(AssetModel begun, long now) {
        List<Reading> readings = new ArrayList<>();
        List<Fix> fixes = new ArrayList<>();
        while (next <= now) {
            for (Uplink uplink : begun.advance(next)) {
                switch (uplink) {
                    case Uplink.Telemetry telemetry -> readings.addAll(telemetry.readings());
                    case Uplink.Positions positions -> fixes.addAll(positions.fixes());
                    default -> publish(uplink, new long[] {next});
                }
            }
            next += options.periodMillis();
            if (readings.size() >= BACKLOG_CHUNK || next > now) {
                sendReadings(readings);
                readings.clear();
            }
            if (fixes.size() >= BACKLOG_CHUNK || next > now) {
                sendFixes(fixes);
                fixes.clear();
            }
        }
    }

    private void sendReadings(List<Reading> readings) {
        if (!readings.isEmpty()) {
            publish(
                    new Uplink.Telemetry(List.copyOf(readings)),
                    readings.stream()
                            .mapToLong(reading -> Objects.requireNonNull(reading.ts()))
                            .toArray());
        }
    }

    private void sendFixes(List<Fix> fixes) {
        if (!fixes.isEmpty()) {
            publish(
                    new Uplink.Positions(List.copyOf(fixes)),
                    fixes.stream()
                            .mapToLong(fix -> Objects.requireNonNull(fix.ts()))
                            .toArray());
        }
    }

    private void schedule() {
        long wait = Math.max(0, next - System.currentTimeMillis());
        client.loop().schedule(this::tick, wait, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        AssetModel running = model;
        if (stopped || running == null) {
            return;
        }
        for (Uplink uplink : running.advance(next)) {
            publish(uplink, new long[] {next});
        }
        if (next >= nextHeartbeat) {
            publish(new Uplink.Heartbeat(next, ++heartbeats, Map.of()), new long[0]);
            nextHeartbeat += options.heartbeat().toMillis();
        }
        next += options.periodMillis();
        schedule();
    }

    private void publish(Uplink uplink, long[] times) {
        byte[] payload = UplinkCodec.encode(uplink, PayloadFormat.JSON);
        String topic = Topics.uplink(member.id(), uplink.kind(), "");
        AckedLog.Tag tag = options.ackedLog() == null || times.length == 0
                ? null
                : new AckedLog.Tag(topic.substring(topic.lastIndexOf('/') + 1), times, AckedLog.Tag.hashOf(payload));
        statistics.sent.increment();
        client.publish(new Message(topic, payload, PayloadFormat.JSON, tag));
    }

    /** No more messages are made; those buffered get the time to be acknowledged. */
    CompletableFuture<Void> stop(Duration drain) {
        client.loop().execute(() -> stopped = true);
        return client.stop(drain);
    }
}
