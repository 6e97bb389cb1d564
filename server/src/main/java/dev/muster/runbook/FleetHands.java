package dev.muster.runbook;

import dev.muster.alert.Signal;
import dev.muster.alert.Signals;
import dev.muster.command.Orders;
import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.selector.Selector;
import dev.muster.registry.selector.Selectors;
import dev.muster.release.Releases;
import dev.muster.rollout.RolloutControl;
import dev.muster.slo.Reading;
import dev.muster.slo.SliReadings;
import dev.muster.telemetry.store.TelemetryStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Does steps to the real fleet, through the same doors as people. */
@Component
class FleetHands implements Hands {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** Shorter than the life of a lease, so that what came of a call can be written down. */
    private static final Duration CALL = Duration.ofSeconds(10);

    private static final int MAX_ANSWER = 2_000;

    private final Orders orders;
    private final AssetStore assets;
    private final AssetService registry;
    private final Selectors selectors;
    private final TelemetryStore telemetry;
    private final RolloutControl rollouts;
    private final Releases releases;
    private final ObjectProvider<Signals> signals;
    private final RunStarts starts;
    private final RunbookStore store;
    private final SliReadings readings;
    private final EventLog events;
    private final Clock clock;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    FleetHands(
            Orders orders,
            AssetStore assets,
            AssetService registry,
            Selectors selectors,
            TelemetryStore telemetry,
            RolloutControl rollouts,
            Releases releases,
            ObjectProvider<Signals> signals,
            RunStarts starts,
            RunbookStore store,
            SliReadings readings,
            EventLog events,
            Clock clock) {
        this.orders = orders;
        this.assets = assets;
        this.registry = registry;
        this.selectors = selectors;
        this.telemetry = telemetry;
        this.rollouts = rollouts;
        this.releases = releases;
        this.signals = signals;
        this.starts = starts;
        this.store = store;
        this.readings = readings;
        this.events = events;
        this.clock = clock;
    }

    /** As whom a run acts; the name is in every audit entry. */
    static Actor actor(Run run) {
        return new Actor("runbook/" + run.runbook(), ActorKind.SYSTEM, Role.ADMIN, Scope.ALL);
    }

    @Override
    public Deed perform(Run run, Step step) {
        String why = "runbook " + run.runbook() + ", run " + run.id();
        return switch (step.action()) {
            case Action.Command command -> {
                List<String> given = new ArrayList<>();
                for (AssetId asset : ids(run)) {
                    given.add(orders.give(
                            actor(run),
                            asset,
                            command.name(),
                            command.parameters().isEmpty() ? null : command.parameters(),
                            step.timeout()));
                }
                yield given.isEmpty()
                        ? new Deed.Failed("there is no target to give it to")
                        : new Deed.Begun(
                                given, "given to " + given.size() + (given.size() == 1 ? " asset" : " assets"));
            }
            case Action.Rollout(String name, Action.RolloutVerb verb) -> {
                rollouts.act(actor(run), name, RolloutControl.Verb.valueOf(verb.name()), why);
                yield new Deed.Done("rollout " + name + ": " + verb.name().toLowerCase(Locale.ROOT));
            }
            case Action.QuarantineAssets(String reason) -> {
                for (Asset asset : assets.findAll(ids(run))) {
                    registry.replace(
                            actor(run),
                            asset.id(),
                            AssetSpec.of(asset).withLifecycle(Lifecycle.QUARANTINED),
                            null,
                            AssetService.API_MANAGER);
                }
                yield new Deed.Done(run.targets().size() + " assets are in quarantine: " + reason);
            }
            case Action.QuarantineRelease(String name, String reason) -> {
                releases.quarantine(actor(run), name, reason);
                yield new Deed.Done("release " + name + " is in quarantine");
            }
            case Action.Reenrol _ -> {
                List<String> expiries = assets.findAll(ids(run)).stream()
                        .map(asset -> asset.id() + " "
                                + (asset.certificateExpires() == null ? Instant.EPOCH : asset.certificateExpires()))
                        .toList();
                yield new Deed.Begun(
                        expiries,
                        "each target needs a claim token: muster runbook claim " + run.id() + " ASSET prints one");
            }
            case Action.Http call -> call(run, call);
            case Action.Ticket(String summary, String description) -> ticket(run, summary, description);
            case Action.Approve(String instructions) -> {
                ticket(
                        run,
                        "a person is needed: "
                                + instructions.lines().findFirst().orElse(""),
                        instructions);
                yield new Deed.Begun(List.of(), "waits for a person: " + instructions);
            }
            case Action.Sub(String runbook, Map<String, String> parameters) ->
                new Deed.Begun(List.of(starts.startSub(run, runbook, parameters)), "runs " + runbook);
            case Action.CheckSli check
            when !check.waits() ->
                switch (SliJudge.met(check, reading(check), Instant.MIN)) {
                    case Progress.Succeeded(String said) -> new Deed.Done(said);
                    case Progress.Pending(String said) -> new Deed.Failed(said);
                    case Progress.Failed(String said) -> new Deed.Failed(said);
                    case Progress.Unknown(String said) -> new Deed.Failed(said);
                };
            case Action.CheckSli check
            when !readings.knows(check.sli()) ->
                new Deed.Failed("there is no SLI " + check.sli() + "; muster get slis lists them");
            case Action.CheckSli _,
                    Action.WaitForAssets _,
                    Action.WaitForMetric _,
                    Action.WaitForAlert _,
                    Action.WaitForRollout _,
                    Action.Pause _ -> new Deed.Begun(List.of(), step.action().text());
        };
    }

