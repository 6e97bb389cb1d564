package dev.muster.runbook;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.document.Durations;
import dev.muster.registry.selector.Selectors;
import dev.muster.runbook.RunbookSpec.Case;
import dev.muster.runbook.RunbookSpec.FakeAsset;
import dev.muster.runbook.RunbookSpec.Reaction;
import dev.muster.slo.Reading;
import dev.muster.slo.SliScope;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Assets that exist only in a test case of a runbook, with a clock of their own: they react to what is done to them as the case says, and
 * to nothing else.
 */
final class FakeWorld implements Hands {
    static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final Selectors selectors;
    private final Case given;
    private final SortedMap<String, SortedMap<String, String>> state = new TreeMap<>();
    private final SortedMap<String, SortedMap<String, String>> atStart = new TreeMap<>();
    private final List<String> did = new ArrayList<>();
    private final List<Due> due = new ArrayList<>();
    private final Map<String, Boolean> ended = new HashMap<>();
    private final MovingClock clock = new MovingClock();
    private boolean alertOver;
    private int ids;

    /** The server is killed while a step is done. */
    static final class Killed extends RuntimeException {
        Killed() {
            super("killed by the test case", null, false, false);
        }
    }

    /** Something that will have happened. @param id null when nobody waits for it */
    private record Due(Instant at, @Nullable String id, Reaction reaction, List<String> targets) {}

    private static final class MovingClock extends Clock {
        private Instant now = BEGIN;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    FakeWorld(Case given, Selectors selectors) {
        this.given = given;
        this.selectors = selectors;
        given.assets().forEach(asset -> {
            state.put(asset.id(), new TreeMap<>(asset.state()));
            atStart.put(asset.id(), new TreeMap<>(asset.state()));
        });
    }

    Clock clock() {
        return clock;
    }

    List<String> did() {
        return List.copyOf(did);
    }

    boolean alertOver() {
        return alertOver;
    }

    /** To the next thing that happens, or a while. */
    void pass() {
        Instant next = due.stream().map(Due::at).min(Instant::compareTo).orElse(clock.now.plusSeconds(30));
        clock.now =
                next.isAfter(clock.now) && next.isBefore(clock.now.plusSeconds(30)) ? next : clock.now.plusSeconds(30);
        happen();
    }

    private void happen() {
        for (Due each : List.copyOf(due)) {
            if (!each.at().isAfter(clock.now)) {
                due.remove(each);
                if (each.id() != null) {
                    ended.put(each.id(), !each.reaction().fails());
                }
                if (!each.reaction().fails()) {
                    each.targets().forEach(target -> {
                        SortedMap<String, String> of = state.get(target);
                        if (of != null) {
                            of.putAll(each.reaction().set());
                        }
                    });
                    alertOver |= each.reaction().alertOver();
                }
            }
        }
    }

    /** The assets that a selector selects, or all without one. */
    List<String> select(@Nullable String selector) {
        return given.assets().stream()
                .filter(asset -> selector == null || selectors.compile(selector).matches(asset(asset), clock.now))
                .map(FakeAsset::id)
                .toList();
    }

