package dev.muster.slo;

import dev.muster.registry.document.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The objectives that there are, read from what is stored. */
@Component
class Slos {
    static final int MAX = 500;

    private final SloStore store;

    Slos(SloStore store) {
        this.store = store;
    }

    /** What cannot be read any more, because a later version is stricter, is left out. */
    List<Slo> all() {
        List<Slo> all = new ArrayList<>();
        for (SloStore.Stored stored : store.page("SLO", null, MAX)) {
            read(stored).ifPresent(all::add);
        }
        return all;
    }

    Optional<Slo> find(String name) {
        return store.find("SLO", name).flatMap(Slos::read);
    }

    static Optional<Slo> read(SloStore.Stored stored) {
        List<Problem> problems = new ArrayList<>();
        Slo slo = new SloReader(problems, _ -> true).slo(stored.name(), stored.document());
        return problems.isEmpty() ? Optional.of(slo) : Optional.empty();
    }
}
