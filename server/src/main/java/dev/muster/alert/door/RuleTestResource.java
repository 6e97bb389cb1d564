package dev.muster.alert.door;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.alert.declared.DeclaredObjects;
import dev.muster.alert.notify.TrialDispatch;
import dev.muster.alert.rule.AlertRules;
import dev.muster.alert.rule.RuleReplay;
import dev.muster.alert.rule.RuleTests;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.document.Durations;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Tests of alert rules against the stored past, over HTTP. */
@RestController
@RequestMapping("/api/v1")
@Tag(name = "alerts")
class RuleTestResource {
    private static final int MAX_DOCUMENT = 100_000;

    private final RuleTests tests;
    private final Clock clock;

    RuleTestResource(RuleTests tests, Clock clock) {
        this.tests = tests;
        this.clock = clock;
    }

    @Schema(name = "AlertRuleTrial")
    record Trial(
            @Nullable String name,

            @Schema(description = "as in a document of kind AlertRule") @Nullable JsonNode spec,

            @Schema(description = "instead of name and spec: a whole document of kind AlertRule as YAML") @Nullable String document,

            @Schema(description = "instead of from: so long before its end; 24h without either", example = "24h")
            @Nullable String since,

            @Nullable Instant from,

            @Schema(description = "now without it") @Nullable Instant to) {}

    @Schema(name = "AlertRuleTest")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TestView(
            String rule,
            @Schema(example = "coolant > 95") String condition,
            String severity,
            Instant from,
            Instant to,

            @Schema(description = "the last moment that was evaluated; absent when none was") @Nullable Instant until,

            @Schema(description = "seconds between two evaluations")
            long stepSeconds,

            int evaluations,

            @Schema(description = "assets that were looked at")
            int assets,

            @Schema(description = "stored readings that were looked at")
            long readings,

            @Schema(description = "why it was not replayed, or only in part; empty when it was")
            List<String> cannot,

            @Schema(description = "what was taken for granted")
            List<String> notes,

            @Schema(description = "how often an alert would have fired")
            int fired,

            @Schema(description = "how often something was wrong for less than the rule's `for`")
            int givenUp,

            @Schema(description = "assets that alerts would have stood for")
            int assetsHit,

            @Schema(description = "the first 100 of them") List<String> firstAssets,

            @Schema(description = "the first 500, oldest first")
            List<FiringView> firings,

            @Schema(description = "at most 300 evaluations, each the worst of its time")
            List<PointView> points,

            int notifications,
            List<ToldView> told,

            @Schema(description = "of some assets of which the last evaluation could tell nothing")
            List<String> whyUnknown) {
        static TestView of(RuleTests.Tested is) {
            return new TestView(
                    is.rule(),
                    is.condition(),
                    is.severity(),
                    is.from(),
                    is.to(),
                    is.until(),
                    is.step().toSeconds(),
                    is.evaluations(),
                    is.assets(),
                    is.readings(),
                    is.cannot(),
                    is.notes(),
                    is.outcome().fired(),
                    is.outcome().givenUp(),
                    is.outcome().assets().size(),
                    is.outcome().assets().stream().sorted().limit(100).toList(),
                    is.firings().stream().map(FiringView::of).toList(),
                    is.points().stream().map(PointView::of).toList(),
                    is.told().stream()
                            .mapToInt(TrialDispatch.Told::notifications)
                            .sum(),
                    is.told().stream().map(ToldView::of).toList(),
                    is.outcome().whyUnknown());
        }
    }

    @Schema(name = "AlertRuleTestFiring")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FiringView(
            String fingerprint,
            Map<String, String> labels,
            String summary,
            @Schema(description = "since when it was wrong") Instant pendingAt,
            Instant firedAt,

            @Schema(description = "absent when it fired still at the end") @Nullable Instant resolvedAt,

            @Schema(description = "assets that it stood for, at most")
            int assets) {
        static FiringView of(RuleReplay.Firing is) {
            return new FiringView(
                    is.fingerprint(),
                    is.labels(),
                    is.summary(),
                    is.pendingAt(),
                    is.firedAt(),
                    is.resolvedAt(),
                    is.assets());
        }
    }

    @Schema(name = "AlertRuleTestPoint", description = "alerts that fire and are pending; assets wrong, fine, unknown")
    record PointView(Instant at, int firing, int pending, int wrong, int fine, int unknown) {
        static PointView of(RuleReplay.Point is) {
            return new PointView(is.at(), is.firing(), is.pending(), is.wrong(), is.fine(), is.unknown());
        }
    }

    @Schema(name = "AlertRuleTestTold")
    record ToldView(
            String receiver,
            int notifications,
            @Schema(example = "{\"new\":2,\"resolved\":1}") Map<String, Integer> why) {
        static ToldView of(TrialDispatch.Told is) {
            return new ToldView(is.receiver(), is.notifications(), is.why());
        }
    }

    @PostMapping("/alert-rules/test")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(
            operationId = "testAlertRule",
            summary =
                    "When a rule would have fired in the past, for whom, and who would have been told; changes nothing",
            description =
                    "Replays what is stored (readings, presence) of the caller's assets, of at most seven days and"
                            + " 2,000 assets, one test at a time. What is not kept, such as the software of a moment, cannot be"
                            + " replayed: then it says so instead of an answer.")
    TestView test(Actor actor, @RequestBody Trial trial) {
        JsonNode written = trial.document() == null ? null : document(trial.document());
        String given = written == null
                ? trial.name()
                : written.path("metadata").path("name").asString("");
        String name = given == null || given.isBlank() ? "unnamed" : given;
        if (!DeclaredObjects.NAME.matcher(name).matches()) {
            throw new Refusal(ErrorCode.INVALID, "name must match " + DeclaredObjects.NAME);
        }
        Instant to = Objects.requireNonNullElseGet(trial.to(), clock::instant);
        Instant from = trial.from();
        if (from == null) {
            Duration back = trial.since() == null ? Duration.ofDays(1) : Durations.parse(trial.since());
            if (back == null) {
                throw new Refusal(ErrorCode.INVALID, "since is a time such as 30m, 24h or 7d");
            }
            from = to.minus(back);
        }
        JsonNode spec = written != null ? written.path("spec") : trial.spec();
        return TestView.of(
                tests.test(actor, name, spec == null ? JsonNodeFactory.instance.objectNode() : spec, from, to));
    }

    private static JsonNode document(String yaml) {
        if (yaml.length() > MAX_DOCUMENT) {
            throw new Refusal(ErrorCode.TOO_LARGE, "a rule has at most " + MAX_DOCUMENT + " characters");
        }
        try {
            JsonNode read = YAMLMapper.shared().readTree(yaml);
            if (!read.path("kind").asString("").equals(AlertRules.KIND)) {
                throw new Refusal(
                        ErrorCode.INVALID,
                        "a document of kind AlertRule is tested, found \""
                                + read.path("kind").asString("").replaceAll("[^\\x20-\\x7e]", "?") + "\"");
            }
            return read;
        } catch (JacksonException malformed) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the document is not YAML: " + malformed.getOriginalMessage() + " (line "
                            + malformed.getLocation().getLineNr() + ")");
        }
    }
}
