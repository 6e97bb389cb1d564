package dev.muster.alert.rule;

import dev.muster.alert.Fingerprint;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertEngine;
import dev.muster.alert.state.AlertEngine.Change;
import dev.muster.alert.state.AlertState;
import dev.muster.alert.state.Cause;
import dev.muster.alert.state.Observation;
import dev.muster.registry.Asset;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A rule as it would have gone over moments that are past: its own condition, common causes and the state machine of alerts, with alerts
 * that live here only. Stores nothing, and knows no clock.
 */
public final class RuleReplay {
    /** A fire beyond these is counted, and not described. */
    static final int MOST_FIRINGS = 500;
    /** As in an evaluation of the rule itself. */
    private static final int PIECE = 1_000;

    /** What was known at a moment. */
    interface Past extends Readings {
        /** Goes on to a later moment. @return false when it can be read no further */
        boolean to(Instant now);

        /** As it was at that moment, so far as that is kept. */
        Asset asOf(Asset today);
    }

    /**
     * @param warm when its condition begins to see readings; what it says before {@code from} is not heard
     * @param to inclusive
     */
    record Span(Instant warm, Instant from, Instant to, Duration step) {}

    /**
     * One time that an alert fired.
     *
     * @param pendingAt since when it had been wrong
     * @param resolvedAt null when it fired still at the end
     * @param assets how many it stood for, at most
     */
    public record Firing(
            String fingerprint,
            SortedMap<String, String> labels,
            String summary,
            @Nullable Cause cause,
            Instant pendingAt,
            Instant firedAt,
            @Nullable Instant resolvedAt,
            int assets) {}

    /** One evaluation. */
    public record Point(Instant at, int firing, int pending, int wrong, int fine, int unknown) {}

    /**
     * @param until the last moment that was evaluated; null when there was none
     * @param fired how often alerts fired; the first of them are described
     * @param givenUp how often something was wrong for less than {@code for}
     * @param assets ids of those that alerts stood for
     * @param whyUnknown of some of the assets of which the last evaluation could tell nothing
     */
    public record Outcome(
            @Nullable Instant until,
            List<Point> points,
            List<Firing> firings,
            int fired,
            int givenUp,
            Set<String> assets,
            List<String> whyUnknown) {}

    private final AlertRule rule;
    private final Past past;
    private final BiConsumer<Instant, Map<String, Alert>> dispatch;
    private final Map<String, Alert> alerts = new TreeMap<>();
    private final Map<String, Set<String>> members = new HashMap<>();
    private final Map<String, Firing> open = new LinkedHashMap<>();
    private final List<Firing> over = new ArrayList<>();
    private final Set<String> hit = new TreeSet<>();
    private final List<Point> points = new ArrayList<>();
    private int fired;
    private int givenUp;
    private List<String> whyUnknown = List.of();

    private RuleReplay(AlertRule rule, Past past, BiConsumer<Instant, Map<String, Alert>> dispatch) {
        this.rule = rule;
        this.past = past;
        this.dispatch = dispatch;
    }

    /** @param dispatch is told of all alerts after each evaluation */
    static Outcome run(
            AlertRule rule,
            List<Asset> assets,
            Past past,
            Span span,
            BiConsumer<Instant, Map<String, Alert>> dispatch) {
        RuleReplay replay = new RuleReplay(rule, past, dispatch);
        Instant until = null;
        for (Instant now = span.warm(); !now.isAfter(span.to()) && past.to(now); now = now.plus(span.step())) {
            if (now.isBefore(span.from())) {
                replay.judge(assets, now, null);
            } else {
                replay.evaluate(assets, now);
                until = now;
            }
        }
        return replay.outcome(until);
    }

    private void evaluate(List<Asset> assets, Instant now) {
        List<Alert> known = alerts.values().stream()
                .filter(alert -> alert.state() != AlertState.RESOLVED)
                .toList();
        Set<String> covered = new HashSet<>();
        known.stream()
                .filter(alert -> alert.isFiring() && alert.cause() != null)
                .forEach(alert -> covered.addAll(members.getOrDefault(alert.fingerprint(), Set.of())));
        RuleTally tally = new RuleTally(rule, known, covered, now);
        judge(assets, now, tally);
        RuleTally.Outcome outcome = tally.finish();
        outcome.observations().forEach(observation -> take(observation, now));
        dispatch.accept(now, alerts);
        RuleTally.Status status = outcome.status();
        whyUnknown = status.why();
        points.add(new Point(
                now,
                count(AlertState.FIRING),
                count(AlertState.PENDING),
                status.wrong(),
                status.fine(),
                status.unknown()));
    }

