package dev.muster.slo;

import dev.muster.command.CommandOutcomes;
import dev.muster.registry.document.Problem;
import dev.muster.registry.type.AssetTypes;
import dev.muster.telemetry.store.TelemetryStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** All indicators there are: the server's own, and those that people declare, by themselves or within an objective. */
@Component
class SliSources {
    static final int MAX_DECLARED = 200;

    private final List<SliSource> shipped;
    private final Supplier<List<SliSource>> declared;

    @Autowired
    SliSources(
            List<SliSource> shipped,
            SloStore store,
            Slos slos,
            TelemetryStore telemetry,
            CommandOutcomes outcomes,
            AssetTypes types) {
        this(shipped, () -> {
            List<SliSource> found = new ArrayList<>();
            for (SloStore.Stored stored : store.page("SLI", null, MAX_DECLARED)) {
                List<Problem> problems = new ArrayList<>();
                SliDefinition definition = new SloReader(problems, _ -> true).sli(stored.name(), stored.document());
                if (definition != null && problems.isEmpty()) {
                    String description =
                            stored.document().path("spec").path("description").asString("");
                    found.add(new DeclaredSource(
                            declaredSli(stored.name(), description), definition, telemetry, outcomes, types));
                }
            }
            for (Slo slo : slos.all()) {
                SliDefinition definition = slo.definition();
                if (definition != null) {
                    found.add(new DeclaredSource(
                            declaredSli(slo.sli(), "Of the objective " + slo.name()),
                            definition,
                            telemetry,
                            outcomes,
                            types));
                }
            }
            return found;
        });
    }

    private SliSources(List<SliSource> shipped, Supplier<List<SliSource>> declared) {
        this.shipped = shipped.stream()
                .sorted(Comparator.comparing(source -> source.sli().name()))
                .toList();
        this.declared = declared;
    }

    static SliSources of(List<SliSource> shipped) {
        return new SliSources(shipped, List::of);
    }

    private static Sli declaredSli(String name, String description) {
        return new Sli(name, description, "events", 0, false, false);
    }

    boolean isShipped(String name) {
        return shipped.stream().anyMatch(source -> source.sli().name().equals(name));
    }

    /** The server's own first, each in the order of their names. */
    List<SliSource> all() {
        List<SliSource> all = new ArrayList<>(shipped);
        all.addAll(declared.get());
        return all;
    }

    Optional<SliSource> find(String name) {
        return shipped.stream()
                .filter(source -> source.sli().name().equals(name))
                .findFirst()
                .or(() -> declared.get().stream()
                        .filter(source -> source.sli().name().equals(name))
                        .findFirst());
    }
}
