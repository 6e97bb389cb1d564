package dev.muster.console.oncall;

import dev.muster.console.oncall.Changes.Change;
import dev.muster.console.oncall.FailingAssets.Answer;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Scope;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.kept.Kept;
import dev.muster.registry.document.Durations;
import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The assets that fail most and the newest changes, over HTTP. */
@RestController
@Tag(name = "console")
@RequestMapping("/api/v1")
class OnCallResource {
    private static final Duration SHORTEST = Duration.ofMinutes(15);
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final int MAX_CHANGES = 200;
    private static final int MAX_ASSETS = 100;

    private final FailingAssets failing;
    private final Changes changes;
    private final Clock clock;
    private final Kept<Question, FailingView> answers;

    OnCallResource(FailingAssets failing, Changes changes, Clock clock, MeterRegistry meters) {
        this.answers = new Kept<>("failing", Duration.ofSeconds(5), meters);
        this.failing = failing;
        this.changes = changes;
        this.clock = clock;
    }

    private record Question(Scope scope, Duration window, int limit) {}

    /** @param failing how many assets had any failure, those that were deleted since among them; in a scope that is not answered by an index, of the worst 1,000 */
    @Schema(name = "FailingAssets")
    record FailingView(Instant from, Instant to, long failing, List<FailingAsset> assets) {}

    @Schema(name = "FailingAsset")
    record FailingAsset(
            String asset,
            String type,
            String region,
            String presence,

            @Schema(description = "alerts about it that fire and page")
            long pages,

            long failures,
            Instant newest,

            @Schema(description = "the largest first, at most 5")
            List<FailureView> categories) {}

    @Schema(name = "FailureCategory")
    record FailureView(
            @Schema(allowableValues = {"command", "rollout", "alert", "offline", "configuration"})
            String category,

            @Schema(description = "which command, rollout or alert; why it went offline")
            String what,

            @Schema(description = "status, stage and reason, or severity")
            String how,

            long count,
            Instant newest) {}

    @GetMapping("/failing-assets")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "listFailingAssets",
            summary = "Lists the assets that failed most within a time, with what failed how often",
            description =
                    "Those with pages that fire come first, then those with most failures: commands that failed, rollouts that failed,"
                            + " alerts that fire, how often it went offline, configurations that stalled. Seconds old.")
    FailingView failing(
            Actor actor,
            @Parameter(description = "15m to 7d", example = "24h") @RequestParam(defaultValue = "24h") String window,
            @Parameter(description = "1 to 100") @RequestParam(defaultValue = "10") int limit) {
        if (limit < 1 || limit > MAX_ASSETS) {
            throw new Refusal(ErrorCode.INVALID, "limit must be from 1 to " + MAX_ASSETS + ", found " + limit);
        }
        Duration over = window(window);
        return answers.get(new Question(actor.scope(), over, limit), () -> {
            Instant now = clock.instant();
            Answer answer = failing.since(actor, now.minus(over), limit);
            return new FailingView(
                    now.minus(over),
                    now,
                    answer.failing(),
                    answer.assets().stream()
                            .map(each -> new FailingAsset(
                                    each.asset(),
                                    each.type(),
                                    each.region(),
                                    each.presence(),
                                    each.pages(),
                                    each.failures(),
                                    each.newest(),
                                    each.categories().stream()
                                            .map(is -> new FailureView(
                                                    is.category(), is.what(), is.how(), is.count(), is.newest()))
                                            .toList()))
                            .toList());
        });
    }

    /** @param more whether there were more than 200 */
    @Schema(name = "FleetChanges")
    record ChangesView(Instant from, Instant to, boolean more, List<ChangeView> changes) {}

    @Schema(name = "FleetChange")
    record ChangeView(
            long id,
            Instant at,
            String actor,
            String actorKind,
            @Schema(example = "rollout.open_wave") String action,
            String objectKind,
            String objectName,

            @Schema(description = "what people call it: of a command to many its name")
            String title) {
        static ChangeView of(Change is) {
            return new ChangeView(
                    is.id(),
                    is.at(),
                    is.actor(),
                    is.actorKind(),
                    is.action(),
                    is.objectKind(),
                    is.objectName(),
                    is.title());
        }
    }

    @GetMapping("/fleet/changes")
    @Requires(verb = Verb.READ, kind = Kind.AUDIT)
    @Operation(
            operationId = "fleetChanges",
            summary = "Lists what was changed of the fleet as a whole, newest first",
            description =
                    "Rollouts and their waves, releases, configurations, types, groups, runbooks, silences, commands to many: what a graph"
                            + " may bend from. At most 200. A token with a narrower scope sees its own.")
    ChangesView changes(
            Actor actor,
            @Parameter(description = "15m to 7d", example = "24h") @RequestParam(defaultValue = "24h") String window) {
        Instant now = clock.instant();
        Instant from = now.minus(window(window));
        List<Change> found = changes.since(actor, from, MAX_CHANGES + 1);
        return new ChangesView(
                from,
                now,
                found.size() > MAX_CHANGES,
                found.stream().limit(MAX_CHANGES).map(ChangeView::of).toList());
    }

    private static Duration window(String text) {
        Duration parsed = Durations.parse(text);
        if (parsed == null || parsed.compareTo(SHORTEST) < 0 || parsed.compareTo(LONGEST) > 0) {
            throw new Refusal(
                    ErrorCode.INVALID, "window must be such as 6h or 7d, from 15m to 7d, found \"" + text + "\"");
        }
        return parsed;
    }
}
