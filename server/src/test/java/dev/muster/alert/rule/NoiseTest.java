package dev.muster.alert.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.match.Matcher;
import dev.muster.alert.route.GroupEngine;
import dev.muster.alert.route.GroupEngine.Member;
import dev.muster.alert.route.GroupState;
import dev.muster.alert.route.Muting;
import dev.muster.alert.route.Route;
import dev.muster.alert.route.Routing;
import dev.muster.alert.route.Silence;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertEngine;
import dev.muster.alert.state.AlertState;
import dev.muster.alert.state.Observation;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * An hour of a fleet of 20,000 in which everything goes wrong at once: one region is cut off, a gateway comes and goes, one in a hundred
 * sensors is broken, a release makes assets hot, a hall is under maintenance. With the engines that the server runs, and its standard
 * routing.
 */
class NoiseTest {
    private static final Instant START = Instant.parse("2026-11-26T08:00:00Z");
    private static final int ASSETS = 20_000;
    private static final int SCREEN = 25;

    private final List<Asset> fleet = new ArrayList<>();
    private final Map<String, Alert> alerts = new TreeMap<>();
    private final Map<String, Set<String>> members = new HashMap<>();
    private final Map<String, GroupState> groups = new TreeMap<>();
    private final List<String> screen = new ArrayList<>();
    private int raw;
    private final Set<String> rawBefore = new HashSet<>();

    private static AlertRule rule(String name, String severity, List<String> causes) {
        return new AlertRule(
                name,
                "",
                severity,
                new Threshold("x", new Bound(1.0, null, 1), Duration.ofMinutes(5)),
                Duration.ofMinutes(2),
                Duration.ZERO,
                null,
                causes,
                0.5,
                5,
                Map.of(),
                Map.of(),
                false);
    }

    private static Asset asset(int number) {
        int region = number / 5_000;
        int gateway = number / 100;
        return new Asset(
                new AssetId("truck-%05d".formatted(number)),
                "truck",
                Map.of("gateway", "gw-" + gateway),
                "team-" + region,
                "region-" + region,
                "hall-" + number / 200,
                number % 3 == 0 ? "rev-a" : "rev-b",
                Lifecycle.ACTIVE,
                Presence.ONLINE,
                START,
                START,
                null,
                Map.of("app", number % 40 == 7 && region != 2 ? "1.5.0" : "1.4.0"),
                0,
                START,
                START,
                1);
    }

    private static boolean isCutOff(int number, int minute, Random random) {
        boolean region = number / 5_000 == 2 && minute >= 10 && minute < 40;
        boolean flapping = number / 100 == 17 && minute % 6 < 4;
        boolean maintained = number / 200 == 90 && minute >= 30 && minute < 50;
        return (region || flapping || maintained) && random.nextInt(100) < 98;
    }

    private static boolean isHot(int number, int minute, Random random) {
        boolean broken = number % 100 == 33 && minute >= 5 && random.nextInt(10) < 8;
        boolean release = number % 40 == 7 && number / 5_000 != 2 && minute >= 20 && minute < 45;
        return broken || release && random.nextInt(10) < 8;
    }

