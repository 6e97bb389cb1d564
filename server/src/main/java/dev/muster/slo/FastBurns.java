package dev.muster.slo;

import dev.muster.slo.engine.BurnAlert;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/** The budgets that burn so fast at this moment that nothing is to be changed in their scope. */
@Component
public class FastBurns {
    private final SloStore store;
    private final Slos slos;

    FastBurns(SloStore store, Slos slos) {
        this.store = store;
        this.slos = slos;
    }

    /** @param window over which it burns at that rate */
    public record FastBurn(String slo, SliScope scope, double burnRate, Duration window, Instant since) {}

    /** As of what is committed now. */
    public List<FastBurn> now() {
        return store.open().stream()
                .filter(burn -> burn.alert().equals(BurnAlert.FAST_BURN))
                .flatMap(burn -> slos.find(burn.slo()).stream()
                        .map(slo -> new FastBurn(
                                slo.name(), slo.scope(), burn.burn(), BurnAlert.FAST.longWindow(), burn.began())))
                .toList();
    }
}
