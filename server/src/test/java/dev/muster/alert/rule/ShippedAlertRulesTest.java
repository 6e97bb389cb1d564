package dev.muster.alert.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.state.Observation;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.registry.selector.Selectors;
import dev.muster.telemetry.store.TelemetryStore.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Every rule that comes with the server: quiet on a healthy fleet, and what it says starts the shipped runbook. */
class ShippedAlertRulesTest {
    private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");
    private static final Selectors SELECTORS = new Selectors(new SimpleMeterRegistry());
    private static final Map<String, ConditionKind> KINDS = Map.of(
            "threshold", new Threshold.Kind(), "absence", new Absence.Kind(), "expression", new Expression.Kind());

    /** What may be wrong with an asset. */
    private static final class State {
        Presence presence = Presence.ONLINE;
        Duration since = Duration.ofHours(1);
        Duration certificate = Duration.ofDays(60);
        int drift;
        double diskFree = 9e9;

        @Nullable Double clockOffset = 0.3;
    }

    private static Map<String, AlertRule> shipped() throws IOException {
        Map<String, AlertRule> rules = new TreeMap<>();
        for (Resource file : new PathMatchingResourcePatternResolver().getResources(ShippedAlertRules.WHERE)) {
            JsonNode document = YAMLMapper.shared().readTree(file.getContentAsByteArray());
            String name = document.path("metadata").path("name").asString();
            List<Problem> problems = new ArrayList<>();
            rules.put(
                    name,
                    AlertRule.read(name, FieldReader.of("spec", document.path("spec"), problems), SELECTORS, KINDS));
            assertThat(problems).as(file.getFilename()).isEmpty();
            assertThat(document.path("version").intValue()).isPositive();
        }
        return rules;
    }

    private static Asset asset(int number, State state) {
        return new Asset(
                new AssetId("pi-" + number),
                "linux-device",
                Map.of("gateway", "gw-1"),
                "team",
                "eu",
                "",
                "",
                Lifecycle.ACTIVE,
                state.presence,
                NOW.minus(state.since),
                NOW,
                NOW.plus(state.certificate),
                Map.of(),
                state.drift,
                NOW,
                NOW,
                1);
    }

    /** What a rule says of a fleet. */
    private static List<Observation> said(AlertRule rule, List<State> fleet) {
        List<Asset> assets = new ArrayList<>();
        Map<AssetId, State> states = new HashMap<>();
        for (int i = 0; i < fleet.size(); i++) {
            Asset asset = asset(i, fleet.get(i));
            states.put(asset.id(), fleet.get(i));
            if (rule.selector().isEmpty() || SELECTORS.compile(rule.selector()).matches(asset, NOW)) {
                assets.add(asset);
            }
        }
        Readings readings = new Readings() {
            @Override
            public Map<AssetId, Map<String, Value>> latest(
                    String type, Collection<AssetId> asked, Collection<String> metrics) {
                Map<AssetId, Map<String, Value>> found = new HashMap<>();
                asked.forEach(id -> found.put(
                        id, Map.of("disk.free", new Value(NOW.toEpochMilli(), stateOf(states, id).diskFree))));
                return found;
            }

            @Override
            public Map<AssetId, Double> clockOffsets(Collection<AssetId> asked) {
                Map<AssetId, Double> found = new HashMap<>();
                asked.forEach(id -> {
                    Double offset = stateOf(states, id).clockOffset;
                    if (offset != null) {
                        found.put(id, offset);
                    }
                });
                return found;
            }
        };
        RuleTally tally = new RuleTally(rule, List.of(), Set.of(), NOW);
        List<Subject> subjects =
                assets.stream().map(asset -> new Subject(asset, false)).toList();
        List<Finding> findings = rule.condition().judge(subjects, new Moment(rule.name(), NOW, readings));
        for (int i = 0; i < assets.size(); i++) {
            tally.add(assets.get(i), findings.get(i));
        }
        return tally.finish().observations();
    }

    private static State stateOf(Map<AssetId, State> states, AssetId id) {
        return java.util.Objects.requireNonNull(states.get(id));
    }

    private static List<State> fleet(int wrong, String fault) {
        List<State> fleet = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            State state = new State();
            if (i < wrong) {
                switch (fault) {
                    case "StaleTelemetry" -> state.presence = Presence.OFFLINE;
                    case "CertificateNearExpiry" -> state.certificate = Duration.ofHours(71);
                    case "Drift" -> state.drift = 2;
                    case "DiskFull" -> state.diskFree = 1e6;
                    case "ClockSkew" -> state.clockOffset = -3_600.0;
                    default -> throw new IllegalArgumentException(fault);
                }
            }
            fleet.add(state);
        }
        return fleet;
    }

    @Test
    void areQuietOnAHealthyFleetAndOneThatSaysLittle() throws IOException {
        State mute = new State();
        mute.presence = Presence.NEVER_SEEN;
        mute.clockOffset = null;
        List<State> fleet = new ArrayList<>(fleet(0, ""));
        fleet.add(mute);
        assertThat(shipped()).hasSize(5).allSatisfy((name, rule) -> {
            assertThat(said(rule, fleet)).isEmpty();
            assertThat(rule.severity()).isEqualTo("ticket");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"StaleTelemetry", "CertificateNearExpiry", "Drift", "DiskFull", "ClockSkew"})
    void oneFaultIsOneAlertOfOneRuleAndStartsTheShippedRunbook(String fault) throws IOException {
        boolean gateway = fault.equals("StaleTelemetry");
        List<State> fleet = fleet(gateway ? 15 : 2, fault);
        Map<String, Integer> alerts = new TreeMap<>();
        shipped().forEach((name, rule) -> {
            List<Observation> said = said(rule, fleet);
            if (!said.isEmpty()) {
                alerts.put(name, said.size());
                assertThat(said)
                        .allSatisfy(each ->
                                assertThat(triggered(each.signal().labels())).hasSize(1));
            }
        });
        assertThat(alerts).isEqualTo(Map.of(fault, gateway ? 1 : 2));
    }

    @Test
    void aSingleSilentAssetDoesNotRestartItsGateway() throws IOException {
        AlertRule stale = java.util.Objects.requireNonNull(shipped().get("StaleTelemetry"));
        assertThat(said(stale, fleet(1, "StaleTelemetry")))
                .singleElement()
                .satisfies(each -> assertThat(triggered(each.signal().labels())).isEmpty());
    }

    /** The shipped runbooks that labels start. */
    private static Set<String> triggered(Map<String, String> labels) {
        Set<String> names = new TreeSet<>();
        try {
            for (Resource file : new PathMatchingResourcePatternResolver().getResources("classpath:runbooks/*.yaml")) {
                JsonNode document = YAMLMapper.shared().readTree(file.getContentAsByteArray());
                document.path("spec").path("triggers").forEach(trigger -> {
                    if (trigger.path("alert").propertyStream().allMatch(each -> {
                        String value = labels.get(each.getKey());
                        String wanted = each.getValue().asString();
                        return value != null && (wanted.equals("*") || wanted.equals(value));
                    })) {
                        names.add(document.path("metadata").path("name").asString());
                    }
                });
            }
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
        return names;
    }
}
