package dev.muster.telemetry.query;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetGrouping;
import dev.muster.telemetry.store.GroupSums;
import dev.muster.telemetry.store.TelemetryStore;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** One metric of many assets over HTTP. */
@RestController
@RequestMapping("/api/v1/telemetry")
class AggregateResource {
    /** Groups times steps of one answer. */
    static final int MAX_POINTS = 10_000;

    static final int MAX_GROUPS = 1_000;
    /** What an hour has when nothing is said. */
    static final int USUAL_STEPS = 60;

    private final TelemetryStore store;
    private final AssetDirectory assets;
    private final Clock clock;

    AggregateResource(TelemetryStore store, AssetDirectory assets, Clock clock) {
        this.store = store;
        this.assets = assets;
        this.clock = clock;
    }

    /** @param step ISO-8601 */
    @Schema(name = "GroupTelemetry")
    record View(String metric, Instant from, Instant to, String step, long assets, List<Group> groups) {}

    /**
     * @param group the value by which the assets were put together; empty for those without one, and when all are one group
     * @param assets how many of the selected are in it, whether they have values or not
     */
    @Schema(name = "GroupOfTelemetry")
    record Group(String group, long assets, List<GroupSums.GroupStep> points) {}

    /** The assets of one group, by type, while they are gathered. */
    private static final class Gathered {
        private final Map<String, Integer> ordinals = new TreeMap<>();
        private final Map<String, Map<String, Integer>> groupsByType = new HashMap<>();
        private final Map<Integer, Long> sizes = new HashMap<>();
        private long assets;

        void add(AssetGrouping.Member member) {
            int group = ordinals.computeIfAbsent(member.group(), _ -> ordinals.size());
            groupsByType.computeIfAbsent(member.type(), _ -> new HashMap<>()).put(member.id(), group);
            sizes.merge(group, 1L, Long::sum);
            assets++;
        }
    }

    @GetMapping("/aggregate")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    @Operation(
            operationId = "aggregateTelemetry",
            summary = "One metric of all assets that a selector selects, summed up by group and step",
            description =
                    "count, min, max, avg, and the percentiles p10, p50, p90 and p99, which are within 1 %; true counts as 1."
                            + " Empty steps are left out. Without from the last hour, without step a sixtieth of the time. At most "
                            + MAX_GROUPS + " groups and " + MAX_POINTS + " points.")
    View aggregate(
            Actor actor,
            @Parameter(example = "speed") @RequestParam String metric,
            @RequestParam(required = false) @Nullable String selector,
            @Parameter(
                            description =
                                    "type, owner, region, site, hardware or labels.KEY; all are one group without it",
                            example = "labels.plant")
                    @RequestParam(required = false)
                    @Nullable String by,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            @RequestParam(required = false) @Nullable String step) {
        AssetGrouping grouping = AssetGrouping.by(by);
        long now = clock.millis();
        Times times = Times.of(from, to, now - TelemetryResource.DEFAULT_SPAN.toMillis(), now + 60_000);
        if (times.from() == times.to()) {
            throw new Refusal(ErrorCode.INVALID, "from and to are the same moment; to must be later");
        }
        Duration steps = step == null || step.isBlank() ? usual(times) : Times.step(step);
        Gathered gathered = new Gathered();
        assets.forEachMember(actor, selector, grouping, gathered::add);
        requireBounded(gathered.ordinals.size(), times, steps);
        GroupSums sums = new GroupSums(gathered.ordinals.size(), times.from(), times.to(), steps);
        gathered.groupsByType.forEach(
                (type, groups) -> store.sum(type, metric, groups, times.from(), times.to(), sums));
        return new View(
                metric,
                Instant.ofEpochMilli(times.from()),
                Instant.ofEpochMilli(times.to()),
                steps.toString(),
                gathered.assets,
                gathered.ordinals.entrySet().stream()
                        .map(group -> new Group(
                                group.getKey(),
                                gathered.sizes.getOrDefault(group.getValue(), 0L),
                                sums.points(group.getValue())))
                        .toList());
    }

    private static Duration usual(Times times) {
        long seconds = (times.to() - times.from()) / USUAL_STEPS / 1000;
        return Duration.ofSeconds(Math.max(1, seconds));
    }

    private static void requireBounded(int groups, Times times, Duration step) {
        long steps = GroupSums.steps(times.from(), times.to(), step);
        if (groups > MAX_GROUPS) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    "the selected assets are " + groups + " groups; at most " + MAX_GROUPS
                            + " are allowed, narrow the selector or group by something else");
        }
        if (steps > MAX_POINTS || groups * steps > MAX_POINTS) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    groups + " groups in " + steps + " steps of " + step + " are " + (groups * steps)
                            + " points; at most " + MAX_POINTS
                            + " are allowed, ask for a longer step or a shorter time");
        }
    }
}
