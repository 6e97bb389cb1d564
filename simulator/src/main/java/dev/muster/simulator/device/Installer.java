package dev.muster.simulator.device;

import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Update;
import dev.muster.protocol.Uplink.Update.State;
import dev.muster.simulator.device.Desired.Target;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The software of one asset: brings one component after another to its desired version, with the faults of the release. */
final class Installer {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int SLOWNESS = 20;
    private static final int STEP_PERCENT = 25;

    private final Draw draw;
    private final Behaviour behaviour;
    private final String hardware;
    private Map<String, String> software;
    private Map<String, Update> updates = Map.of();
    private Map<String, FaultKind> faults = Map.of();
    private Map<String, Target> wanted = Map.of();
    private @Nullable Install current;

    Installer(Draw draw, Behaviour behaviour, String hardware, Map<String, String> initial) {
        this.draw = draw;
        this.behaviour = behaviour;
        this.hardware = hardware;
        this.software = Map.copyOf(initial);
    }

    private enum Stage {
        NOTIFIED,
        DOWNLOADING,
        INSTALLED,
        REBOOTING,
        VERIFYING,
        /** The restart into the previous version. */
        GOING_BACK
    }

    /** One update under way; the next step is due at {@code at}. */
    private static final class Install {
        private final String component;
        private final Target target;
        private final @Nullable String previous;
        private final @Nullable FaultKind fault;
        private Stage stage = Stage.NOTIFIED;
        private int progress;
        private long at;

        Install(String component, Target target, @Nullable String previous, @Nullable FaultKind fault, long at) {
            this.component = component;
            this.target = target;
            this.previous = previous;
            this.fault = fault;
            this.at = at;
        }

        String release() {
            return component + "@" + target.version();
        }
    }

    void restore(DeviceState kept) {
        software = kept.software();
        updates = kept.updates();
        faults = kept.faults();
    }

    void want(Map<String, Target> software, long now, Machine machine) {
        wanted = software;
        Install running = current;
        if (running != null
                && running.stage.compareTo(Stage.REBOOTING) < 0
                && !isSame(running.target, wanted.get(running.component))) {
            end(running, State.FAILED, "withdrawn before it was installed", machine);
        }
        startNext(now, machine);
    }

    private static boolean isSame(Target one, @Nullable Target other) {
        return other != null && one.version().equals(other.version()) && Objects.equals(one.attempt(), other.attempt());
    }

    private void startNext(long now, Machine machine) {
        if (current != null) {
            return;
        }
        for (Map.Entry<String, Target> entry : wanted.entrySet()) {
            String component = entry.getKey();
            Target target = entry.getValue();
            if (isDone(updates.get(component), target)) {
                continue;
            }
            if (!target.version().equals(software.get(component))) {
                start(component, target, now, machine);
                return;
            }
            if (target.attempt() != null) {
                answer(component, target, machine);
            }
        }
    }

    /** An order for the version that runs already, such as a way back that the asset has gone by itself, is done. */
    private void answer(String component, Target target, Machine machine) {
        Map<String, Update> changed = new TreeMap<>(updates);
        changed.put(component, new Update(target.version(), State.SUCCEEDED, null, null, null, target.attempt()));
        updates = changed;
        machine.changed();
    }

    private static boolean isDone(@Nullable Update last, Target target) {
        return last != null
                && (last.state() == State.SUCCEEDED
                        || last.state() == State.FAILED
                        || last.state() == State.ROLLED_BACK)
                && last.version().equals(target.version())
                && Objects.equals(last.attempt(), target.attempt());
    }

    private void start(String component, Target target, long now, Machine machine) {
        FaultKind fault = behaviour.faults().stream()
                .map(each -> each.hitting(draw, hardware, component, target.version()))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(null);
        Install install = new Install(
                component,
                target,
                software.get(component),
                fault,
                fault == FaultKind.SILENT
                        ? NEVER
                        : now + behaviour.pace().think().lowest());
        current = install;
        if (fault != null) {
            Map<String, FaultKind> more = new TreeMap<>(faults);
            more.put(install.release(), fault);
            faults = more;
        }
        show(install, State.NOTIFIED, null, machine);
    }

    void advance(long now, Machine machine) {
        Install install = current;
        while (install != null && install.at <= now) {
            step(install, now, machine);
            startNext(now, machine);
            install = current;
        }
    }

