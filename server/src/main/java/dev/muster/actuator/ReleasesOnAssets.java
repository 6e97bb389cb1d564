package dev.muster.actuator;

import dev.muster.release.ReleaseHold;
import dev.muster.release.ReleaseName;
import dev.muster.twin.reported.SoftwareReports;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Holds the artifacts of what assets run, ran before their last change, or are told to run. */
@Component
class ReleasesOnAssets implements ReleaseHold {
    private final SoftwareReports reports;

    ReleasesOnAssets(SoftwareReports reports) {
        this.reports = reports;
    }

    @Override
    public Map<ReleaseName, String> held(Collection<ReleaseName> candidates) {
        Map<ReleaseName, String> held = new HashMap<>();
        Map<String, Set<String>> versions = candidates.stream()
                .collect(Collectors.groupingBy(
                        ReleaseName::component, Collectors.mapping(ReleaseName::version, Collectors.toSet())));
        versions.forEach((component, wanted) -> reports.needed(component, wanted)
                .forEach((version, needed) -> held.put(
                        new ReleaseName(component, version),
                        "is or was on " + needed.example()
                                + (needed.assets() > 1 ? " and " + (needed.assets() - 1) + " more" : ""))));
        return held;
    }
}
