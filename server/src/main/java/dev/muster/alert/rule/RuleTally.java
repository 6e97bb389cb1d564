package dev.muster.alert.rule;

import dev.muster.alert.Fingerprint;
import dev.muster.alert.Signal;
import dev.muster.alert.rule.CommonCauses.Found;
import dev.muster.alert.rule.CommonCauses.Key;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.Cause;
import dev.muster.alert.state.Observation;
import dev.muster.alert.state.Observation.Says;
import dev.muster.registry.Asset;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One evaluation of a rule: takes the findings of all assets, one batch after the other, and comes to what is said of its alerts. Remembers
 * assets that are wrong, and counts the others. Knows no clock and stores nothing.
 *
 * <p>Assets that a common cause explains get no alert of their own; the alert of one that fires already goes on and says which alert
 * explains it.
 */
final class RuleTally {
    static final String EXPLAINED_BY = "explainedBy";
    private static final String CAUSE_LABEL = "cause";
    private static final int SHOWN = 10;

    private final AlertRule rule;
    private final Map<String, Alert> open = new TreeMap<>();
    /** Of the open alerts: of all others nobody needs the fingerprint. */
    private final Set<String> openAssets = new HashSet<>();

    private final Set<String> covered;
    private final Instant now;
    private final CommonCauses causes;
    private final Map<String, Judged> wrong = new TreeMap<>();
    private final Set<String> unknownFingerprints = new HashSet<>();
    private final List<String> unknownShown = new ArrayList<>();
    private int fine;
    private int unknown;

    private record Judged(Asset asset, Finding.Wrong finding) {}

    /**
     * @param open the rule's alerts that are pending or firing
     * @param covered assets that one of them at a common cause stands for and fires: they have waited long enough
     */
    RuleTally(AlertRule rule, Collection<Alert> open, Set<String> covered, Instant now) {
        this.rule = rule;
        open.forEach(alert -> {
            this.open.put(alert.fingerprint(), alert);
            this.openAssets.add(alert.labels().getOrDefault(Signal.ASSET, ""));
        });
        this.covered = covered;
        this.now = now;
        this.causes = new CommonCauses(rule.causes(), rule.causeShare(), rule.causeAtLeast());
    }

    /** What the evaluation came to. */
    record Outcome(List<Observation> observations, Status status) {}

    /** @param why of some of the assets of which nothing could be told */
    record Status(int fine, int wrong, int unknown, int alerts, List<String> why, Map<String, String> shares) {}

    boolean firesFor(Asset asset) {
        String id = asset.id().value();
        Alert alert = mayBeOpen(id) ? open.get(Fingerprint.of(labels(asset))) : null;
        return alert != null && alert.isFiring() || covered.contains(id);
    }

    private boolean mayBeOpen(String asset) {
        return openAssets.contains(asset) || rule.labels().containsKey(Signal.ASSET) && !open.isEmpty();
    }

    void add(Asset asset, Finding finding) {
        switch (finding) {
            case Finding.Wrong found -> wrong.put(asset.id().value(), new Judged(asset, found));
            case Finding.Fine _ -> fine++;
            case Finding.Unknown(String why) -> {
                unknown++;
                if (mayBeOpen(asset.id().value())) {
                    unknownFingerprints.add(Fingerprint.of(labels(asset)));
                }
                if (unknownShown.size() < SHOWN) {
                    unknownShown.add(asset.id().value() + ": " + why);
                }
            }
        }
        causes.add(asset, finding instanceof Finding.Wrong, finding instanceof Finding.Unknown);
    }

    Outcome finish() {
        Map<String, Observation> said = new LinkedHashMap<>();
        Map<String, String> explained = new HashMap<>();
        for (Found found : causes.find(firingCauses())) {
            Observation observation = observation(found);
            String fingerprint = Fingerprint.of(observation.signal().labels());
            said.put(fingerprint, observation);
            found.assets().forEach(asset -> explained.put(asset, fingerprint));
        }
        wrong.forEach((id, judged) -> {
            SortedMap<String, String> labels = labels(judged.asset());
            String fingerprint = Fingerprint.of(labels);
            Alert before = open.get(fingerprint);
            String by = explained.get(id);
            if (by == null || before != null && before.isFiring()) {
                said.put(fingerprint, observation(judged, labels, by));
            }
        });
        open.forEach((fingerprint, alert) -> said.computeIfAbsent(fingerprint, _ -> notSaid(alert, explained)));
        int alerts = (int)
                said.values().stream().filter(each -> each.says() == Says.WRONG).count();
        return new Outcome(
                List.copyOf(said.values()),
                new Status(fine, wrong.size(), unknown, alerts, List.copyOf(unknownShown), causes.shares()));
    }

    private Set<Key> firingCauses() {
        Set<Key> firing = new HashSet<>();
        open.values().stream()
                .filter(Alert::isFiring)
                .flatMap(alert -> Optional.ofNullable(alert.cause()).stream())
                .forEach(cause -> firing.add(new Key(cause.label(), cause.value())));
        return firing;
    }

    /** An open alert that nothing was found for: over, not to be told, or explained by a larger one. */
    private Observation notSaid(Alert alert, Map<String, String> explained) {
        Cause cause = alert.cause();
        Says says = unknownFingerprints.contains(alert.fingerprint()) ? Says.UNKNOWN : Says.FINE;
        Map<String, Object> evidence = alert.evidence();
        if (cause != null) {
            Key key = new Key(cause.label(), cause.value());
            if (alert.isFiring() && causes.holds(key, true)) {
                says = Says.WRONG;
                evidence = new HashMap<>(evidence);
                evidence.put(
                        EXPLAINED_BY,
                        cause.first().stream()
                                .map(explained::get)
                                .filter(java.util.Objects::nonNull)
                                .findFirst()
                                .orElse(""));
            } else if (causes.isUnknown(key)) {
                says = Says.UNKNOWN;
            }
        }
        Signal signal =
                new Signal(alert.labels(), alert.annotations(), alert.startsAt(), Optional.empty(), alert.origin());
        return new Observation(signal, now, says, rule.lasting(), rule.keepFiring(), cause, List.of(), evidence);
    }

