package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.simulator.DeviceOptions;
import dev.muster.simulator.Endpoints;
import dev.muster.simulator.Fleet;
import dev.muster.simulator.FleetOptions;
import dev.muster.simulator.Management;
import dev.muster.simulator.device.Behaviour;
import dev.muster.simulator.device.DeviceState;
import dev.muster.simulator.device.DeviceState.Trait;
import dev.muster.simulator.device.Pace;
import dev.muster.simulator.device.Power;
import dev.muster.simulator.device.Share;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What the server says of a fleet that drifts, has wrong clocks and goes away, held against the simulator's own record, asset by
 * asset and field by field. {@code -Dfleet=1000} sets the size, {@code -Dseed=…} another fleet (docs/simulator.md).
 */
class TwinFleetIT {
    private static final int ASSETS = Integer.getInteger("fleet", 200);
    private static final long SEED = Long.getLong("seed", 7);
    private static final Duration BOUND = Duration.ofMinutes(5);

    /** Every field that any of the simulated types has in its baseline, so that all come from here. */
    private static final String CONFIGURATION = """
            apiVersion: muster.dev/v1
            kind: Group
            metadata: {name: fleet}
            spec: {selector: "asset.labels.simulated == 'true'"}
            ---
            apiVersion: muster.dev/v1
            kind: Configuration
            metadata: {name: fleet}
            spec:
              target: {group: fleet}
              conflict: %s
              config:
                revision: %d
                reporting: {positionSeconds: 3, telemetrySeconds: 7, intervalSeconds: 30}
                speedLimit: {enabled: true}
                screenLockSeconds: 120
                receipt: {copies: 2}
                payment: {offlineLimit: 20, contactless: false}
            """;

    @TempDir
    Path folder;

