package dev.muster.slo;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.document.Durations;
import dev.muster.slo.engine.ErrorBudget;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Objectives with their budgets, and indicators, over HTTP; objectives are created and changed by apply. */
@RestController
@Tag(name = "slos")
@RequestMapping("/api/v1")
public class SloResource {
    private static final int WORST = 20;
    private static final int MAX_STEPS = 2_000;

    private final SloStore store;
    private final SloService service;
    private final Budgets budgets;
    private final SliSources sources;
    private final SliReader readings;
    private final BucketStore buckets;
    private final Clock clock;

    SloResource(
            SloStore store,
            SloService service,
            Budgets budgets,
            SliSources sources,
            SliReader readings,
            BucketStore buckets,
            Clock clock) {
        this.store = store;
        this.service = service;
        this.budgets = budgets;
        this.sources = sources;
        this.readings = readings;
        this.buckets = buckets;
        this.clock = clock;
    }

    /** As OpenSLO has it, and how it stands. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SloView(
            String apiVersion,
            String kind,
            Map<String, Object> metadata,
            JsonNode spec,
            @Nullable StatusView status) {}

    /**
     * How an objective stands.
     *
     * @param sli the indicator, and of whom
     * @param value share of good over the period; null when nothing was counted
     * @param budgetRemaining share of the error budget that is left: below 0 more was spent than there was
     * @param burnRate over the last hour: 1 spends the budget exactly within its period
     * @param exhaustedIn until nothing is left if it goes on like that, as ISO 8601; null when it does not burn
     * @param to the end of the newest five minutes that are summed up
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record StatusView(
            String sli,
            String scope,
            double target,
            @Nullable Double value,
            double good,
            double bad,
            double stale,
            double unknown,
            @Nullable Double budgetRemaining,
            @Nullable Double burnRate,
            @Nullable String exhaustedIn,
            @Nullable Instant from,
            @Nullable Instant to,
            String state,
            List<AlertView> alerts) {}

    /** @param threshold share of bad from which on it fires */
    public record AlertView(
            String name,
            String severity,
            String longWindow,
            String shortWindow,
            double factor,
            double threshold,
            double burnRate,
            double shortBurnRate,
            String state,
            String why) {}

    /** @param value share of good; null when nothing was counted */
    public record ReadingView(
            String sli,
            String scope,
            @Nullable Double value,
            double good,
            double bad,
            double total,
            double stale,
            double unknown,
            Instant from,
            Instant to) {
        static ReadingView of(String sli, SliScope scope, Reading reading) {
            return new ReadingView(
                    sli,
                    scope.wire(),
                    reading.value(),
                    reading.good(),
                    reading.bad(),
                    reading.total(),
                    reading.stale(),
                    reading.unknown(),
                    reading.from(),
                    reading.to());
        }
    }

    /** An asset that was not good, the worst first. */
    public record WorstView(String asset, double bad, double stale, double unknown) {}

    public record SliView(
            String name,
            String description,
            String unit,
            @Nullable Double target,
            boolean shipped) {}

    /** @param steps oldest first; those in which nothing was counted are left out */
    public record SliReadingView(ReadingView reading, List<ReadingView> steps, List<WorstView> worst) {}

    @GetMapping("/slos")
    @Requires(verb = Verb.READ, kind = Kind.SLO)
    @Operation(operationId = "listSlos", summary = "Lists the objectives with what is left of their budgets")
    public Page<SloView> list(PageRequest page) {
        return Page.of(store.page("SLO", page.after(), page.fetch()), page, SloStore.Stored::name)
                .map(this::view);
    }

    @GetMapping("/slos/{name}")
    @Requires(verb = Verb.READ, kind = Kind.SLO)
    @Operation(operationId = "getSlo", summary = "Shows an objective, its budget and how fast it burns")
    public SloView get(@PathVariable String name) {
        return view(store.find("SLO", name).orElseThrow(() -> SloService.notFound("SLO", name)));
    }

    @DeleteMapping("/slos/{name}")
    @Requires(verb = Verb.WRITE, kind = Kind.SLO)
    @Operation(operationId = "deleteSlo", summary = "Deletes an objective; what was counted of its indicator stays")
    public ResponseEntity<Void> delete(Actor actor, @PathVariable String name) {
        service.delete(actor, "SLO", name);
        return ResponseEntity.noContent().build();
    }

    @GetMapping("/slis")
    @Requires(verb = Verb.READ, kind = Kind.SLO)
    @Operation(operationId = "listSlis", summary = "Lists the indicators: the server's own, and declared ones")
    public Page<SliView> slis(PageRequest page) {
        String after = page.after();
        List<SliView> found = sources.all().stream()
                .map(SliSource::sli)
                .filter(sli -> after == null || sli.name().compareTo(after) > 0)
                .sorted(java.util.Comparator.comparing(Sli::name))
                .limit(page.fetch())
                .map(sli -> new SliView(
                        sli.name(),
                        sli.description(),
                        sli.unit(),
                        sli.target() == 0 ? null : sli.target(),
                        sli.shipped()))
                .toList();
        return Page.of(found, page, SliView::name);
    }

    @DeleteMapping("/slis/{name}")
    @Requires(verb = Verb.WRITE, kind = Kind.SLO)
    @Operation(operationId = "deleteSli", summary = "Deletes a declared indicator with all that was counted of it")
    public ResponseEntity<Void> deleteSli(Actor actor, @PathVariable String name) {
        service.delete(actor, "SLI", name);
        return ResponseEntity.noContent().build();
    }

