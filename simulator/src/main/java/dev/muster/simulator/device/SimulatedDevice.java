package dev.muster.simulator.device;

import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.simulator.device.DeviceState.Reported;
import dev.muster.simulator.device.DeviceState.Trait;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One simulated asset as a state machine: given the time and what arrived, it gives back what it says and does.
 *
 * <p>Times are milliseconds since the epoch and do not go back. {@link #advance} is to be called at {@link #nextWake} or
 * later. Used by one thread.
 */
public final class SimulatedDevice {
    private static final long NEVER = Long.MAX_VALUE;
    /** Older ones are given up: each report says everything. */
    static final int MAX_HELD_BACK = 8;

    private static final Share DRIFTS_WHILE_AWAY = Share.percent(50);
    private static final double SHORTEST_SKEW = 120_000;
    private static final double LONGEST_SKEW = 3 * 86_400_000.0;

    private final String id;
    private final String type;
    private final String hardware;
    private final Draw draw;
    private final Behaviour behaviour;
    private final LocalConfig config;
    private final Installer installer;
    private final CommandDesk commands;
    private final Host host = new Host();
    private final boolean leaving;
    private final boolean late;
    private final Deque<HeldBack> heldBack = new ArrayDeque<>();
    private List<Effect> effects = new ArrayList<>();
    private long boots = 1;
    private Power power = Power.ON;
    private long since;
    private boolean connected;
    private long returnAt = NEVER;
    private long leaveAt = NEVER;
    private long driftAt = NEVER;
    private boolean hasLeft;
    private boolean unreported;
    private long skewMillis;
    private boolean diskFull;
    private @Nullable Reported reported;

    /** @param kept from an earlier run of the simulator; the asset has restarted since */
    public SimulatedDevice(
            String id,
            String type,
            String hardware,
            long seed,
            Behaviour behaviour,
            @Nullable DeviceState kept,
            long now) {
        this.id = id;
        this.type = type;
        this.hardware = hardware;
        this.draw = new Draw(seed, id);
        this.behaviour = behaviour;
        this.config = new LocalConfig(draw, behaviour);
        this.installer = new Installer(draw, behaviour, hardware, Software.initial(type, draw));
        this.commands = new CommandDesk(draw, behaviour, type);
        this.leaving = draw.falls(behaviour.offline(), "offline", "");
        this.late = draw.falls(behaviour.lateReports(), "late", "");
        this.skewMillis = draw.falls(behaviour.skew(), "skewed", "") ? drawnSkew() : 0;
        this.since = now;
        if (kept != null) {
            restore(kept);
        }
    }

    private record HeldBack(long due, StateReport report, Reported summary) {}

    private void restore(DeviceState kept) {
        config.restore(kept);
        installer.restore(kept);
        commands.restore(kept);
        boots = kept.boots() + 1;
        if (kept.power() == Power.AWAY || kept.power() == Power.BRICKED || kept.power() == Power.WIPED) {
            power = kept.power();
            since = kept.since();
            hasLeft = true;
        }
    }

    /** From minutes to days, the short ones as frequent as the long ones, ahead or behind. */
    private long drawnSkew() {
        double skew = SHORTEST_SKEW * Math.pow(LONGEST_SKEW / SHORTEST_SKEW, draw.unit("skew", ""));
        return Math.round(draw.unit("skew sign", "") < 0.5 ? -skew : skew);
    }

    /** Subscribed, and told what it runs at once. */
    public List<Effect> connected(long now) {
        connected = true;
        unreported = true;
        if (leaving && !hasLeft && leaveAt == NEVER) {
            // for an asset that nobody gives a desired state
            leaveAt = now + 2 * behaviour.pace().leave().highest();
        }
        return done(now);
    }

    public List<Effect> disconnected(long now) {
        connected = false;
        return done(now);
    }

    public List<Effect> desired(Desired desired, long now) {
        config.want(desired, now);
        Long generation = config.generation();
        if (generation != null && generation == desired.generation()) {
            installer.want(desired.software(), now, host);
        }
        return done(now);
    }

    public List<Effect> command(Command command, long now) {
        commands.take(command, now, host);
        return done(now);
    }

    /** @param failure null when the artifact is there and is what it should be */
    public List<Effect> downloaded(String component, String version, @Nullable String failure, long now) {
        installer.downloaded(component, version, failure, now, host);
        return done(now);
    }

    /** Does what is due. */
    public List<Effect> advance(long now) {
        switch (power) {
            case ON -> advanceRunning(now);
            case REBOOTING -> {
                if (returnAt <= now) {
                    boot(now);
                }
            }
            case AWAY -> {
                if (driftAt <= now) {
                    driftAt = NEVER;
                    config.driftSomewhere(host);
                }
            }
            case BRICKED, WIPED -> {}
        }
        return done(now);
    }

    private void advanceRunning(long now) {
        Desired applied = config.advance(now, host);
        if (applied != null) {
            installer.want(applied.software(), now, host);
        }
        commands.advance(now, host);
        if (power == Power.ON) {
            installer.advance(now, host);
        }
        while (power == Power.ON
                && connected
                && !heldBack.isEmpty()
                && heldBack.getFirst().due() <= now) {
            HeldBack due = heldBack.removeFirst();
            say(due.report(), due.summary());
        }
        if (power == Power.ON && leaveAt <= now) {
            leave(now);
        }
    }

    private void boot(long now) {
        power = Power.ON;
        since = now;
        returnAt = NEVER;
        boots++;
        unreported = true;
        effects.add(new Effect.ComeBack());
        config.booted();
        commands.booted(DeviceState.bootId(boots), now, host);
        installer.booted(now, host);
    }

    /** Loses its network, whatever it is doing; half of the assets drift meanwhile. Nothing for one that is not there. */
    public List<Effect> goAway(long now) {
        if (power == Power.ON || power == Power.REBOOTING) {
            leave(now);
        }
        return done(now);
    }

    private void leave(long now) {
        if (power == Power.ON) {
            effects.add(new Effect.GoAway());
        }
        power = Power.AWAY;
        since = now;
        connected = false;
        hasLeft = true;
        leaveAt = NEVER;
        if (draw.falls(DRIFTS_WHILE_AWAY, "drifts while away", "")) {
            driftAt = now + draw.within(behaviour.pace().apply(), "drift while away", "");
        }
    }

    /** Has its network back; nothing for one that is not away. */
    public List<Effect> comeBack(long now) {
        if (power == Power.AWAY) {
            driftAt = NEVER;
            if (returnAt != NEVER) {
                boot(now);
            } else {
                power = Power.ON;
                since = now;
                effects.add(new Effect.ComeBack());
            }
        }
        return done(now);
    }

    /** Somebody writes the recovery image to it and starts it; nothing for one that is not bricked. */
    public List<Effect> reflash(long now) {
        if (power == Power.BRICKED) {
            installer.reflashed(host);
            boot(now);
        }
        return done(now);
    }

    /** Somebody changes a value of the configuration on the asset. */
    public List<Effect> drift(String pointer, Object value, long now) {
        config.set(pointer, value, host);
        return done(now);
    }

    /** Somebody changes one value or another. */
    public List<Effect> driftSomewhere(long now) {
        config.driftSomewhere(host);
        return done(now);
    }

    /** The clock is wrong by this from now on. */
    public List<Effect> skew(long millis, long now) {
        skewMillis = millis;
        unreported = true;
        return done(now);
    }

    /** Something fills the disk, until a program frees it or somebody else does. */
    public List<Effect> fill(long now) {
        diskFull = true;
        return done(now);
    }

    public List<Effect> free(long now) {
        diskFull = false;
        return done(now);
    }

    /** As long as the simulator runs; a restart of that finds the disk as it was before. */
    public boolean isDiskFull() {
        return diskFull;
    }

    private List<Effect> done(long now) {
        report(now);
        if (effects.isEmpty()) {
            return List.of();
        }
        List<Effect> wanted = effects;
        effects = new ArrayList<>();
        return wanted;
    }

    private void report(long now) {
        if (!unreported || power != Power.ON || !connected || installer.isSilent()) {
            return;
        }
        unreported = false;
        String bootId = DeviceState.bootId(boots);
        StateReport report = new StateReport(
                now + skewMillis,
                config.generation(),
                Documents.reported(config.inEffect()),
                installer.software(),
                installer.updates(),
                config.rejected(),
                bootId);
        Reported summary = new Reported(
                now,
                config.generation(),
                bootId,
                List.copyOf(config.differences().keySet()));
        if (late) {
            holdBack(report, summary, now);
        } else {
            say(report, summary);
        }
        if (leaving && !hasLeft && config.generation() != null) {
            leaveAt = Math.min(leaveAt, now + draw.within(behaviour.pace().leave(), "leave", ""));
        }
    }

    private void holdBack(StateReport report, Reported summary, long now) {
        long after = heldBack.isEmpty() ? now : heldBack.getLast().due();
        if (heldBack.size() == MAX_HELD_BACK) {
            heldBack.removeFirst();
        }
        long due = now + draw.within(behaviour.pace().late(), "late report", now);
        heldBack.add(new HeldBack(Math.max(after, due), report, summary));
    }

    private void say(StateReport report, Reported summary) {
        reported = summary;
        effects.add(new Effect.Publish(report));
    }

    /** When {@link #advance} has something to do; {@link Long#MAX_VALUE} for never. */
    public long nextWake() {
        return switch (power) {
            case ON -> {
                long next = Math.min(config.nextWake(), Math.min(commands.nextWake(), installer.nextWake()));
                long held = heldBack.isEmpty() || !connected
                        ? NEVER
                        : heldBack.getFirst().due();
                yield Math.min(next, Math.min(held, leaveAt));
            }
            case REBOOTING -> returnAt;
            case AWAY -> driftAt;
            case BRICKED, WIPED -> NEVER;
        };
    }

    /** Whether it measures and speaks. */
    public boolean isOn() {
        return power == Power.ON;
    }

    public Power power() {
        return power;
    }

    public long skewMillis() {
        return skewMillis;
    }

    public DeviceState state() {
        return power == Power.WIPED ? wiped() : whole();
    }

    /** Of all that it had only its name and what it said of commands is known. */
    private DeviceState wiped() {
        return new DeviceState(
                id,
                type,
                hardware,
                connected,
                power,
                since,
                boots,
                null,
                null,
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                null,
                Map.of(),
                Map.of(),
                Map.of(),
                commands.remembered(),
                skewMillis,
                traits(),
                true,
                reported);
    }

    private DeviceState whole() {
        return new DeviceState(
                id,
                type,
                hardware,
                connected,
                power,
                since,
                boots,
                config.generation(),
                config.pendingGeneration(),
                config.applied(),
                config.local(),
                config.inEffect(),
                config.differences(),
                config.rejected(),
                installer.software(),
                installer.updates(),
                installer.faults(),
                commands.remembered(),
                skewMillis,
                traits(),
                isSettled(),
                reported);
    }

    private Set<Trait> traits() {
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        if (config.isDrifting()) {
            traits.add(Trait.DRIFTING);
        }
        if (config.isDrifting() && config.isStubborn()) {
            traits.add(Trait.STUBBORN);
        }
        if (skewMillis != 0) {
            traits.add(Trait.SKEWED);
        }
        if (leaving) {
            traits.add(Trait.LEAVING);
        }
        if (late) {
            traits.add(Trait.LATE);
        }
        return traits;
    }

    private boolean isSettled() {
        return switch (power) {
            case ON ->
                config.nextWake() == NEVER
                        && !installer.isBusy()
                        && !commands.isBusy()
                        && heldBack.isEmpty()
                        && (!unreported || installer.isSilent())
                        && leaveAt == NEVER;
            case REBOOTING -> false;
            case AWAY -> driftAt == NEVER;
            case BRICKED, WIPED -> true;
        };
    }

    private final class Host implements Machine {
        @Override
        public void publish(Uplink uplink) {
            effects.add(new Effect.Publish(uplink));
        }

        @Override
        public void emit(Effect effect) {
            effects.add(effect);
        }

        @Override
        public void changed() {
            unreported = true;
        }

        @Override
        public void reboot(long now) {
            if (power == Power.ON) {
                goDown(Power.REBOOTING, now);
                returnAt = now + draw.within(behaviour.pace().reboot(), "reboot", boots);
            }
        }

        @Override
        public void brick(long now) {
            goDown(Power.BRICKED, now);
            returnAt = NEVER;
        }

        @Override
        public void hang(long now) {
            reboot(now);
            returnAt = now + 3 * (returnAt - now);
        }

        @Override
        public void freeSpace() {
            diskFull = false;
        }

        @Override
        public void setClock() {
            unreported |= skewMillis != 0;
            skewMillis = 0;
        }

        @Override
        public void wipe(long now) {
            power = Power.WIPED;
            since = now;
            returnAt = NEVER;
            leaveAt = NEVER;
            heldBack.clear();
            effects.add(new Effect.Wipe());
        }

        private void goDown(Power to, long now) {
            report(now);
            effects.add(new Effect.GoAway());
            power = to;
            since = now;
            connected = false;
            // a restart of new software loses what was only held in memory
            heldBack.clear();
        }
    }
}