    private Observation observation(
            Judged judged, SortedMap<String, String> labels, @org.jspecify.annotations.Nullable String explainedBy) {
        Asset asset = judged.asset();
        Map<String, Object> evidence = new HashMap<>(judged.finding().inputs());
        evidence.put("says", judged.finding().says());
        evidence.put("condition", rule.condition().text());
        if (explainedBy != null) {
            evidence.put(EXPLAINED_BY, explainedBy);
        }
        Map<String, String> words = new HashMap<>(labels);
        words.put("says", judged.finding().says());
        words.put("count", "1");
        Map<String, String> annotations = filled(words);
        annotations.putIfAbsent(
                "summary", asset.id().value() + ": " + judged.finding().says());
        boolean waited = covered.contains(asset.id().value());
        return new Observation(
                new Signal(labels, annotations, now, Optional.empty(), "/api/v1/alert-rules/" + rule.name()),
                now,
                Says.WRONG,
                waited ? Duration.ZERO : rule.lasting(),
                rule.keepFiring(),
                null,
                List.of(),
                evidence);
    }

    private Observation observation(Found found) {
        List<String> first = found.assets().stream().limit(SHOWN).toList();
        Cause cause = new Cause(
                found.key().label(), found.key().value(), found.assets().size(), found.of(), first);
        SortedMap<String, String> labels = labels(found);
        Judged example = java.util.Objects.requireNonNull(wrong.get(first.getFirst()));
        String what = found.key().equals(CommonCauses.SELECTION)
                ? "all that rule " + rule.name() + " looks at"
                : found.key().label() + " " + found.key().value();
        String text = what + ": " + found.assets().size() + " of " + found.of() + " assets, "
                + String.join(", ", first.subList(0, Math.min(3, first.size())))
                + (found.assets().size() > 3 ? ", …" : "") + " ("
                + example.finding().says() + ")";
        Map<String, String> words = new HashMap<>(labels);
        words.put("says", text);
        words.put("count", Integer.toString(found.assets().size()));
        Map<String, String> annotations = filled(words);
        annotations.put("summary", text);
        annotations.put("assets", Integer.toString(found.assets().size()));
        annotations.put("first_assets", String.join(", ", first));
        Map<String, Object> evidence = new HashMap<>();
        evidence.put("condition", rule.condition().text());
        evidence.put("says", text);
        evidence.put("wrong", found.assets().size());
        evidence.put("of", found.of());
        evidence.put("share", rule.causeShare());
        evidence.put("example", example.finding().inputs());
        evidence.put("causes", causes.shares());
        boolean waited = found.assets().stream().filter(covered::contains).count() * 2
                > found.assets().size();
        return new Observation(
                new Signal(labels, annotations, now, Optional.empty(), "/api/v1/alert-rules/" + rule.name()),
                now,
                Says.WRONG,
                waited ? Duration.ZERO : rule.lasting(),
                rule.keepFiring(),
                cause,
                found.assets(),
                evidence);
    }

    private SortedMap<String, String> labels(Asset asset) {
        SortedMap<String, String> labels = new TreeMap<>();
        put(labels, Signal.ASSET, asset.id().value());
        put(labels, Signal.TYPE, asset.type());
        put(labels, Signal.REGION, asset.region());
        put(labels, Signal.SITE, asset.site());
        put(labels, Signal.HARDWARE, asset.hardware());
        put(labels, Signal.OWNER, asset.owner());
        put(labels, Signal.GATEWAY, asset.labels().getOrDefault(Signal.GATEWAY, ""));
        return named(labels);
    }

    /** The owner only where there is one for all assets of the cause: an identity must not change with who is wrong. */
    private SortedMap<String, String> labels(Found found) {
        SortedMap<String, String> labels = new TreeMap<>();
        put(labels, CAUSE_LABEL, found.key().label());
        if (!found.key().equals(CommonCauses.SELECTION)) {
            String label = found.key().label();
            put(
                    labels,
                    label.startsWith("labels.") ? label.substring("labels.".length()) : label.replace('.', '_'),
                    found.key().value());
        }
        put(labels, Signal.OWNER, causes.ownerOf(found.key()));
        return named(labels);
    }

    private SortedMap<String, String> named(SortedMap<String, String> labels) {
        labels.putAll(rule.labels());
        labels.put(Signal.NAME, rule.name());
        labels.put(Signal.SEVERITY, rule.severity());
        return labels;
    }

    private static void put(Map<String, String> labels, String label, String value) {
        if (!value.isEmpty()) {
            labels.put(label, value);
        }
    }

    /** Annotations with {@code {{label}}}, {@code {{says}}} and {@code {{count}}} filled in. */
    private Map<String, String> filled(Map<String, String> words) {
        Map<String, String> filled = new HashMap<>();
        rule.annotations().forEach((name, text) -> {
            String full = text;
            for (Map.Entry<String, String> word : words.entrySet()) {
                full = full.replace("{{" + word.getKey() + "}}", word.getValue());
            }
            filled.put(name, full);
        });
        return filled;
    }
}