    @Override
    public Deed perform(Run run, Step step) {
        return switch (step.action()) {
            case Action.Command command -> {
                List<String> begun = new ArrayList<>();
                for (String target : run.targets()) {
                    begun.add(begin(
                            "command " + command.name(), List.of(target), "command " + command.name() + " " + target));
                }
                yield new Deed.Begun(begun, "given to " + run.targets().size() + " assets");
            }
            case Action.Rollout(String name, Action.RolloutVerb verb) -> {
                begin("rollout " + verb.name().toLowerCase(Locale.ROOT) + " " + name, List.of(), null);
                yield new Deed.Done("");
            }
            case Action.QuarantineAssets _ -> {
                run.targets().forEach(target -> {
                    did.add("quarantine " + target);
                    SortedMap<String, String> of = state.get(target);
                    if (of != null) {
                        of.put("lifecycle", "quarantined");
                    }
                });
                yield new Deed.Done("");
            }
            case Action.QuarantineRelease(String name, String _) -> {
                begin("quarantine " + name, List.of(), null);
                yield new Deed.Done("");
            }
            case Action.Reenrol _ -> {
                List<String> begun = new ArrayList<>();
                run.targets().forEach(target -> begun.add(begin("reenrol", List.of(target), "reenrol " + target)));
                yield new Deed.Begun(begun, "");
            }
            case Action.Http http -> {
                Reaction reaction = reaction("http");
                String shown = "http " + http.method() + " " + http.url();
                if (!did.contains(shown + " " + run.idempotencyKey())) {
                    did.add(shown);
                }
                if (reaction.killed()
                        && run.cursor().attempt() == 1
                        && due.stream().noneMatch(each -> "killed".equals(each.id()))) {
                    due.add(new Due(Instant.MAX, "killed", reaction, List.of()));
                    throw new Killed();
                }
                due.add(new Due(clock.now, null, reaction, run.targets()));
                happen();
                yield reaction.fails() ? new Deed.Failed("status 500") : new Deed.Done("status 200");
            }
            case Action.Ticket(String summary, String _) -> {
                did.add("ticket " + summary);
                yield new Deed.Done("");
            }
            case Action.Approve _ -> new Deed.Begun(List.of(begin("approve", List.of(), "approve")), "");
            case Action.Sub(String runbook, Map<String, String> _) ->
                new Deed.Begun(List.of(begin("runbook " + runbook, run.targets(), "runbook " + runbook)), "");
            case Action.CheckSli check
            when !check.waits() ->
                SliJudge.met(check, reading(check.sli(), check.scope(), state), Instant.MIN)
                                instanceof Progress.Succeeded
                        ? new Deed.Done("")
                        : new Deed.Failed(check.sli() + " is not good");
            case Action.CheckSli _,
                    Action.WaitForAssets _,
                    Action.WaitForMetric _,
                    Action.WaitForAlert _,
                    Action.WaitForRollout _,
                    Action.Pause _ -> new Deed.Begun(List.of(), "");
        };
    }

    private String begin(String on, List<String> targets, @Nullable String shown) {
        did.add(shown == null ? on : shown);
        Reaction reaction = reaction(on);
        String id = on + "#" + ids++;
        due.add(new Due(clock.now.plus(reaction.after()), id, reaction, targets));
        return id;
    }

    private Reaction reaction(String on) {
        return given.reactions().stream()
                .filter(each -> each.on().equals(on) || on.startsWith(each.on() + " "))
                .findFirst()
                .orElse(new Reaction(on, Duration.ofSeconds(1), false, false, new TreeMap<>(), false));
    }

    @Override
    public Progress look(Run run, Step step) {
        return switch (step.action()) {
            case Action.Command command -> all(run, command.maxFailures());
            case Action.Reenrol _, Action.Approve _, Action.Sub _ -> all(run, 0);
            case Action.Pause(Duration time) ->
                clock.now.isBefore(run.cursor().since().plus(time))
                        ? new Progress.Pending("")
                        : new Progress.Succeeded("");
            case Action.WaitForAlert _ ->
                alertOver ? new Progress.Succeeded("") : new Progress.Pending("the alert fires");
            case Action.WaitForAssets(String selector, double share) -> {
                long with = select(selector).stream()
                        .filter(run.targets()::contains)
                        .count();
                yield !run.targets().isEmpty() && with >= share * run.targets().size()
                        ? new Progress.Succeeded(with + " of " + run.targets().size())
                        : new Progress.Pending(with + " of " + run.targets().size() + " are");
            }
            case Action.WaitForMetric(String metric, Double min, Double max) -> {
                boolean good = run.targets().stream().allMatch(target -> {
                    SortedMap<String, String> of = state.get(target);
                    String value = of == null ? null : of.get("metric." + metric);
                    double found = value == null ? Double.NaN : Double.parseDouble(value);
                    return (min == null || found >= min) && (max == null || found <= max);
                });
                yield good ? new Progress.Succeeded("") : new Progress.Pending(metric + " is out of its bounds");
            }
            case Action.CheckSli check ->
                SliJudge.met(
                        check,
                        reading(check.sli(), check.scope(), state),
                        run.cursor().since());
            case Action.WaitForRollout(String name, List<String> phases) ->
                did.contains("rollout rollback " + name) || alertOver
                        ? new Progress.Succeeded(phases.toString())
                        : new Progress.Pending("");
            case Action.Rollout _,
                    Action.QuarantineAssets _,
                    Action.QuarantineRelease _,
                    Action.Http _,
                    Action.Ticket _ -> new Progress.Succeeded("");
        };
    }

