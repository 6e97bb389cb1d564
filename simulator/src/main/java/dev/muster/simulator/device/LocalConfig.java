package dev.muster.simulator.device;

import dev.muster.protocol.Uplink.Rejected;
import dev.muster.simulator.device.DeviceState.Difference;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The configuration of one asset: applies desired states after a while, refuses some, and drifts when it is such an asset. */
final class LocalConfig {
    private static final long NEVER = Long.MAX_VALUE;

    private final Draw draw;
    private final Behaviour behaviour;
    private final boolean drifting;
    private final boolean stubborn;
    private @Nullable Long generation;
    private Map<String, Object> applied = Map.of();
    private Map<String, Object> inEffect = Map.of();
    private Map<String, Object> local = Map.of();
    private @Nullable Rejected rejected;
    private @Nullable Desired pending;
    private long applyAt = NEVER;
    private long driftAt = NEVER;

    LocalConfig(Draw draw, Behaviour behaviour) {
        this.draw = draw;
        this.behaviour = behaviour;
        this.drifting = draw.falls(behaviour.drift(), "drift", "");
        this.stubborn = draw.falls(behaviour.stubborn(), "stubborn", "");
    }

    void restore(DeviceState kept) {
        generation = kept.generation();
        applied = kept.applied();
        local = kept.local();
        inEffect = overlaid(applied, local);
        rejected = kept.rejected();
    }

    /** What is known already is not worked through again: the same comes with every connection. */
    void want(Desired desired, long now) {
        Desired waiting = pending;
        long latest = waiting != null
                ? waiting.generation()
                : rejected != null ? rejected.generation() : Objects.requireNonNullElse(generation, -1L);
        if (desired.generation() != latest) {
            pending = desired;
            applyAt = now + draw.within(behaviour.pace().apply(), "apply", desired.generation());
        }
    }

    /** @return the desired state that is in effect from now on; null when none came into effect */
    @Nullable Desired advance(long now, Machine machine) {
        Desired due = pending;
        if (due != null && applyAt <= now) {
            pending = null;
            applyAt = NEVER;
            machine.changed();
            return settle(due, now) ? due : null;
        }
        if (driftAt <= now) {
            driftAt = NEVER;
            driftSomewhere(machine);
        }
        return null;
    }

    private boolean settle(Desired due, long now) {
        if (draw.falls(behaviour.reject(), "reject", due.generation())) {
            rejected = new Rejected(
                    due.generation(), "generation " + due.generation() + " failed its check and was taken back");
            return false;
        }
        Optional<BadValue> bad = behaviour.badValues().stream()
                .filter(each -> each.isRejected(draw, due.config()))
                .findFirst();
        if (bad.isPresent()) {
            rejected = new Rejected(
                    due.generation(),
                    bad.get().pointer() + " must not be " + bad.get().value());
            return false;
        }
        boolean another = !due.config().equals(applied);
        generation = due.generation();
        rejected = null;
        applied = due.config();
        local = stubborn ? local : Map.of();
        inEffect = overlaid(applied, local);
        driftAt = drifting && another && local.isEmpty()
                ? now + draw.within(behaviour.pace().apply(), "drift", due.generation())
                : NEVER;
        return true;
    }

    /** What was good is put into effect again, as every start of an agent does; the stubborn keep what was changed. */
    void booted() {
        local = stubborn ? local : Map.of();
        inEffect = overlaid(applied, local);
    }

    /** Somebody changes one value on the asset. */
    void driftSomewhere(Machine machine) {
        List<Map.Entry<String, Object>> leaves = Documents.leaves(applied).entrySet().stream()
                .filter(leaf -> !(leaf.getValue() instanceof List<?> || leaf.getValue() instanceof Map<?, ?>))
                .toList();
        if (!leaves.isEmpty()) {
            String key = "of " + generation;
            Map.Entry<String, Object> chosen = leaves.get((int) (draw.unit("drifting leaf", key) * leaves.size()));
            set(chosen.getKey(), other(chosen.getValue(), 1 + (long) (draw.unit("drifted by", key) * 9)), machine);
        }
    }

    void set(String pointer, Object value, Machine machine) {
        Map<String, Object> more = new TreeMap<>(local);
        more.put(pointer, value);
        local = more;
        inEffect = overlaid(applied, local);
        machine.changed();
    }

    private static Object other(Object value, long by) {
        return switch (value) {
            case Boolean truth -> !truth;
            case Long number -> number + by;
            case Double number -> number + by;
            default -> value + "-local" + by;
        };
    }

    private static Map<String, Object> overlaid(Map<String, Object> below, Map<String, Object> changes) {
        Map<String, Object> result = below;
        for (Map.Entry<String, Object> change : changes.entrySet()) {
            result = Documents.with(result, change.getKey(), change.getValue());
        }
        return result;
    }

    /** Where what is in effect differs from what was applied, by pointer. */
    Map<String, Difference> differences() {
        if (local.isEmpty()) {
            return Map.of();
        }
        Map<String, Object> wanted = Documents.leaves(applied);
        Map<String, Object> found = Documents.leaves(inEffect);
        Set<String> pointers = new TreeSet<>(wanted.keySet());
        pointers.addAll(found.keySet());
        Map<String, Difference> differences = new TreeMap<>();
        for (String pointer : pointers) {
            if (!Objects.equals(wanted.get(pointer), found.get(pointer))) {
                differences.put(pointer, new Difference(wanted.get(pointer), found.get(pointer)));
            }
        }
        return differences;
    }

    long nextWake() {
        return Math.min(applyAt, driftAt);
    }

    boolean isDrifting() {
        return drifting;
    }

    boolean isStubborn() {
        return stubborn;
    }

    @Nullable Long generation() {
        return generation;
    }

    @Nullable Long pendingGeneration() {
        return pending == null ? null : (Long) pending.generation();
    }

    Map<String, Object> applied() {
        return applied;
    }

    Map<String, Object> inEffect() {
        return inEffect;
    }

    Map<String, Object> local() {
        return local;
    }

    @Nullable Rejected rejected() {
        return rejected;
    }
}
