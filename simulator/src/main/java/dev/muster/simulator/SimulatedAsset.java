package dev.muster.simulator;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Topics;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.protocol.Uplink.Fix;
import dev.muster.protocol.Uplink.Reading;
import dev.muster.protocol.UplinkCodec;
import dev.muster.simulator.TypeMix.Member;
import dev.muster.simulator.client.AssetClient;
import dev.muster.simulator.client.Message;
import dev.muster.simulator.device.Command;
import dev.muster.simulator.device.Desired;
import dev.muster.simulator.device.DeviceState;
import dev.muster.simulator.device.Effect;
import dev.muster.simulator.device.Power;
import dev.muster.simulator.device.SimulatedDevice;
import dev.muster.simulator.model.AssetModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One asset of a running fleet: publishes what its model measures, on a fixed grid of times, and does what its device
 * wants done. Lives on its client's loop.
 */
final class SimulatedAsset {
    private static final int BACKLOG_CHUNK = 200;
    private static final Duration UNTIL_ACKNOWLEDGED = Duration.ofDays(365);
    private static final Uplink HELLO = new Uplink.Hello(1, "simulator", List.of("config", "commands", "update"));

    private final Member member;
    private final AssetClient client;
    private final FleetOptions options;
    private final FleetStatistics statistics;
    private final SimulatedDevice device;
    private final Downloads downloads;
    private final Consumer<AssetId> forgetting;
    private @Nullable AssetModel model;
    private long wakeAt = Long.MAX_VALUE;
    private volatile DeviceState state;
    private long next;
    private long nextHeartbeat;
    private long heartbeats;
    private boolean stopped;
    /** What waits for the next start, as of the number of starts until then. */
    private final List<Runnable> onRestart = new ArrayList<>();

    private long startsBefore;

    /** @param forgetting destroys the key of an asset that is wiped; called once, and must not block */
    SimulatedAsset(
            Member member,
            AssetClient client,
            FleetOptions options,
            FleetStatistics statistics,
            SimulatedDevice device,
            Downloads downloads,
            Consumer<AssetId> forgetting) {
        this.member = member;
        this.client = client;
        this.options = options;
        this.statistics = statistics;
        this.device = device;
        this.downloads = downloads;
        this.forgetting = forgetting;
        this.state = device.state();
    }

    /** Connects, unless the asset is one that is away. */
    void start() {
        if (state.power() == Power.ON) {
            client.start();
        } else {
            client.goAway();
        }
    }

    AssetClient client() {
        return client;
    }

    AssetId id() {
        return member.id();
    }

    String type() {
        return member.type();
    }

    /** As of the last thing that happened; from any thread. */
    DeviceState state() {
        return state;
    }

    /** On every session. */
    void sessionOpened() {
        publish(HELLO);
        long now = System.currentTimeMillis();
        if (model == null) {
            begin(now);
        }
        carryOut(device.connected(now));
    }

    /** The end of the simulation is none of the asset's: its state stays as it was. */
    void sessionClosed() {
        if (!stopped) {
            carryOut(device.disconnected(System.currentTimeMillis()));
        }
    }

    /** @return false for what is neither a desired state nor a command */
    boolean received(String topic, byte[] payload) {
        long now = System.currentTimeMillis();
        switch (Topics.downlink(member.id(), topic)) {
            case DESIRED -> {
                Optional<Desired> desired = Desired.parse(payload);
                desired.ifPresent(found -> carryOut(device.desired(found, now)));
                return desired.isPresent();
            }
            case COMMANDS -> {
                Optional<Command> command = Command.parse(payload);
                command.ifPresent(found -> carryOut(device.command(found, now)));
                return command.isPresent();
            }
            case null -> {
                return false;
            }
        }
    }

    /** Does something to the device, on its loop. */
    void act(BiFunction<SimulatedDevice, Long, List<Effect>> what) {
        client.loop().execute(() -> carryOut(what.apply(device, System.currentTimeMillis())));
    }

    /** Once, when it has started again and has its network; not on the caller's thread. */
    void whenRestarted(Runnable then) {
        client.loop().execute(() -> {
            if (onRestart.isEmpty()) {
                startsBefore = state.boots();
            }
            onRestart.add(then);
        });
    }

    private void tellOfRestart() {
        if (!onRestart.isEmpty() && state.boots() > startsBefore && state.power() == Power.ON) {
            List<Runnable> waiting = List.copyOf(onRestart);
            onRestart.clear();
            waiting.forEach(Runnable::run);
        }
    }

    private void carryOut(List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Publish(Uplink uplink) -> publish(uplink);
                case Effect.GoAway() -> client.goAway();
                case Effect.ComeBack() -> client.comeBack();
                case Effect.Wipe() -> client.stop(UNTIL_ACKNOWLEDGED).thenRun(() -> forgetting.accept(member.id()));
                case Effect.Download(String component, String version, Desired.Target from) ->
                    downloads.fetch(
                            client.identity(),
                            from,
                            failure -> act((it, now) -> it.downloaded(component, version, failure, now)));
            }
        }
        state = device.state();
        tellOfRestart();
        wakeInTime();
    }

    private void wakeInTime() {
        long next = device.nextWake();
        if (next < wakeAt && !stopped) {
            wakeAt = next;
            client.loop().schedule(this::wake, Math.max(0, next - System.currentTimeMillis()), TimeUnit.MILLISECONDS);
        }
    }

    private void wake() {
        wakeAt = Long.MAX_VALUE;
        if (!stopped) {
            carryOut(device.advance(System.currentTimeMillis()));
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
                    default -> publish(uplink);
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
            publish(new Uplink.Telemetry(List.copyOf(readings)));
        }
    }

    private void sendFixes(List<Fix> fixes) {
        if (!fixes.isEmpty()) {
            publish(new Uplink.Positions(List.copyOf(fixes)));
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
        if (device.isOn()) {
            report(running);
        }
        next += options.periodMillis();
        schedule();
    }

    private void report(AssetModel running) {
        for (Uplink uplink : running.advance(next)) {
            publish(device.isDiskFull() ? FullDisk.measured(uplink) : uplink);
        }
        if (next >= nextHeartbeat) {
            publish(new Uplink.Heartbeat(next, ++heartbeats, Map.of()));
            nextHeartbeat = next
                    + options.heartbeat().toMillis()
                    - Math.floorMod(next - nextHeartbeat, options.heartbeat().toMillis());
        }
    }

    private void publish(Uplink uplink) {
        long skew = device.skewMillis();
        Uplink said = skew == 0 ? uplink : ClockSkew.shifted(uplink, skew);
        byte[] payload = UplinkCodec.encode(said, PayloadFormat.JSON);
        String topic =
                Topics.uplink(member.id(), said.kind(), said instanceof CommandResult result ? result.commandId() : "");
        List<Content> contents = options.ackedLog() == null ? List.of() : Content.of(said);
        AckedLog.Tag tag =
                contents.isEmpty() ? null : new AckedLog.Tag(topic.substring(topic.lastIndexOf('/') + 1), contents);
        statistics.sent.increment();
        client.publish(new Message(topic, payload, PayloadFormat.JSON, tag));
    }

    /** No more messages are made; those buffered get the time to be acknowledged. */
    CompletableFuture<Void> stop(Duration drain) {
        client.loop().execute(() -> stopped = true);
        return client.stop(drain);
    }
}