    private void step(Install install, long now, Machine machine) {
        switch (install.stage) {
            case NOTIFIED -> {
                install.stage = Stage.DOWNLOADING;
                show(install, State.DOWNLOADING, null, machine);
                if (install.target.url() != null && draw.falls(behaviour.download(), "download", install.release())) {
                    install.at = NEVER;
                    machine.emit(new Effect.Download(install.component, install.target.version(), install.target));
                } else {
                    install.at = now + duration(install, behaviour.pace().download());
                }
            }
            case DOWNLOADING -> {
                install.progress += STEP_PERCENT;
                if (install.progress < 100) {
                    install.at = now + duration(install, behaviour.pace().download());
                    show(install, State.DOWNLOADING, null, machine);
                } else {
                    install(install, now, machine);
                }
            }
            case INSTALLED -> {
                install.stage = Stage.REBOOTING;
                // said before it goes, so that the last word is on its way
                install.at = now + behaviour.pace().think().lowest();
                show(install, State.REBOOTING, null, machine);
            }
            case REBOOTING, GOING_BACK -> {
                install.at = NEVER;
                switch (install.fault) {
                    case BRICKING -> machine.brick(now);
                    case HANGING -> machine.hang(now);
                    case null, default -> machine.reboot(now);
                }
            }
            case VERIFYING -> {
                if (install.fault == FaultKind.FAILING) {
                    install.stage = Stage.GOING_BACK;
                    install.at = NEVER;
                    machine.reboot(now);
                } else {
                    end(install, State.SUCCEEDED, null, machine);
                    if (install.fault == FaultKind.CRASHING) {
                        machine.publish(ended(install, now));
                    }
                }
            }
        }
    }

    /** As an agent tells it: once, and not that it is well again. */
    private static Uplink ended(Install install, long now) {
        return new Uplink.Events(List.of(new Uplink.Event(
                now,
                "app.ended",
                Severity.ERROR,
                install.release() + " ended with 139; it is started again",
                Map.of("component", install.component))));
    }

    private void install(Install install, long now, Machine machine) {
        install.stage = Stage.INSTALLED;
        install.at = now + duration(install, behaviour.pace().install());
        show(install, State.INSTALLED, null, machine);
    }

    private long duration(Install install, Span span) {
        long once = draw.within(span, "update " + install.stage + install.progress, install.release());
        return install.fault == FaultKind.SLOW ? once * SLOWNESS : once;
    }

    /** @param failure null when the artifact is there and is what it should be */
    void downloaded(String component, String version, @Nullable String failure, long now, Machine machine) {
        Install install = current;
        if (install == null
                || install.stage != Stage.DOWNLOADING
                || install.at != NEVER
                || !install.component.equals(component)
                || !install.target.version().equals(version)) {
            return;
        }
        if (failure == null) {
            install(install, now, machine);
        } else {
            end(install, State.FAILED, failure, machine);
            startNext(now, machine);
        }
    }

    /** The machine is up again. */
    void booted(long now, Machine machine) {
        Install install = current;
        if (install == null) {
            return;
        }
        if (install.stage == Stage.REBOOTING && install.at == NEVER && install.fault == FaultKind.HANGING) {
            goBack(install, " did not come up in three starts, the boot counter took the previous version", machine);
            startNext(now, machine);
        } else if (install.stage == Stage.REBOOTING && install.at == NEVER) {
            if (install.fault != FaultKind.LYING) {
                run(install.component, install.target.version());
            }
            install.stage = Stage.VERIFYING;
            install.at = now + duration(install, behaviour.pace().verify());
            show(install, State.VERIFYING, null, machine);
        } else if (install.stage == Stage.GOING_BACK) {
            goBack(install, " crashed three times at start", machine);
            startNext(now, machine);
        }
    }

    /** Somebody wrote the recovery image: it has the version from before. */
    void reflashed(Machine machine) {
        Install install = current;
        if (install != null) {
            goBack(install, " was replaced by the recovery image", machine);
        }
    }

    private void goBack(Install install, String why, Machine machine) {
        run(install.component, install.previous);
        end(install, State.ROLLED_BACK, install.component + " " + install.target.version() + why, machine);
    }

    private void run(String component, @Nullable String version) {
        Map<String, String> changed = new TreeMap<>(software);
        if (version == null) {
            changed.remove(component);
        } else {
            changed.put(component, version);
        }
        software = changed;
    }

    private void end(Install install, State state, @Nullable String reason, Machine machine) {
        current = null;
        show(install, state, reason, machine);
    }

    private void show(Install install, State state, @Nullable String reason, Machine machine) {
        Map<String, Update> changed = new TreeMap<>(updates);
        changed.put(
                install.component,
                new Update(
                        install.target.version(),
                        state,
                        state == State.DOWNLOADING ? (Integer) install.progress : null,
                        reason,
                        install.previous,
                        install.target.attempt()));
        updates = changed;
        machine.changed();
    }

    long nextWake() {
        return current == null ? NEVER : current.at;
    }

    /** Whether the asset is busy with an update that will end some time. */
    boolean isBusy() {
        return current != null && current.fault != FaultKind.SILENT;
    }

    boolean isSilent() {
        return current != null && current.fault == FaultKind.SILENT;
    }

    Map<String, String> software() {
        return software;
    }

    Map<String, Update> updates() {
        return updates;
    }

    Map<String, FaultKind> faults() {
        return faults;
    }
}