    @Test
    void theHourFitsOnOneScreenAndNamesTheTrueCauses() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < ASSETS; i++) {
            fleet.add(asset(i));
        }
        AlertRule silent = rule("silent", "page", AlertRule.DEFAULT_CAUSES);
        AlertRule hot = rule("hot", "ticket", List.of("gateway", "region", "site", "hardware", "software.app"));
        List<Silence> silences = List.of(new Silence(
                "s-1",
                List.of(Matcher.equal("site", "hall-90")),
                START,
                START.plusSeconds(7_200),
                "ann",
                "new racks",
                START));
        for (int minute = 0; minute < 60; minute += 2) {
            Instant now = START.plus(Duration.ofMinutes(minute));
            RuleTally offline = tally(silent, now);
            RuleTally heat = tally(hot, now);
            for (int i = 0; i < ASSETS; i++) {
                boolean away = isCutOff(i, minute, random);
                add(offline, fleet.get(i), away ? new Finding.Wrong("is offline", Map.of()) : Finding.FINE, "offline");
                Finding warm = away
                        ? new Finding.Unknown("no value")
                        : isHot(i, minute, random)
                                ? new Finding.Wrong("coolant is 104, above 95", Map.of())
                                : Finding.FINE;
                add(heat, fleet.get(i), warm, "hot");
            }
            take(silent, offline.finish().observations());
            take(hot, heat.finish().observations());
            dispatch(silences, now);
        }

        screen.forEach(System.out::println);
        System.out.printf(
                "seed %d: %d raw signals, %d notifications, ratio %d%n", seed, raw, screen.size(), raw / screen.size());
        String all = String.join("\n", screen);
        assertThat(screen).as("seed %s", seed).hasSizeLessThanOrEqualTo(SCREEN);
        assertThat(all)
                .as("seed %s", seed)
                .contains("region region-2: ")
                .contains("gateway gw-17: ")
                .contains("software.app 1.5.0: ");
        assertThat(all).as("seed %s: it is under maintenance", seed).doesNotContain("hall-90: ");
        assertThat(screen)
                .as("seed %s", seed)
                .filteredOn(line -> line.contains("region region-2: 4") && line.contains("(new)"))
                .hasSize(1);
    }

    private void add(RuleTally tally, Asset asset, Finding finding, String what) {
        tally.add(asset, finding);
        String key = what + asset.id().value();
        if (finding instanceof Finding.Wrong ? rawBefore.add(key) : rawBefore.remove(key)) {
            raw++; // a system without any of this tells of each beginning and each end
        }
    }

    private RuleTally tally(AlertRule rule, Instant now) {
        List<Alert> open = alerts.values().stream()
                .filter(alert -> alert.source().equals(rule.source()) && alert.state() != AlertState.RESOLVED)
                .toList();
        Set<String> covered = new HashSet<>();
        open.stream()
                .filter(Alert::isFiring)
                .forEach(alert -> covered.addAll(members.getOrDefault(alert.fingerprint(), Set.of())));
        return new RuleTally(rule, open, covered, now);
    }

    private void take(AlertRule rule, List<Observation> observations) {
        for (Observation observation : observations) {
            String fingerprint =
                    dev.muster.alert.Fingerprint.of(observation.signal().labels());
            AlertEngine.Step step = AlertEngine.observe(alerts.get(fingerprint), rule.source(), observation);
            step.after().ifPresentOrElse(alert -> alerts.put(fingerprint, alert), () -> alerts.remove(fingerprint));
            if (!observation.assets().isEmpty()) {
                members.put(fingerprint, Set.copyOf(observation.assets()));
            }
        }
    }

    private void dispatch(List<Silence> silences, Instant now) {
        Routing routing = Routing.standard();
        List<Alert> firing = alerts.values().stream().filter(Alert::isFiring).toList();
        Muting muting = Muting.among(routing, silences, firing, now);
        Map<String, List<Member>> byGroup = new TreeMap<>();
        for (Alert alert : firing) {
            Route route = routing.root().match(alert.labels()).getFirst();
            String key = route.groupKey(route.groupLabels(alert.labels()));
            groups.computeIfAbsent(
                    key,
                    _ -> GroupState.begun(
                            key,
                            route.id(),
                            "default",
                            route.groupLabels(alert.labels()),
                            now.plus(route.groupWait())));
            byGroup.computeIfAbsent(key, _ -> new ArrayList<>())
                    .add(new Member(alert, muting.of(alert).why()));
        }
        for (GroupState group : List.copyOf(groups.values())) {
            if (group.due().isAfter(now)) {
                continue;
            }
            List<Member> all = new ArrayList<>(byGroup.getOrDefault(group.key(), List.of()));
            group.told().stream()
                    .map(alerts::get)
                    .filter(Objects::nonNull)
                    .filter(alert -> !alert.isFiring())
                    .forEach(alert -> all.add(new Member(alert, muting.of(alert).why())));
            GroupEngine.Decision decision = GroupEngine.decide(group, all, routing.root(), null, List.of(), now);
            decision.after().ifPresentOrElse(after -> groups.put(group.key(), after), () -> groups.remove(group.key()));
            decision.notices()
                    .forEach(notice ->
                            screen.add(Duration.between(START, now).toMinutes() + " min " + group.key() + " ("
                                    + notice.why() + ") " + notice.alerts().size() + " alerts: "
                                    + notice.alerts().stream()
                                            .filter(alert -> alert.cause() != null
                                                    || notice.alerts().size() == 1)
                                            .map(Alert::summary)
                                            .toList()));
        }
    }
}