    /** @param tally null while the condition only has to see what came before */
    private void judge(List<Asset> assets, Instant now, @Nullable RuleTally tally) {
        Moment moment = new Moment(rule.name(), now, past);
        for (int from = 0; from < assets.size(); from += PIECE) {
            List<Asset> piece = assets.subList(from, Math.min(from + PIECE, assets.size())).stream()
                    .map(past::asOf)
                    .toList();
            List<Subject> subjects = piece.stream()
                    .map(asset -> new Subject(asset, tally != null && tally.firesFor(asset)))
                    .toList();
            List<Finding> findings = rule.condition().judge(subjects, moment);
            for (int i = 0; tally != null && i < piece.size(); i++) {
                tally.add(piece.get(i), findings.get(i));
            }
        }
    }

    private void take(Observation observation, Instant now) {
        String fingerprint = Fingerprint.of(observation.signal().labels());
        Alert before = alerts.get(fingerprint);
        AlertEngine.Step step = AlertEngine.observe(before, rule.source(), observation);
        step.after().ifPresentOrElse(alert -> alerts.put(fingerprint, alert), () -> alerts.remove(fingerprint));
        if (!observation.assets().isEmpty()) {
            members.put(fingerprint, Set.copyOf(observation.assets()));
        }
        boolean stillPending = step.after()
                .filter(alert -> alert.state() != AlertState.RESOLVED)
                .isPresent();
        if (before != null && before.state() == AlertState.PENDING && !stillPending) {
            givenUp++;
        }
        Alert after = step.after().orElse(null);
        if (step.change() == Change.FIRING && after != null) {
            fired++;
            open.put(fingerprint, fire(before, after, observation, now));
        } else if (step.change() == Change.RESOLVED) {
            close(fingerprint, now);
        } else if (after != null && after.isFiring()) {
            open.computeIfPresent(fingerprint, (_, firing) -> grown(firing, after, observation));
        }
    }

    private Firing fire(@Nullable Alert before, Alert after, Observation observation, Instant now) {
        Instant pendingAt = before != null && before.state() == AlertState.PENDING ? before.since() : now;
        return grown(
                new Firing(
                        after.fingerprint(), after.labels(), after.summary(), after.cause(), pendingAt, now, null, 0),
                after,
                observation);
    }

    private Firing grown(Firing is, Alert after, Observation observation) {
        Set<String> stoodFor = observation.assets().isEmpty()
                ? Set.of(after.labels().getOrDefault("asset", ""))
                : Set.copyOf(observation.assets());
        stoodFor.stream().filter(id -> !id.isEmpty()).forEach(hit::add);
        if (stoodFor.size() <= is.assets()) {
            return is;
        }
        return new Firing(
                is.fingerprint(),
                is.labels(),
                after.summary(),
                after.cause(),
                is.pendingAt(),
                is.firedAt(),
                null,
                stoodFor.size());
    }

    private void close(String fingerprint, Instant now) {
        Firing is = open.remove(fingerprint);
        if (is != null && over.size() < MOST_FIRINGS) {
            over.add(new Firing(
                    is.fingerprint(),
                    is.labels(),
                    is.summary(),
                    is.cause(),
                    is.pendingAt(),
                    is.firedAt(),
                    now,
                    is.assets()));
        }
    }

    private int count(AlertState state) {
        return (int)
                alerts.values().stream().filter(alert -> alert.state() == state).count();
    }

    private Outcome outcome(@Nullable Instant until) {
        List<Firing> all = new ArrayList<>(over);
        open.values().stream().limit(MOST_FIRINGS).forEach(all::add);
        all.sort(java.util.Comparator.comparing(Firing::firedAt).thenComparing(Firing::fingerprint));
        return new Outcome(
                until,
                List.copyOf(points),
                all.stream().limit(MOST_FIRINGS).toList(),
                fired,
                givenUp,
                Set.copyOf(hit),
                whyUnknown);
    }
}