    @Test
    void theDriftListIsExactAndNothingIsDoneAboutStaleReports() throws Exception {
        System.out.println("twin fleet: " + ASSETS + " assets, seed " + SEED);
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), Map.of(), List.of())) {
            server.start();
            server.apply(CONFIGURATION.formatted("report", 1));
            try (Fleet fleet = new Fleet(options(), Endpoints.of(server.device(), server.mqtt()))) {
                Instant start = Instant.now();
                fleet.enrol(new Management(server.http(), server.adminToken(), ""));
                fleet.connect();
                assertThat(fleet.awaitConnected(BOUND)).as("%s", fleet.report()).isTrue();
                say("enrolled and connected", start);

                start = Instant.now();
                awaitExact(server, fleet, state -> truth(state, 1));
                say("reported drift is exact", start);
                checkWhatTheFleetIs(fleet);
                checkClocks(server, fleet);

                start = Instant.now();
                server.apply(CONFIGURATION.formatted("enforce", 2));
                awaitExact(server, fleet, TwinFleetIT::truthWhenEnforced);
                say("enforced, and what the stubborn keep is exact", start);
                checkActions(server, fleet);

                fleet.stop(Duration.ofSeconds(30));
                assertThat(fleet.report().refused()).as("%s", fleet.report()).isZero();
            }
        }
    }

    private static FleetOptions options() {
        return FleetOptions.of(ASSETS, "vehicle=60,pos=20,sensor=20", SEED)
                .withRate(0.2)
                .withDevices(DeviceOptions.honest()
                        .withBehaviour(Behaviour.honest()
                                .withDrift(Share.percent(5), Share.percent(50))
                                .withSkew(Share.percent(5))
                                .withOffline(Share.percent(10))
                                .withPace(Pace.standard().faster(5))));
    }

    /** Until every asset has done what it does, and the server says the same of every single one. */
    private static void awaitExact(ServerProcess server, Fleet fleet, Function<DeviceState, String> truth)
            throws Exception {
        Map<String, String> expected = new TreeMap<>();
        Map<String, String> found = new TreeMap<>();
        try {
            Await.that("the server's list is the simulator's", BOUND, () -> {
                found.clear();
                found.putAll(told(server));
                expected.clear();
                fleet.states().forEach(state -> expected.put(state.id(), truth.apply(state)));
                Thread.sleep(200);
                return expected.equals(found);
            });
        } catch (AssertionError e) {
            Map<String, String> differing = new TreeMap<>();
            expected.forEach((asset, state) -> {
                if (!state.equals(found.get(asset))) {
                    differing.put(asset, "is " + state + ", told " + found.get(asset));
                }
            });
            throw new AssertionError("the server does not say what is true of: " + differing, e);
        }
    }

    private static String truth(DeviceState state, int revision) {
        if (!state.settled()) {
            return "not settled";
        }
        if (state.power() == Power.AWAY) {
            return "unknown";
        }
        if (!Objects.equals(state.applied().get("revision"), (long) revision)) {
            return "not at revision " + revision;
        }
        Map<String, String> fields = new TreeMap<>();
        state.drift()
                .forEach((pointer, difference) ->
                        fields.put("/config" + pointer, difference.desired() + " -> " + difference.actual()));
        return fields.isEmpty() ? "in_sync" : "drifted " + fields;
    }

    /** Only the stubborn may still be drifted. */
    private static String truthWhenEnforced(DeviceState state) {
        boolean unhealed = on(state) && !state.drift().isEmpty() && !isStubborn(state);
        return unhealed ? "not healed" : truth(state, 2);
    }

    private static Map<String, String> told(ServerProcess server) throws Exception {
        Map<String, String> states = new TreeMap<>();
        String next = "";
        do {
            JsonNode page =
                    server.get("/api/v1/drift?state=all&limit=500" + (next.isEmpty() ? "" : "&continue=" + next));
            for (JsonNode item : page.path("items")) {
                states.put(item.path("asset").asString(), told(item));
            }
            next = page.path("continue").asString("");
        } while (!next.isEmpty());
        return states;
    }

    private static String told(JsonNode item) {
        String state = item.path("state").asString();
        if (!state.equals("drifted")) {
            return state;
        }
        Map<String, String> fields = new TreeMap<>();
        for (JsonNode field : item.path("fields")) {
            fields.put(
                    field.path("field").asString(), text(field.get("desired")) + " -> " + text(field.get("reported")));
        }
        return "drifted " + fields;
    }

    private static String text(@Nullable JsonNode value) {
        return value == null ? "null" : value.asString();
    }

    /** The fleet is what the test is about; a seed that makes another one is no proof. */
    private static void checkWhatTheFleetIs(Fleet fleet) {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("drifted", count(fleet, state -> on(state) && !state.drift().isEmpty()));
        counts.put(
                "of these with a wrong clock",
                count(fleet, state -> on(state) && !state.drift().isEmpty() && state.skewMillis() != 0));
        counts.put("stubborn", count(fleet, TwinFleetIT::isStubborn));
        counts.put("wrong clocks", count(fleet, state -> state.skewMillis() != 0));
        counts.put("away", count(fleet, state -> !on(state)));
        counts.put(
                "of these drifted unseen",
                count(
                        fleet,
                        state -> !on(state)
                                && !state.drift().isEmpty()
                                && Objects.requireNonNull(state.reported())
                                        .drifted()
                                        .isEmpty()));
        System.out.println("twin fleet: " + counts);
        counts.remove("of these with a wrong clock");
        assertThat(counts.values())
                .as("%s; another seed makes another fleet", counts)
                .allMatch(count -> count > 0);
    }

    private interface Condition {
        boolean holds(DeviceState state);
    }

    private static long count(Fleet fleet, Condition condition) {
        return fleet.states().stream().filter(condition::holds).count();
    }

    private static boolean on(DeviceState state) {
        return state.power() == Power.ON;
    }

    private static boolean isStubborn(DeviceState state) {
        return on(state) && state.traits().contains(Trait.STUBBORN);
    }

    /** A clock that is wrong is flagged, and costs the asset nothing else. */
    private static void checkClocks(ServerProcess server, Fleet fleet) throws Exception {
        int flagged = 0;
        int right = 0;
        for (DeviceState state : fleet.states()) {
            long seconds = Math.abs(state.skewMillis()) / 1_000;
            boolean clearlyWrong = seconds > 360;
            if (on(state) && (clearlyWrong || (seconds == 0 && right < 20))) {
                JsonNode reported = twin(server, state).path("reported");
                assertThat(reported.path("clockSkewed").asBoolean())
                        .as("%s is off by %d s: %s", state.id(), seconds, reported)
                        .isEqualTo(clearlyWrong);
                flagged += clearlyWrong ? 1 : 0;
                right += clearlyWrong ? 0 : 1;
            }
        }
        System.out.println("twin fleet: " + flagged + " wrong clocks flagged, none of " + right + " right ones");
    }

    /** Drift that could be seen was acted upon; nothing was done about an asset after its last report had become stale. */
    private static void checkActions(ServerProcess server, Fleet fleet) throws Exception {
        int acted = 0;
        int left = 0;
        for (DeviceState state : fleet.states()) {
            if (on(state) && state.traits().contains(Trait.DRIFTING)) {
                JsonNode twin = twin(server, state);
                assertThat(actions(twin, Instant.EPOCH))
                        .as("%s: %s", state.id(), twin)
                        .contains("reapply");
                acted++;
            } else if (!on(state)) {
                JsonNode twin = twin(server, state);
                assertThat(actions(twin, Instant.ofEpochMilli(state.since())))
                        .as("what was decided about %s, which is away since %d: %s", state.id(), state.since(), twin)
                        .isEmpty();
                assertThat(twin.path("drift").isEmpty()).isTrue();
                left++;
            }
        }
        System.out.println("twin fleet: " + acted + " drifting assets acted upon, " + left + " stale ones left alone");
    }

    private static List<String> actions(JsonNode twin, Instant after) {
        return twin.path("decisions")
                .valueStream()
                .filter(decision ->
                        Instant.parse(decision.path("at").asString()).isAfter(after))
                .map(decision -> decision.path("action").asString())
                .toList();
    }

    private static JsonNode twin(ServerProcess server, DeviceState state) throws Exception {
        return server.get("/api/v1/assets/" + state.id() + "/twin");
    }

    private static void say(String what, Instant since) {
        System.out.println("twin fleet: " + what + " after "
                + Duration.between(since, Instant.now()).toMillis() / 1_000.0 + " s");
    }
}
