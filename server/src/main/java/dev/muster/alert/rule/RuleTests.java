package dev.muster.alert.rule;

import dev.muster.alert.AlertSettings;
import dev.muster.alert.notify.Directory;
import dev.muster.alert.notify.TrialDispatch;
import dev.muster.alert.rule.RuleReplay.Firing;
import dev.muster.alert.rule.RuleReplay.Outcome;
import dev.muster.alert.rule.RuleReplay.Point;
import dev.muster.alert.rule.RuleReplay.Span;
import dev.muster.identity.Actor;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.document.Durations;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.telemetry.store.QueryTooLargeException;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.twin.presence.PresenceStore;
import dev.muster.twin.presence.PresenceTransition;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Holds rules against what is stored of the past: bounded, one at a time, touching nothing that is in force. */
@Component
public class RuleTests {
    public static final Duration LONGEST = Duration.ofDays(7);
    static final int MOST_ASSETS = 2_000;
    static final long MOST_ROWS = 5_000_000;
    /** Assets by evaluations; beyond, it is evaluated less often. */
    static final long MOST_JUDGED = 4_000_000;

    private static final int MOST_TRANSITIONS = 200_000;
    private static final Duration AT_MOST = Duration.ofSeconds(20);
    private static final Duration LONGEST_BACK = Duration.ofDays(2);
    private static final int SHOWN_POINTS = 300;

    private final AlertRules rules;
    private final AssetDirectory assets;
    private final TelemetryStore telemetry;
    private final PresenceStore presence;
    private final Directory directory;
    private final Duration interval;
    private final Clock clock;
    private final Semaphore one = new Semaphore(1);

    RuleTests(
            AlertRules rules,
            AssetDirectory assets,
            TelemetryStore telemetry,
            PresenceStore presence,
            Directory directory,
            Settings settings,
            Clock clock) {
        this.rules = rules;
        this.assets = assets;
        this.telemetry = telemetry;
        this.presence = presence;
        this.directory = directory;
        this.interval = settings.get(AlertSettings.RULE_INTERVAL);
        this.clock = clock;
    }

    /**
     * What a rule would have done.
     *
     * @param step between two evaluations
     * @param assets that were looked at
     * @param cannot why it was not replayed, or only so far; empty when it was, whole
     * @param notes what was taken for granted
     */
    public record Tested(
            String rule,
            String condition,
            String severity,
            Instant from,
            Instant to,
            @Nullable Instant until,
            Duration step,
            int evaluations,
            int assets,
            long readings,
            List<String> cannot,
            List<String> notes,
            Outcome outcome,
            List<TrialDispatch.Told> told) {

        /** The points that a chart has room for, each the worst of those that it stands for. */
        public List<Point> points() {
            List<Point> all = outcome.points();
            int each = Math.max(1, (all.size() + SHOWN_POINTS - 1) / SHOWN_POINTS);
            List<Point> few = new ArrayList<>();
            for (int i = 0; i < all.size(); i += each) {
                few.add(all.subList(i, Math.min(i + each, all.size())).stream()
                        .reduce((one, other) -> other.firing() > one.firing()
                                        || (other.firing() == one.firing() && other.wrong() > one.wrong())
                                ? other
                                : one)
                        .map(Objects::requireNonNull)
                        .orElseThrow());
            }
            return few;
        }

        public List<Firing> firings() {
            return outcome.firings();
        }
    }

