package dev.muster.alert.burn;

import dev.muster.alert.Signal;
import dev.muster.alert.Signals;
import dev.muster.slo.BurnListener;
import dev.muster.slo.Burning;
import dev.muster.slo.SliScope;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Every budget that burns too fast is a signal; whoever keeps alerts says who is called. */
@Component
class BurnSignals implements BurnListener {
    private final ObjectProvider<Signals> signals;

    BurnSignals(ObjectProvider<Signals> signals) {
        this.signals = signals;
    }

    @Override
    public void heard(Burning burning) {
        signals.ifAvailable(taken -> taken.take("slo/" + burning.slo(), List.of(signal(burning))));
    }

    static Signal signal(Burning burning) {
        TreeMap<String, String> labels = new TreeMap<>(Map.of(
                Signal.NAME,
                "SloBurning",
                Signal.SLO,
                burning.slo(),
                "burn",
                burning.alert(),
                "service",
                burning.service(),
                Signal.SEVERITY,
                burning.severity()));
        switch (burning.scope()) {
            case SliScope.Type(String name) -> labels.put(Signal.TYPE, name);
            case SliScope.Region(String name) -> labels.put(Signal.REGION, name);
            case SliScope.Group(String name) -> labels.put("group", name);
            case SliScope.Fleet _, SliScope.One _ -> {}
        }
        return new Signal(
                labels,
                Map.of(
                        "summary",
                        "the error budget of " + burning.slo() + " burns too fast",
                        "description",
                        burning.why()),
                burning.since(),
                burning.ended(),
                "/api/v1/slos/" + burning.slo());
    }
}