    private Progress all(Run run, int maxFailures) {
        long failed = run.cursor().waitsFor().stream()
                .filter(id -> Boolean.FALSE.equals(ended.get(id)))
                .count();
        if (failed > maxFailures) {
            return new Progress.Failed(failed + " did not succeed");
        }
        return run.cursor().waitsFor().stream().allMatch(ended::containsKey)
                ? new Progress.Succeeded("")
                : new Progress.Pending("waits");
    }

    @Override
    public Optional<String> worse(Run run) {
        RunbookSpec.Worse worse = run.spec().guards().worse();
        return worse == null
                ? Optional.empty()
                : SliJudge.worse(
                        worse,
                        BEGIN,
                        reading(worse.sli(), worse.scope(), atStart),
                        reading(worse.sli(), worse.scope(), state));
    }

    /** Of the assets in the scope that have {@code sli.NAME: GOOD/ALL}; all of them are in every group. */
    private Optional<Reading> reading(String sli, SliScope scope, SortedMap<String, SortedMap<String, String>> states) {
        double good = 0;
        double all = 0;
        boolean known = false;
        for (String asset : select(scope.selector().isEmpty() ? null : scope.selector())) {
            String told = states.getOrDefault(asset, new TreeMap<>()).get("sli." + sli);
            if (told != null) {
                int slash = told.indexOf('/');
                known = true;
                good += Double.parseDouble(told.substring(0, slash));
                all += Double.parseDouble(told.substring(slash + 1));
            }
        }
        return known
                ? Optional.of(new Reading(
                        all > 0 ? good / all : null, good, all - good, all, 0, 0, BEGIN, clock.now.plusSeconds(1)))
                : Optional.empty();
    }

    @Override
    public void abandon(Run run, Step step) {
        run.cursor().waitsFor().forEach(id -> due.removeIf(each -> id.equals(each.id())));
    }

    private Asset asset(FakeAsset given) {
        SortedMap<String, String> of = state.getOrDefault(given.id(), new TreeMap<>());
        Duration certificate = of.containsKey("certificateIn") ? parse(of.get("certificateIn")) : null;
        return new Asset(
                new AssetId(given.id()),
                given.type(),
                under(of, "label."),
                "",
                given.region(),
                given.site(),
                given.hardware(),
                Lifecycle.valueOf(of.getOrDefault("lifecycle", "active").toUpperCase(Locale.ROOT)),
                Presence.valueOf(of.getOrDefault("presence", "online").toUpperCase(Locale.ROOT)),
                BEGIN,
                clock.now,
                certificate == null ? null : clock.now.plus(certificate),
                under(of, "software."),
                of.containsKey("drift") ? (Integer) Integer.parseInt(of.get("drift")) : (Integer) 0,
                BEGIN,
                BEGIN,
                1);
    }

    private static @Nullable Duration parse(@Nullable String text) {
        return text == null ? null : Durations.parse(text);
    }

    private static Map<String, String> under(SortedMap<String, String> of, String prefix) {
        Map<String, String> found = new LinkedHashMap<>();
        of.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), value);
            }
        });
        return found;
    }
}