    /** Told to people as an alert of severity ticket, where alerts are kept, and in the event log in any case. */
    private Deed ticket(Run run, String summary, String description) {
        Map<String, String> labels = new TreeMap<>();
        labels.put(Signal.NAME, "RunbookTicket");
        labels.put(Signal.SEVERITY, "ticket");
        labels.put("runbook", run.runbook());
        labels.put("run", run.id());
        if (run.targets().size() == 1) {
            labels.put(Signal.ASSET, run.targets().getFirst());
        }
        Signal signal = new Signal(
                new TreeMap<>(labels),
                Map.of("summary", summary, "description", description),
                clock.instant(),
                Optional.empty(),
                "/api/v1/runbook-runs/" + run.id());
        signals.ifAvailable(taker -> taker.take("runbook/" + run.runbook(), List.of(signal)));
        events.append(
                "runbook.ticket",
                "runbook-run/" + run.id(),
                Map.of("summary", summary, "description", description, "runbook", run.runbook()));
        return new Deed.Done("ticket: " + summary);
    }

    /** What was sent and answered is not logged, but for its beginning in the run; the spec refuses secrets. */
    private Deed call(Run run, Action.Http call) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(call.url()))
                .timeout(CALL)
                .header("Idempotency-Key", run.idempotencyKey())
                .method(
                        call.method(),
                        call.body().isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(call.body()));
        call.headers().forEach(request::header);
        try {
            HttpResponse<InputStream> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            String text;
            try (InputStream body = answer.body()) {
                text = new String(body.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8).strip();
            }
            String said = "status " + answer.statusCode() + (text.isEmpty() ? "" : ": " + text);
            return call.expect().contains(answer.statusCode()) ? new Deed.Done(said) : new Deed.Failed(said);
        } catch (java.net.ConnectException unheard) {
            return new Deed.Failed("could not be reached: " + unheard.getMessage());
        } catch (IOException e) {
            String said = "no answer: " + e.getMessage();
            return call.idempotent() ? new Deed.Failed(said) : new Deed.Unknown(said + "; it may have been heard");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Deed.Unknown("interrupted; it may have been heard");
        }
    }

    @Override
    public Progress look(Run run, Step step) {
        return switch (step.action()) {
            case Action.Command command -> commands(run, command);
            case Action.Pause(Duration time) ->
                clock.instant().isBefore(run.cursor().since().plus(time))
                        ? new Progress.Pending("")
                        : new Progress.Succeeded("");
            case Action.WaitForAlert _ ->
                run.alertOver()
                        ? new Progress.Succeeded("the alert is over")
                        : new Progress.Pending("the alert still fires");
            case Action.WaitForAssets(String selector, double share) -> assets(run, selector, share);
            case Action.WaitForMetric metric -> metric(run, metric);
            case Action.CheckSli check ->
                SliJudge.met(check, reading(check), run.cursor().since());
            case Action.WaitForRollout(String name, List<String> phases) -> {
                String phase = rollouts.phase(name).orElse("unknown");
                yield phases.contains(phase)
                        ? new Progress.Succeeded("rollout " + name + " is " + phase.replace('_', ' '))
                        : new Progress.Pending("rollout " + name + " is " + phase.replace('_', ' '));
            }
            case Action.Reenrol _ -> reenrolled(run);
            case Action.Approve _ -> {
                String by = run.cursor().answer();
                yield by == null ? new Progress.Pending("nobody has done it") : new Progress.Succeeded("done by " + by);
            }
            case Action.Sub _ -> sub(run);
            case Action.Rollout _,
                    Action.QuarantineAssets _,
                    Action.QuarantineRelease _,
                    Action.Http _,
                    Action.Ticket _ -> new Progress.Succeeded("");
        };
    }

    private Optional<Reading> reading(Action.CheckSli check) {
        return readings.of(check.sli(), check.scope(), check.window(), clock.instant());
    }

    private Progress commands(Run run, Action.Command command) {
        int open = 0;
        int failed = 0;
        int unknown = 0;
        List<String> said = new ArrayList<>();
        for (String id : run.cursor().waitsFor()) {
            Optional<Orders.Outcome> outcome = orders.outcome(id);
            if (outcome.isEmpty()) {
                unknown++;
                continue;
            }
            switch (outcome.get().status()) {
                case SUCCEEDED -> {}
                case INDETERMINATE -> unknown++;
                case FAILED, REJECTED, EXPIRED, CANCELLED -> {
                    failed++;
                    if (said.size() < 3 && outcome.get().said() != null) {
                        said.add(outcome.get().said());
                    }
                }
                case QUEUED, PENDING, ACCEPTED, RUNNING -> open++;
            }
        }
        int all = run.cursor().waitsFor().size();
        if (failed > command.maxFailures()) {
            return new Progress.Failed(failed + " of " + all + " did not succeed: " + said);
        }
        if (open > 0) {
            return new Progress.Pending(open + " of " + all + " have not ended");
        }
        return unknown > 0
                ? new Progress.Unknown(unknown + " of " + all + " may have been carried out")
                : new Progress.Succeeded((all - failed) + " of " + all + " succeeded");
    }

    private Progress assets(Run run, String text, double share) {
        if (run.targets().isEmpty()) {
            return new Progress.Pending("it acts on no asset that could be " + text);
        }
        Selector selector = selectors.compile(text);
        Instant now = clock.instant();
        long with = assets.findAll(ids(run)).stream()
                .filter(asset -> selector.matches(asset, now))
                .count();
        String said = with + " of " + run.targets().size() + " are " + text;
        return with >= share * run.targets().size() ? new Progress.Succeeded(said) : new Progress.Pending(said);
    }

    private Progress metric(Run run, Action.WaitForMetric wanted) {
        List<String> not = new ArrayList<>();
        for (Asset asset : assets.findAll(ids(run))) {
            TelemetryStore.Value value = telemetry
                    .latest(asset.type(), List.of(asset.id()), List.of(wanted.metric()))
                    .getOrDefault(asset.id(), Map.of())
                    .get(wanted.metric());
            // One that was told before says nothing of what was done.
            double found = value != null
                            && value.ts() >= run.cursor().since().toEpochMilli()
                            && value.value() instanceof Number number
                    ? number.doubleValue()
                    : Double.NaN;
            if (Double.isNaN(found)
                    || (wanted.min() != null && found < wanted.min())
                    || (wanted.max() != null && found > wanted.max())) {
                not.add(asset.id() + (Double.isNaN(found) ? " has not told" : " told " + found));
            }
        }
        return not.isEmpty() && !run.targets().isEmpty()
                ? new Progress.Succeeded(wanted.metric() + " is as it should be")
                : new Progress.Pending(
                        wanted.metric() + ": " + not.stream().limit(5).toList());
    }

    private Progress reenrolled(Run run) {
        int still = 0;
        for (String each : run.cursor().waitsFor()) {
            int space = each.indexOf(' ');
            Instant before = Instant.parse(each.substring(space + 1));
            Instant expires = assets.find(new AssetId(each.substring(0, space)))
                    .map(Asset::certificateExpires)
                    .orElse(null);
            if (expires == null || !expires.isAfter(before)) {
                still++;
            }
        }
        return still == 0
                ? new Progress.Succeeded("all have new certificates")
                : new Progress.Pending(still + " have no new certificate");
    }

    private Progress sub(Run run) {
        Run child =
                run.cursor().waitsFor().stream().findFirst().flatMap(store::run).orElse(null);
        if (child == null) {
            return new Progress.Failed("its run is not known any more");
        }
        return switch (child.phase()) {
            case WAITING, RUNNING ->
                new Progress.Pending(
                        "run " + child.id() + " is " + child.phase().wire());
            case SUCCEEDED -> new Progress.Succeeded("run " + child.id() + " succeeded");
            case INDETERMINATE -> new Progress.Unknown("run " + child.id() + ": " + child.reason());
            case FAILED, STOPPED, REFUSED ->
                new Progress.Failed("run " + child.id() + " is " + child.phase().wire() + ": " + child.reason());
        };
    }

    @Override
    public Optional<String> worse(Run run) {
        RunbookSpec.Worse worse = run.spec().guards().worse();
        if (worse != null) {
            Instant now = clock.instant();
            Optional<String> why = SliJudge.worse(
                    worse,
                    run.startedAt(),
                    readings.of(worse.sli(), worse.scope(), worse.window(), run.startedAt()),
                    readings.of(worse.sli(), worse.scope(), SliJudge.since(worse, run.startedAt(), now), now));
            if (why.isPresent()) {
                return why;
            }
        }
        double keep = run.spec().guards().keepOnline();
        if (keep == 0 || run.targets().isEmpty()) {
            return Optional.empty();
        }
        long online = assets.findAll(ids(run)).stream()
                .filter(asset -> asset.presence() == Presence.ONLINE)
                .count();
        return online < keep * run.targets().size()
                ? Optional.of(online + " of " + run.targets().size() + " targets are online, and keepOnline is "
                        + Math.round(keep * 100) + "%")
                : Optional.empty();
    }

    @Override
    public void abandon(Run run, Step step) {
        switch (step.action()) {
            case Action.Command _ -> {
                // Those that an asset has not taken; the others go on, and their word is in the history of commands.
                for (String id : run.cursor().waitsFor()) {
                    orders.takeBackIfOpen(actor(run), id);
                }
            }
            case Action.Sub _ -> run.cursor().waitsFor().forEach(id -> store.stop(id, "runbook " + run.runbook()));
            default -> {}
        }
    }

    private static List<AssetId> ids(Run run) {
        return run.targets().stream().map(AssetId::new).toList();
    }
}
