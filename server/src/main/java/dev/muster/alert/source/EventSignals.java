package dev.muster.alert.source;

import dev.muster.alert.Signal;
import dev.muster.platform.event.LoggedEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What entries of the event log say of something that is wrong, or over. Pure. */
final class EventSignals {
    static final String SOURCE = "events";
    static final String BRICKED = "AssetBrickedSuspected";
    static final String GATE = "RolloutGateNotPassed";
    static final String ROLLED_BACK = "RolloutRollingBack";
    /** Unless it is said again or the asset is heard of. */
    private static final Duration BRICKED_FOR = Duration.ofDays(7);

    private static final Set<String> GOES_ON = Set.of(
            "rollout.resumed", "rollout.promoted", "rollout.started", "rollout.gate_pass", "rollout.wave_opened");
    private static final Set<String> UNDER_WAY = Set.of(
            "rollout.retried",
            "rollout.joined",
            "rollout.excluded",
            "rollout.approved",
            "rollout.updated",
            "rollout.created");

    private EventSignals() {}

    static List<Signal> of(LoggedEvent event) {
        if (event.type().equals("asset.bricked_suspected")) {
            return List.of(bricked(event));
        }
        if (!event.type().startsWith("rollout.") || !event.subject().startsWith("rollout/")) {
            return List.of();
        }
        if (event.type().equals("rollout.gate_fail") || event.type().equals("rollout.gate_inconclusive")) {
            return List.of(rollout(event, GATE, false));
        }
        if (event.type().equals("rollout.rolling_back")) {
            return List.of(rollout(event, ROLLED_BACK, false));
        }
        if (GOES_ON.contains(event.type())) {
            return List.of(rollout(event, GATE, true));
        }
        boolean going = UNDER_WAY.contains(event.type())
                || event.type().equals("rollout.paused")
                || event.type().equals("rollout.aborting")
                || event.type().equals("rollout.deadline_passed")
                || event.type().startsWith("rollout.gate_")
                || event.type().startsWith("rollout.stratum_");
        return going ? List.of() : List.of(rollout(event, GATE, true), rollout(event, ROLLED_BACK, true));
    }

    private static Signal bricked(LoggedEvent event) {
        String asset = event.data().path("asset").asString("");
        SortedMap<String, String> labels = labels(BRICKED, "ticket");
        labels.put(Signal.ASSET, asset);
        labels.put(Signal.ROLLOUT, event.data().path("rollout").asString(""));
        labels.put(
                Signal.RELEASE,
                event.data().path("component").asString("") + "@"
                        + event.data().path("version").asString(""));
        return new Signal(
                labels,
                Map.of(
                        "summary",
                        asset + " was not heard of after " + labels.get(Signal.RELEASE) + " of rollout "
                                + labels.get(Signal.ROLLOUT) + "; somebody has to go there",
                        "description",
                        event.data().path("detail").asString("")),
                event.at(),
                Optional.of(event.at().plus(BRICKED_FOR)),
                "/api/v1/assets/" + asset);
    }

    private static Signal rollout(LoggedEvent event, String name, boolean over) {
        String rollout = event.subject().substring("rollout/".length());
        SortedMap<String, String> labels = labels(name, "page");
        labels.put(Signal.ROLLOUT, rollout);
        String why = event.data().path("reason").asString("");
        return new Signal(
                labels,
                Map.of(
                        "summary",
                        "rollout " + rollout + (name.equals(GATE) ? ": a gate was not passed" : " is rolling back")
                                + (why.isEmpty() ? "" : ": " + why),
                        "description",
                        "wave " + event.data().path("wave").asString("") + "; muster explain rollout " + rollout),
                event.at(),
                over ? Optional.of(event.at()) : Optional.empty(),
                "/api/v1/rollouts/" + rollout);
    }

    private static SortedMap<String, String> labels(String name, String severity) {
        SortedMap<String, String> labels = new TreeMap<>();
        labels.put(Signal.NAME, name);
        labels.put(Signal.SEVERITY, severity);
        return labels;
    }
}
