package dev.muster.alert.incident;

import dev.muster.alert.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Ranks what probably lies behind an incident, and says why.
 *
 * <p>A candidate gets weight from the share of the alerts that name it, or from how much more common it is among the assets that are hit
 * than in the fleet; how much weight at most depends on how specific it is. A change of it shortly before the first sign adds to it:
 * the later, the more. The score is there to rank by; what a person reads is the reason.
 */
final class ProbableCauses {
    static final Duration WINDOW = Duration.ofHours(2);
    static final int MAX = 5;

    private static final double CHANGE_BONUS = 0.3;
    private static final double CHANGE_ALONE = 0.35;
    /** As much more often among the hit than in the fleet, or it says nothing. */
    private static final double LEAST_LIFT = 0.25;

    /** What a rollout of a configuration brings is named by the label of a release, and is none. */
    private static final String CONFIGURATION = "configuration";

    private static final Map<String, Double> SPECIFIC = Map.of(
            Signal.ROLLOUT,
            0.7,
            Signal.RELEASE,
            0.7,
            Signal.GATEWAY,
            0.65,
            "certificates",
            0.65,
            Signal.SITE,
            0.5,
            Signal.ASSET,
            0.45,
            Signal.HARDWARE,
            0.4,
            Signal.REGION,
            0.4,
            Signal.TYPE,
            0.2);

    private ProbableCauses() {}

    /**
     * A value that assets have.
     *
     * @param hitWith of {@code hit} assets that are hit, so many have it
     * @param fleetWith of the {@code fleet}
     */
    record Shared(String kind, String value, int hitWith, int hit, long fleetWith, long fleet) {
        double lift() {
            return hit == 0 || fleet == 0 ? 0 : (double) hitWith / hit - (double) fleetWith / fleet;
        }
    }

    /** Something that was changed. @param subject such as {@code rollout/app-1-5} */
    record Change(Instant at, String kind, String subject, String text) {}

    static List<Cause> rank(
            List<SortedMap<String, String>> alerts, List<Shared> shared, List<Change> changes, Instant evidence) {
        List<Change> before = changes.stream()
                .filter(change -> !change.at().isAfter(evidence) && change.at().isAfter(evidence.minus(WINDOW)))
                .sorted(Comparator.comparing(Change::at).reversed())
                .toList();
        Set<String> explained = new LinkedHashSet<>();
        List<Cause> found = new ArrayList<>();
        candidates(alerts, shared).forEach((key, candidate) -> {
            Optional<Change> change =
                    before.stream().filter(candidate::isChangedBy).findFirst();
            change.ifPresent(known -> explained.add(known.subject()));
            found.add(candidate.cause(change.orElse(null), evidence));
        });
        Set<String> named = new LinkedHashSet<>(explained);
        for (Change change : before) {
            if (named.add(change.subject())) {
                double recent = recency(change, evidence);
                found.add(
                        new Cause("change", change.subject(), round(CHANGE_ALONE * recent), changed(change, evidence)));
            }
        }
        return found.stream()
                .filter(cause -> cause.score() > 0)
                .sorted(Comparator.comparingDouble(Cause::score)
                        .reversed()
                        .thenComparing(Cause::kind)
                        .thenComparing(Cause::value))
                .limit(MAX)
                .toList();
    }

    private static Map<String, Candidate> candidates(List<SortedMap<String, String>> alerts, List<Shared> shared) {
        Map<String, Candidate> all = new LinkedHashMap<>();
        for (String kind : SPECIFIC.keySet().stream().sorted().toList()) {
            Map<String, Integer> named = new HashMap<>();
            alerts.forEach(labels -> {
                String value = labels.get(kind);
                if (value != null && !value.isEmpty()) {
                    named.merge(value, 1, Integer::sum);
                }
            });
            named.forEach((value, count) -> {
                double weight = specific(kind) * count / alerts.size();
                String said = count + " of " + alerts.size() + (alerts.size() == 1 ? " alert names " : " alerts name ");
                Candidate candidate = kind.equals(Signal.RELEASE) && value.startsWith(CONFIGURATION + "/")
                        ? Candidate.of(CONFIGURATION, value.substring(CONFIGURATION.length() + 1), weight, said)
                        : Candidate.of(kind, value, weight, said);
                all.put(candidate.kind() + "/" + candidate.value(), candidate);
            });
        }
        for (Shared each : shared) {
            if (each.hit() >= 2 && each.lift() >= LEAST_LIFT) {
                String text = each.hitWith() + " of " + each.hit() + " assets that are hit have " + each.kind() + " "
                        + each.value() + ", in the fleet " + each.fleetWith() + " of " + each.fleet();
                all.merge(
                        each.kind() + "/" + each.value(),
                        new Candidate(each.kind(), each.value(), specific(each.kind()) * each.lift(), text),
                        Candidate::and);
            }
        }
        return all;
    }

    private static double specific(String kind) {
        return SPECIFIC.getOrDefault(kind, 0.2);
    }

    private record Candidate(String kind, String value, double weight, String text) {
        static Candidate of(String kind, String value, double weight, String said) {
            return new Candidate(kind, value, weight, said + kind + " " + value);
        }

        Candidate and(Candidate other) {
            return new Candidate(kind, value, Math.max(weight, other.weight), text + "; " + other.text);
        }

        boolean isChangedBy(Change change) {
            return change.subject().equals(kind + "/" + name())
                    || (change.text().contains(value) && value.length() > 3);
        }

        /** A configuration keeps its name when it is changed; a release is another one. */
        private String name() {
            return kind.equals(CONFIGURATION) ? value.replaceFirst("@[^@]*$", "") : value;
        }

        Cause cause(@Nullable Change change, Instant evidence) {
            if (change == null) {
                return new Cause(kind, value, round(weight), text);
            }
            double score = Math.min(1, weight + CHANGE_BONUS * recency(change, evidence));
            return new Cause(kind, value, round(score), text + "; " + changed(change, evidence));
        }
    }

    private static double recency(Change change, Instant evidence) {
        return 1 - (double) Duration.between(change.at(), evidence).toMillis() / WINDOW.toMillis();
    }

    private static String changed(Change change, Instant evidence) {
        return change.text() + " "
                + IncidentEngine.seconds(Duration.between(change.at(), evidence))
                        .toLowerCase(Locale.ROOT)
                + " before the first sign";
    }

    private static double round(double score) {
        return Math.round(score * 100) / 100.0;
    }
}
