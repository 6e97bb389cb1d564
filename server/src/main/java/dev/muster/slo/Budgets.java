package dev.muster.slo;

import dev.muster.slo.engine.BurnAlert;
import dev.muster.slo.engine.BurnEngine;
import dev.muster.slo.engine.Counted;
import dev.muster.slo.engine.ErrorBudget;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Works out budgets and burn rates from the buckets; the bean that gates ask. */
@Component
class Budgets implements ErrorBudgets {
    /** Over which gates are told how fast it burns. */
    static final Duration BURN_OVER = Duration.ofHours(1);

    private final Slos slos;
    private final SliReader readings;
    private final BucketStore buckets;

    Budgets(Slos slos, SliReader readings, BucketStore buckets) {
        this.slos = slos;
        this.readings = readings;
        this.buckets = buckets;
    }

    /**
     * How an objective stands.
     *
     * @param until the end of the newest bucket
     * @param budget empty when nothing was counted in its period
     */
    record Standing(
            Slo slo, Instant from, Instant until, Optional<ErrorBudget> budget, Tally period, List<Judged> alerts) {}

    record Judged(BurnAlert alert, BurnEngine.Verdict verdict) {}

    @Override
    public boolean knows(String slo) {
        return slos.find(slo).isPresent();
    }

    @Override
    public Optional<ErrorBudgets.Budget> of(String name, Instant now) {
        return slos.find(name)
                .flatMap(slo -> end(slo, now).flatMap(until -> {
                    Tally period = tally(slo, slo.window().begin(until), until);
                    Counted recent = counted(tally(slo, until.minus(BURN_OVER), until));
                    if (period.total() < slo.minEvents()) {
                        return Optional.empty();
                    }
                    return ErrorBudget.of(slo.target(), counted(period))
                            .map(budget -> new ErrorBudgets.Budget(
                                    budget.remaining(), ErrorBudget.burnRate(slo.target(), recent)));
                }));
    }

    /** Empty when nobody has summed up for too long. */
    Optional<Standing> standing(Slo slo, Instant now) {
        return end(slo, now).map(until -> {
            Instant from = Buckets.floor(slo.window().begin(until));
            Tally period = tally(slo, from, until);
            List<Judged> judged = new ArrayList<>();
            for (BurnAlert alert : slo.alerts()) {
                judged.add(new Judged(
                        alert,
                        BurnEngine.judge(
                                alert,
                                slo.target(),
                                slo.minEvents(),
                                slo.minBad(),
                                Optional.of(counted(tally(slo, until.minus(alert.longWindow()), until))),
                                Optional.of(counted(tally(slo, until.minus(alert.shortWindow()), until))))));
            }
            return new Standing(slo, from, until, ErrorBudget.of(slo.target(), counted(period)), period, judged);
        });
    }

    Optional<Instant> end(Slo slo, Instant now) {
        return readings.end(slo.sli(), now)
                .filter(end -> Duration.between(end, now).compareTo(SliReader.MOST_BEHIND) <= 0);
    }

    /** What is counted against the budget: what happened, or slices of time. */
    Tally tally(Slo slo, Instant from, Instant to) {
        Slo.Slices slices = slo.slices();
        if (slices == null) {
            return buckets.sum(slo.sli(), slo.scope(), from, to);
        }
        Tally counted = Tally.NONE;
        for (Tally slice : buckets.series(
                        slo.sli(),
                        slo.scope(),
                        Buckets.floor(from, slices.size()),
                        Buckets.floor(to, slices.size()),
                        slices.size())
                .values()) {
            counted = counted.plus(
                    slice.total() <= 0
                            ? new Tally(0, 0, 0, 1)
                            : slice.good() / slice.total() >= slices.target()
                                    ? new Tally(1, 0, 0, 0)
                                    : new Tally(0, 1, 0, 0));
        }
        return counted;
    }

    private static Counted counted(Tally tally) {
        return new Counted(tally.good(), tally.bad());
    }
}
