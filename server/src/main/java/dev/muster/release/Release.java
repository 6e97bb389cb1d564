package dev.muster.release;

import dev.muster.protocol.tuf.TargetFile;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was published under a name.
 *
 * @param number grows with each publication
 * @param files in the order of their paths
 * @param components of a set: version by component; empty for the release of one component
 * @param prunedAt when its artifacts were removed; null while they are kept
 */
public record Release(
        ReleaseName name,
        long number,
        State state,
        List<TargetFile> files,
        Map<String, String> components,
        Instant publishedAt,
        String publishedBy,
        @Nullable Instant prunedAt) {
    public Release {
        files = List.copyOf(files);
        components = Map.copyOf(components);
    }

    public boolean isSet() {
        return !components.isEmpty();
    }

    public boolean isPruned() {
        return prunedAt != null;
    }

    public List<TargetFile> artifacts() {
        return files.stream()
                .filter(file -> file.custom().kind() == TargetFile.Kind.ARTIFACT)
                .toList();
    }

    /** Whether it may be given to assets. */
    public sealed interface State {
        Instant since();

        String wire();

        record Published(Instant since) implements State {
            @Override
            public String wire() {
                return "published";
            }
        }

        /** Given to no asset any more; assets that run it are left alone until they are given another one. */
        record Quarantined(Instant since, String by, String reason) implements State {
            @Override
            public String wire() {
                return "quarantined";
            }
        }
    }
}
