package dev.muster.slo;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All indicators there are. */
@Component
class SliSources {
    private final List<SliSource> shipped;

    SliSources(List<SliSource> shipped) {
        this.shipped = shipped.stream()
                .sorted(Comparator.comparing(source -> source.sli().name()))
                .toList();
    }

    /** In the order of their names. */
    List<SliSource> all() {
        return shipped;
    }

    Optional<SliSource> find(String name) {
        return all().stream()
                .filter(source -> source.sli().name().equals(name))
                .findFirst();
    }
}
