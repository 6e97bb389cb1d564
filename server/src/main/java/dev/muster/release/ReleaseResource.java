package dev.muster.release;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.document.Durations;
import dev.muster.release.supply.SupplyStore;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Releases over HTTP. They come into being by publishing signed metadata: {@code POST /api/v1/tuf}. */
@RestController
@RequestMapping("/api/v1/releases")
@Tag(name = "releases")
class ReleaseResource {
    private final Releases releases;
    private final ReleaseRetention retention;
    private final SupplyStore supplies;

    ReleaseResource(Releases releases, ReleaseRetention retention, SupplyStore supplies) {
        this.releases = releases;
        this.retention = retention;
        this.supplies = supplies;
    }

    @Schema(name = "ReleaseDecision")
    record Decision(
            @Schema(description = "shown to everybody who asks why", requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String reason) {}

    @Schema(name = "ReleasePruning")
    record Pruning(
            @Schema(
                    description = "how many of the newest versions of each component stay, at least 1",
                    defaultValue = "5")
            @Nullable Integer keep,

            @Schema(description = "younger ones stay", defaultValue = "90d") @Nullable String olderThan,

            @Schema(description = "tells and removes nothing", defaultValue = "false") @Nullable Boolean dryRun) {}

    @Schema(name = "PrunedReleases")
    record Pruned(
            List<String> pruned,

            @Schema(description = "by release: why it stays")
            Map<String, String> kept,

            long freedBytes,
            boolean dryRun) {}

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.RELEASE)
    @Operation(operationId = "listReleases", summary = "Lists releases, the newest publication first")
    Page<ReleaseView> list(
            PageRequest page,
            @RequestParam(defaultValue = "") String component,
            @RequestParam(defaultValue = "") String status) {
        return releases.list(page, component, status).map(ReleaseView::of);
    }

    @GetMapping("/{name}")
    @Requires(verb = Verb.READ, kind = Kind.RELEASE)
    @Operation(
            operationId = "getRelease",
            summary = "Shows a release with its files, how many components it is made of, and how it was built")
    ReleaseView get(@PathVariable String name) {
        Release release = releases.get(name);
        return ReleaseView.of(release).with(supplies.components(release.number()), supplies.builds(release.number()));
    }

    @PostMapping("/{name}/quarantine")
    @Requires(verb = Verb.WRITE, kind = Kind.RELEASE)
    @Operation(
            operationId = "quarantineRelease",
            summary = "Gives a release to no asset any more, at once",
            description =
                    "Its artifacts cannot be downloaded by assets. Those that run it go on until they get another one.")
    ReleaseView quarantine(Actor actor, @PathVariable String name, @RequestBody Decision decision) {
        return ReleaseView.of(releases.quarantine(actor, name, orEmpty(decision.reason())));
    }

    @PostMapping("/{name}/release")
    @Requires(verb = Verb.WRITE, kind = Kind.RELEASE)
    @Operation(operationId = "releaseRelease", summary = "Ends the quarantine of a release")
    ReleaseView release(Actor actor, @PathVariable String name, @RequestBody Decision decision) {
        return ReleaseView.of(releases.release(actor, name, orEmpty(decision.reason())));
    }

    @PostMapping("/prune")
    @Requires(verb = Verb.ADMIN, kind = Kind.RELEASE)
    @Operation(
            operationId = "pruneReleases",
            summary = "Removes artifacts of old releases that no asset runs, ran before or may go back to")
    Pruned prune(Actor actor, @RequestBody Pruning wanted) {
        boolean dryRun = Boolean.TRUE.equals(wanted.dryRun());
        ReleaseRetention.Outcome outcome =
                retention.prune(actor, Objects.requireNonNullElse(wanted.keep(), 5), age(wanted.olderThan()), dryRun);
        Map<String, String> kept = new TreeMap<>();
        outcome.kept().forEach((name, why) -> kept.put(name.toString(), why));
        return new Pruned(
                outcome.pruned().stream().map(ReleaseName::toString).toList(), kept, outcome.freedBytes(), dryRun);
    }

    private static Duration age(@Nullable String text) {
        Duration age = Durations.parse(text == null ? "90d" : text);
        if (age == null) {
            throw new Refusal(ErrorCode.INVALID, "olderThan is not a time such as 12h or 90d");
        }
        return age;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