    /** @throws Refusal with every problem of the document, and when another test runs */
    public Tested test(Actor actor, String name, JsonNode spec, Instant from, Instant to) {
        AlertRule rule = read(name, spec);
        Instant now = clock.instant();
        Instant end = to.isAfter(now) ? now : to;
        if (!from.isBefore(end) || Duration.between(from, end).compareTo(LONGEST) > 0) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "a rule is tested from a time to a later one that is not to come, over at most " + LONGEST.toDays()
                            + " days; found " + from + " to " + end);
        }
        if (!one.tryAcquire()) {
            throw new Refusal(ErrorCode.RATE_LIMITED, "another rule is being tested; try again in some seconds");
        }
        try {
            return replay(actor, rule, from.truncatedTo(ChronoUnit.SECONDS), end.truncatedTo(ChronoUnit.SECONDS));
        } catch (QueryTooLargeException tooMuch) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "rule " + name + " cannot be tested over that time: " + tooMuch.getMessage()
                            + "; test a shorter time, or narrow its selector");
        } finally {
            one.release();
        }
    }

    private AlertRule read(String name, JsonNode spec) {
        List<Problem> problems = new ArrayList<>();
        AlertRule rule = rules.read(name, FieldReader.of("spec", spec, problems));
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "alert rule " + name + " is not valid: "
                            + problems.getFirst().path() + " "
                            + problems.getFirst().message(),
                    problems.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
        return rule;
    }

    private Tested replay(Actor actor, AlertRule rule, Instant from, Instant to) {
        Duration every = rule.every() == null ? interval : rule.every();
        if (!(rule.condition().reads() instanceof Reads.Kept reads)) {
            String why = rule.condition().reads() instanceof Reads.NotKept(String it) ? it : "";
            return nothing(rule, from, to, every, "it cannot be replayed: " + why);
        }
        List<String> cannot = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        List<Asset> selected = new ArrayList<>();
        long[] more = new long[1];
        assets.forEach(actor, rule.selector().isEmpty() ? null : rule.selector(), asset -> {
            if (asset.lifecycle() == Lifecycle.RETIRED) {
                return;
            }
            if (selected.size() < MOST_ASSETS) {
                selected.add(asset);
            } else {
                more[0]++;
            }
        });
        if (selected.isEmpty()) {
            return nothing(rule, from, to, every, "its selector selects no asset that you may see");
        }
        if (more[0] > 0) {
            cannot.add(more[0] + " of " + (selected.size() + more[0]) + " assets were left out: a test looks at "
                    + MOST_ASSETS + "; narrow its selector");
        }
        metricsThatNobodySends(reads, selected).ifPresent(cannot::add);
        Duration step = step(every, Duration.between(from, to), selected.size());
        if (!step.equals(every)) {
            notes.add("evaluated every " + Durations.format(step) + " instead of every " + Durations.format(every)
                    + ": so many assets over so long a time");
        }
        notes.add("its selector and the labels of assets are taken as they are now"
                + (reads.asToday().isEmpty() ? "" : ", as are asset." + String.join(", asset.", reads.asToday())));
        notes.add(
                "readings count at their own time, also those that came late; notifications are counted by the routing"
                        + " of now, without silences, and as if nobody acknowledged");
        if (!actor.scope().isAll()) {
            notes.add("only assets in your scope were looked at; shares of common causes count those");
        }
        Duration back = reads.back().compareTo(LONGEST_BACK) > 0 ? LONGEST_BACK : reads.back();
        Instant warm = from.minus(step.multipliedBy(back.dividedBy(step) + 1));
        StoredPast past = new StoredPast(
                telemetry,
                selected,
                reads.metrics(),
                reads.presence() ? transitions(selected, warm, to, cannot) : List.of(),
                reads.presence(),
                warm,
                to.plusMillis(1),
                MOST_ROWS,
                System.nanoTime() + AT_MOST.toNanos());
        TrialDispatch dispatch = directory.trial();
        Outcome outcome = RuleReplay.run(rule, selected, past, new Span(warm, from, to, step), dispatch::look);
        if (past.stopped() != null) {
            cannot.add("it was replayed " + (outcome.until() == null ? "not at all" : "until " + outcome.until())
                    + " only: " + past.stopped() + "; test a shorter time, or narrow its selector");
        }
        if (outcome.fired() > outcome.firings().size()) {
            notes.add("the first " + outcome.firings().size() + " of " + outcome.fired() + " firings are described");
        }
        return new Tested(
                rule.name(),
                rule.condition().text(),
                rule.severity(),
                from,
                to,
                outcome.until(),
                step,
                outcome.points().size(),
                selected.size(),
                past.rows(),
                List.copyOf(cannot),
                List.copyOf(notes),
                outcome,
                dispatch.told());
    }

    private java.util.Optional<String> metricsThatNobodySends(Reads.Kept reads, List<Asset> selected) {
        List<String> unheard = reads.metrics().stream()
                .filter(metric -> selected.stream()
                        .map(Asset::type)
                        .distinct()
                        .noneMatch(type -> telemetry.metrics(type).containsKey(metric)))
                .sorted()
                .toList();
        return unheard.isEmpty()
                ? java.util.Optional.empty()
                : java.util.Optional.of("nothing is stored of " + String.join(", ", unheard)
                        + ": no asset type that it selects has ever sent it");
    }

    private List<PresenceTransition> transitions(List<Asset> selected, Instant from, Instant to, List<String> cannot) {
        List<PresenceTransition> found = presence.during(
                selected.stream().map(Asset::id).collect(Collectors.toList()), from, to, MOST_TRANSITIONS + 1);
        if (found.size() > MOST_TRANSITIONS) {
            cannot.add("more than " + MOST_TRANSITIONS + " changes of presence: those after "
                    + found.getLast().at() + " are not looked at; test a shorter time");
        }
        return found;
    }

    private static Duration step(Duration every, Duration range, int assets) {
        long least = (range.toSeconds() * assets + MOST_JUDGED - 1) / MOST_JUDGED;
        return least > every.toSeconds() ? Duration.ofSeconds(least) : every;
    }

    private static Tested nothing(AlertRule rule, Instant from, Instant to, Duration step, String why) {
        return new Tested(
                rule.name(),
                rule.condition().text(),
                rule.severity(),
                from,
                to,
                null,
                step,
                0,
                0,
                0,
                List.of(why),
                List.of(),
                new Outcome(null, List.of(), List.of(), 0, 0, java.util.Set.of(), List.of()),
                List.of());
    }
}