    @GetMapping("/slis/{name}")
    @Requires(verb = Verb.READ, kind = Kind.SLO)
    @Operation(
            operationId = "getSli",
            summary = "Reads an indicator of the fleet, a type, a region, a group or an asset",
            description =
                    "Over whole five minutes up to the newest that are summed up. Groups, types and regions count those who"
                            + " belonged to them at the time. With step also as a series; the worst assets of the last days with it.")
    public SliReadingView sli(
            @PathVariable String name,
            @RequestParam(defaultValue = "fleet") String scope,
            @RequestParam(defaultValue = "1d") String window,
            @RequestParam(required = false) @Nullable String step) {
        SliSource source = sources.find(name).orElseThrow(() -> SloService.notFound("SLI", name));
        SliScope of = SliScope.parse(scope)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.INVALID,
                        "scope must be fleet, type/NAME, region/NAME, group/NAME or asset/ID, found \"" + scope
                                + "\""));
        Duration over = duration("window", window);
        Instant now = clock.instant();
        Instant to = readings.end(name, now)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND, "SLI " + name + " has not been summed up yet; ask again in some minutes"));
        Instant from = to.minus(Buckets.ceil(over));
        Reading reading = readings.between(source, of, from, to)
                .orElseThrow(() -> new Refusal(ErrorCode.NOT_FOUND, "SLI " + name + " is not known of " + of.wire()));
        List<ReadingView> steps = step == null || of instanceof SliScope.One
                ? List.of()
                : series(name, of, from, to, Buckets.ceil(duration("step", step)));
        List<WorstView> worst = buckets.offenders(name, of, reading.from(), to, WORST).stream()
                .map(each -> new WorstView(each.asset(), each.bad(), each.stale(), each.unknown()))
                .toList();
        return new SliReadingView(ReadingView.of(name, of, reading), steps, worst);
    }

    private List<ReadingView> series(String name, SliScope of, Instant from, Instant to, Duration step) {
        if (Duration.between(from, to).dividedBy(step) > MAX_STEPS) {
            throw new Refusal(ErrorCode.TOO_LARGE, "that are more than " + MAX_STEPS + " steps; ask for longer steps");
        }
        return buckets.series(name, of, Buckets.floor(from, step), to, step).entrySet().stream()
                .map(each -> ReadingView.of(
                        name,
                        of,
                        Reading.of(each.getValue(), each.getKey(), each.getKey().plus(step))))
                .toList();
    }

    private static Duration duration(String parameter, String text) {
        Duration parsed = Durations.parse(text);
        if (parsed == null || parsed.isZero() || parsed.compareTo(Duration.ofDays(400)) > 0) {
            throw new Refusal(
                    ErrorCode.INVALID, parameter + " must be such as 1h or 30d, at most 400d, found \"" + text + "\"");
        }
        return parsed;
    }

    private SloView view(SloStore.Stored stored) {
        Map<String, Object> metadata = new TreeMap<>();
        stored.document().path("metadata").forEachEntry(metadata::put);
        metadata.put("name", stored.name());
        metadata.put("resourceVersion", Long.toString(stored.resourceVersion()));
        metadata.put("created", stored.created());
        metadata.put("updated", stored.updated());
        metadata.put("managers", new TreeMap<>(stored.managers()));
        return new SloView(
                AppliedOpenSlo.API_VERSION,
                stored.kind(),
                metadata,
                stored.document().path("spec"),
                Slos.read(stored).map(this::status).orElse(null));
    }

    StatusView status(Slo slo) {
        Instant now = clock.instant();
        Optional<Budgets.Standing> standing = budgets.standing(slo, now);
        if (standing.isEmpty()) {
            return new StatusView(
                    slo.sli(),
                    slo.scope().wire(),
                    slo.target(),
                    null,
                    0,
                    0,
                    0,
                    0,
                    null,
                    null,
                    null,
                    null,
                    null,
                    "unknown",
                    List.of());
        }
        Budgets.Standing known = standing.get();
        Tally hour = budgets.tally(slo, known.until().minus(Budgets.BURN_OVER), known.until());
        double burn = ErrorBudget.burnRate(slo.target(), new dev.muster.slo.engine.Counted(hour.good(), hour.bad()));
        boolean fires = known.alerts().stream()
                .anyMatch(each -> each.verdict().state() == dev.muster.slo.engine.BurnEngine.State.FIRING);
        String state = known.budget()
                .map(budget -> budget.remaining() <= 0 ? "exhausted" : fires ? "burning" : "ok")
                .orElse("unknown");
        return new StatusView(
                slo.sli(),
                slo.scope().wire(),
                slo.target(),
                known.period().total() > 0
                        ? known.period().good() / known.period().total()
                        : null,
                known.period().good(),
                known.period().bad(),
                known.period().stale(),
                known.period().unknown(),
                known.budget().map(ErrorBudget::remaining).orElse(null),
                hour.total() > 0 ? burn : null,
                known.budget()
                        .flatMap(budget -> budget.exhaustion(burn, slo.window().period()))
                        .map(Duration::toString)
                        .orElse(null),
                known.from(),
                known.until(),
                state,
                known.alerts().stream()
                        .map(each -> new AlertView(
                                each.alert().name(),
                                each.alert().severity(),
                                Durations.format(each.alert().longWindow()),
                                Durations.format(each.alert().shortWindow()),
                                each.alert().factor(),
                                each.alert().threshold(slo.target()),
                                each.verdict().burn(),
                                each.verdict().shortBurn(),
                                each.verdict().state().name().toLowerCase(java.util.Locale.ROOT),
                                each.verdict().why()))
                        .toList());
    }
}
