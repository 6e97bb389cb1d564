package dev.muster.slo;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.slo.engine.Counted;
import dev.muster.slo.engine.ErrorBudget;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The weekly and the monthly review: what the objectives say of the time that has passed, and what to talk about. */
@RestController
@Tag(name = "slos")
@RequestMapping("/api/v1/reviews")
public class ReviewResource {
    private static final int WORST = 5;
    private static final int MAX_BURNS = 50;
    /** Of a budget: who keeps more than this for a whole period has a target that asks for little. */
    private static final double HARDLY_SPENT = 0.9;

    private final Slos slos;
    private final SloStore store;
    private final Budgets budgets;
    private final SliSources sources;
    private final SliReader readings;
    private final BucketStore buckets;
    private final EventLog events;
    private final Clock clock;

    ReviewResource(
            Slos slos,
            SloStore store,
            Budgets budgets,
            SliSources sources,
            SliReader readings,
            BucketStore buckets,
            EventLog events,
            Clock clock) {
        this.slos = slos;
        this.store = store;
        this.budgets = budgets;
        this.sources = sources;
        this.readings = readings;
        this.buckets = buckets;
        this.events = events;
        this.clock = clock;
    }

    /**
     * @param happened entries of the event log by type, as far back as it reaches: rollouts, releases, incidents, alerts
     * @param advice what to talk about
     */
    public record Review(
            String period,
            String scope,
            Instant from,
            Instant to,
            List<SliLine> slis,
            List<SloLine> slos,
            Map<String, Long> happened,
            List<String> advice) {}

    /** @param before the value of the time of the same length before */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SliLine(
            String sli,
            @Nullable Double target,
            @Nullable Double value,
            @Nullable Double before,
            double bad,
            double stale,
            double unknown,
            List<SloResource.WorstView> worst) {}

    /** @param spent share of the budget that the time of the review would have had */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SloLine(
            String slo,
            double target,
            @Nullable Double value,
            @Nullable Double spent,
            List<BurnLine> burns) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record BurnLine(
            String alert, Instant began, @Nullable Instant ended, double peak, String why) {}

    @GetMapping("/{period}")
    @Requires(verb = Verb.READ, kind = Kind.SLO)
    @Operation(
            operationId = "review",
            summary = "The weekly or monthly review of the fleet or of a group",
            description = "weekly is the last 7 days, monthly the last 30, up to the newest that is summed up.")
    public Review review(@PathVariable String period, @RequestParam(required = false) @Nullable String group) {
        Duration length = switch (period) {
            case "weekly" -> Duration.ofDays(7);
            case "monthly" -> Duration.ofDays(30);
            default ->
                throw new Refusal(ErrorCode.NOT_FOUND, "there is a weekly and a monthly review, and none of that name");
        };
        SliScope scope = group == null ? SliScope.FLEET : new SliScope.Group(group);
        Instant to = Buckets.floor(clock.instant());
        Instant from = to.minus(length);
        List<String> advice = new ArrayList<>();
        List<SliLine> slis = new ArrayList<>();
        for (SliSource source : sources.all()) {
            slis.add(line(source, scope, from, to, advice));
        }
        List<SloLine> objectives = new ArrayList<>();
        for (Slo slo : slos.all()) {
            if (group == null || slo.scope().equals(scope)) {
                objectives.add(line(slo, from, to, advice));
            }
        }
        if (objectives.isEmpty()) {
            advice.add("there is no objective for " + scope.wire() + ": declare one, see examples/slo");
        }
        Map<String, Long> happened = new TreeMap<>();
        events.counts(from, to).forEach((type, count) -> {
            if (type.matches("(rollout|release|incident|alert|slo)\\..*")) {
                happened.put(type, count);
            }
        });
        return new Review(period, scope.wire(), from, to, slis, objectives, happened, advice);
    }

    private SliLine line(SliSource source, SliScope scope, Instant from, Instant to, List<String> advice) {
        Sli sli = source.sli();
        Reading now = Reading.of(buckets.sum(sli.name(), scope, from, to), from, to);
        Instant earlier = from.minus(Duration.between(from, to));
        Reading before = Reading.of(buckets.sum(sli.name(), scope, earlier, from), earlier, from);
        Double value = now.value();
        if (value != null && sli.target() > 0 && value < sli.target()) {
            advice.add("%s was %.3f%%, below its starting target of %.1f%%"
                    .formatted(sli.name(), value * 100, sli.target() * 100));
        }
        return new SliLine(
                sli.name(),
                sli.target() == 0 ? null : sli.target(),
                value,
                before.value(),
                now.bad(),
                now.stale(),
                now.unknown(),
                buckets.offenders(sli.name(), scope, from, to, WORST).stream()
                        .map(each -> new SloResource.WorstView(each.asset(), each.bad(), each.stale(), each.unknown()))
                        .toList());
    }

    private SloLine line(Slo slo, Instant from, Instant to, List<String> advice) {
        Tally tally = budgets.tally(slo, from, to);
        Double spent = ErrorBudget.of(slo.target(), new Counted(tally.good(), tally.bad()))
                .map(budget -> 1 - budget.remaining())
                .orElse(null);
        if (spent == null) {
            advice.add("nothing was counted for " + slo.name()
                    + (readings.knows(slo.sli()) ? "" : ": its indicator " + slo.sli() + " does not exist"));
        } else if (spent > 1) {
            advice.add(
                    "%s missed its target of %.3f%%: it spent %.1f times its budget; hold back changes, or agree on another target"
                            .formatted(slo.name(), slo.target() * 100, spent));
        } else if (spent < 1 - HARDLY_SPENT) {
            advice.add("%s spent %.1f%% of its budget: there is room for faster rollouts, or for a higher target"
                    .formatted(slo.name(), spent * 100));
        }
        return new SloLine(
                slo.name(),
                slo.target(),
                tally.total() > 0 ? tally.good() / tally.total() : null,
                spent,
                store.burns(slo.name(), from, to, MAX_BURNS).stream()
                        .map(burn -> new BurnLine(burn.alert(), burn.began(), burn.ended(), burn.peak(), burn.why()))
                        .toList());
    }
}
