package dev.muster.simulator.device;

import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A device with a clock that only it has, and a network that does what it asks for. */
final class Life {
    /** Monday 2026-11-23 06:00 UTC. */
    static final long START = 1_795_413_600_000L;

    final SimulatedDevice device;
    final List<Uplink> said = new ArrayList<>();
    final List<Effect.Download> downloads = new ArrayList<>();
    long now = START;
    boolean reachable;
    int restarts;
    int wipes;

    Life(String id, String type, Behaviour behaviour) {
        this(id, type, behaviour, "rev-a", null);
    }

    Life(String id, String type, Behaviour behaviour, String hardware, @Nullable DeviceState kept) {
        device = new SimulatedDevice(id, type, hardware, 7, behaviour, kept, now);
        if (device.isOn()) {
            connect();
        }
    }

    void connect() {
        reachable = true;
        take(device.connected(now));
    }

    void cut() {
        reachable = false;
        take(device.disconnected(now));
    }

    Life desired(long generation, Map<String, Object> config, Map<String, Desired.Target> software) {
        take(device.desired(new Desired(generation, config, software), now));
        return this;
    }

    Life command(String id, String name, Map<String, Object> params) {
        take(device.command(new Command(id, name, params, Long.MAX_VALUE), now));
        return this;
    }

    void take(List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Publish(Uplink uplink) -> said.add(uplink);
                case Effect.GoAway() -> reachable = false;
                case Effect.ComeBack() -> {
                    restarts++;
                    connect();
                }
                case Effect.Wipe() -> wipes++;
                case Effect.Download download -> downloads.add(download);
            }
        }
    }

    /** Until nothing more is due. */
    Life settle() {
        return until(Long.MAX_VALUE);
    }

    Life until(long end) {
        int steps = 0;
        while (device.nextWake() <= end && device.nextWake() != Long.MAX_VALUE) {
            now = Math.max(now, device.nextWake());
            take(device.advance(now));
            if (++steps > 10_000) {
                throw new AssertionError("the device does not settle: " + device.state());
            }
        }
        if (end != Long.MAX_VALUE) {
            now = Math.max(now, end);
        }
        return this;
    }

    StateReport lastReport() {
        return Objects.requireNonNull(reports().getLast());
    }

    List<StateReport> reports() {
        return said.stream()
                .filter(StateReport.class::isInstance)
                .map(StateReport.class::cast)
                .toList();
    }

    /** The states of the component's update as they were reported, each once. */
    List<Update.State> updateStates(String component) {
        List<Update.State> states = new ArrayList<>();
        for (StateReport report : reports()) {
            Update update = report.updates().get(component);
            if (update != null && (states.isEmpty() || states.getLast() != update.state())) {
                states.add(update.state());
            }
        }
        return states;
    }

    List<CommandResult.Status> statuses(String commandId) {
        return said.stream()
                .filter(CommandResult.class::isInstance)
                .map(CommandResult.class::cast)
                .filter(result -> result.commandId().equals(commandId))
                .map(CommandResult::status)
                .toList();
    }
}
