package dev.muster.registry.apply;

import java.util.List;

/**
 * What an apply did, or with {@code dryRun} would do.
 *
 * @param results one for each document, in their order
 */
public record Applied(boolean dryRun, List<Result> results) {
    /** @param result {@code created}, {@code updated} or {@code unchanged} */
    public record Result(int index, String kind, String name, String result) {}
}
