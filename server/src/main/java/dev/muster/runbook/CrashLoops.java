package dev.muster.runbook;

import dev.muster.alert.Signal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.type.AssetTypes;
import dev.muster.rollout.RecentRollouts;
import dev.muster.rollout.RecentRollouts.Recent;
import dev.muster.telemetry.store.QueryTooLargeException;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.StoreUnavailableException;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.TailQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Notices that assets crash with what a rollout has brought them, when its gates have passed too: {@code CrashLoop}, a page, while enough of
 * those that run it have told that their application ended, or is not well, and not that it is well again. Called by one thread.
 */
@Component
class CrashLoops {
    static final String NAME = "CrashLoop";
    /** What an agent says of an application that it keeps. */
    static final Set<String> UNWELL = Set.of("app.ended", "app.unhealthy", "app.restarted");

    static final String WELL = "app.well";
    static final int AT_LEAST = 2;
    static final double SHARE = 0.05;

    private static final Logger LOG = LoggerFactory.getLogger(CrashLoops.class);
    private static final Duration AFTER_THE_END = Duration.ofHours(24);
    private static final Duration COUNTED = Duration.ofMinutes(10);
    private static final Duration TAIL = Duration.ofHours(24);
    /** A server that is no more says nothing: then it is over by itself. */
    private static final Duration EXPIRY = Duration.ofMinutes(5);

    private static final int MAX_LOOKED_AT = 200;
    private static final int MAX_EVENTS = 20;
    /** Events of a type that are counted at once. */
    private static final int MAX_COUNTED = 1_000_000;

    private static final int SHOWN = 10;

    private final RecentRollouts rollouts;
    private final AssetTypes types;
    private final AssetStore assets;
    private final TelemetryStore telemetry;
    /** An agent tells once that an application ended, however often it ends then. */
    private final Set<String> unwell = new TreeSet<>();

    private final Map<String, Instant> firing = new HashMap<>();

    CrashLoops(RecentRollouts rollouts, AssetTypes types, AssetStore assets, TelemetryStore telemetry) {
        this.rollouts = rollouts;
        this.types = types;
        this.assets = assets;
        this.telemetry = telemetry;
    }

    List<Signal> look(Instant now) {
        List<Recent> recent = rollouts.endedWithin(AFTER_THE_END, now);
        firing.keySet().retainAll(recent.stream().map(Recent::name).toList());
        if (recent.isEmpty()) {
            unwell.clear();
            return List.of();
        }
        try {
            Set<String> suspects = new TreeSet<>(unwell);
            suspects.addAll(told(now));
            unwell.clear();
            List<Signal> signals = new ArrayList<>();
            for (Recent rollout : recent) {
                List<String> crashing = suspects.isEmpty() ? List.of() : crashing(rollout, suspects, now);
                unwell.addAll(crashing);
                signal(rollout, crashing, now).ifPresent(signals::add);
            }
            return signals;
        } catch (StoreUnavailableException | QueryTooLargeException away) {
            LOG.warn("whether assets crash with what rollouts brought is not known now: {}", away.getMessage());
            return List.of();
        }
    }

    private Set<String> told(Instant now) {
        Set<String> found = new TreeSet<>();
        long from = now.minus(COUNTED).toEpochMilli();
        types.all()
                .forEach(type ->
                        telemetry.countEvents(type.type().name(), from, now.toEpochMilli() + 1, MAX_COUNTED).stream()
                                .filter(event -> UNWELL.contains(event.event()))
                                .forEach(event -> found.add(event.asset())));
        return found;
    }

    /** Of those that run what the rollout brought; the first of them are looked at. */
    private List<String> crashing(Recent rollout, Collection<String> suspects, Instant now) {
        List<AssetId> ids = rollouts.running(rollout, suspects).stream()
                .limit(MAX_LOOKED_AT)
                .map(AssetId::new)
                .toList();
        return assets.findAll(ids).stream()
                .filter(asset -> isUnwell(lastWords(asset, now), rollout.component()))
                .map(asset -> asset.id().value())
                .toList();
    }

    private List<Row.Happening> lastWords(Asset asset, Instant now) {
        return telemetry.events(new TailQuery(
                asset.type(),
                asset.id(),
                now.minus(TAIL).toEpochMilli(),
                now.toEpochMilli() + 1,
                null,
                null,
                null,
                MAX_EVENTS));
    }

    /** @param events newest first */
    static boolean isUnwell(List<Row.Happening> events, String component) {
        return events.stream()
                .filter(event -> UNWELL.contains(event.type()) || event.type().equals(WELL))
                .filter(event -> JsonMapper.shared()
                        .readTree(event.data())
                        .path("component")
                        .asString("")
                        .equals(component))
                .findFirst()
                .filter(event -> UNWELL.contains(event.type()))
                .isPresent();
    }

    private Optional<Signal> signal(Recent rollout, List<String> crashing, Instant now) {
        Instant since = firing.get(rollout.name());
        int running = crashing.isEmpty() && since == null ? 0 : rollouts.running(rollout);
        if (isOne(crashing.size(), running, since != null)) {
            Instant began = firing.computeIfAbsent(rollout.name(), _ -> now);
            return Optional.of(signal(rollout, crashing, running, began, now.plus(EXPIRY)));
        }
        firing.remove(rollout.name());
        return Optional.ofNullable(since).map(began -> signal(rollout, crashing, running, began, now));
    }

    /** One that fires needs half, so that it does not come and go. */
    static boolean isOne(int crashing, int running, boolean fires) {
        double half = fires ? 0.5 : 1;
        return crashing >= Math.max(1, AT_LEAST * half) && crashing >= SHARE * half * running;
    }

    private static Signal signal(Recent rollout, List<String> crashing, int running, Instant since, Instant until) {
        String change = rollout.component() + "@" + rollout.version();
        String first =
                String.join(", ", crashing.stream().limit(SHOWN).toList()) + (crashing.size() > SHOWN ? ", …" : "");
        return new Signal(
                new TreeMap<>(Map.of(
                        Signal.NAME,
                        NAME,
                        Signal.SEVERITY,
                        "page",
                        Signal.ROLLOUT,
                        rollout.name(),
                        Signal.RELEASE,
                        change)),
                Map.of(
                        "summary",
                        crashing.size() + " of " + running + " assets crash with " + change,
                        "description",
                        "Rollout " + rollout.name() + " brought it. Not well since: " + first),
                since,
                Optional.of(until),
                "/api/v1/rollouts/" + rollout.name());
    }
}
