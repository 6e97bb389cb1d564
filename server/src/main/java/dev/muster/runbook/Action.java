package dev.muster.runbook;

import dev.muster.slo.SliScope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a step does. */
sealed interface Action {

    /** Gives a command to every target. @param maxFailures more than these that do not succeed fail the step */
    record Command(String name, JsonNode parameters, int maxFailures) implements Action {}

    /** Waits until a selector holds for a share of the targets. @param share from 0 to 1 */
    record WaitForAssets(String selector, double share) implements Action {}

    /** Waits until the newest value of a metric, told since the step began, is within its bounds on every target. */
    record WaitForMetric(
            String metric, @Nullable Double min, @Nullable Double max) implements Action {}

    /**
     * Wants an indicator of the service to be good enough; what is not known is not.
     *
     * @param atLeast from 0 to 1
     * @param minSamples with fewer counted than these nothing is known
     * @param waits until it is; without, the step fails when it is not
     */
    record CheckSli(String sli, SliScope scope, Duration window, double atLeast, int minSamples, boolean waits)
            implements Action {}

    /** Waits until the alert that started the run is over. */
    record WaitForAlert() implements Action {}

    /** Does nothing for a while. */
    record Pause(Duration time) implements Action {}

    enum RolloutVerb {
        PAUSE,
        RESUME,
        PROMOTE,
        ROLLBACK
    }

    record Rollout(String name, RolloutVerb verb) implements Action {}

    /** Waits until a rollout is in one of some phases. */
    record WaitForRollout(String name, List<String> phases) implements Action {}

    /** Takes targets out of service: they get no commands and no changes any more. */
    record QuarantineAssets(String reason) implements Action {}

    record QuarantineRelease(String name, String reason) implements Action {}

    /** Lets each target enrol anew: a claim token for it alone, whose secret the server gives to a person who asks for it. */
    record Reenrol(Duration validFor) implements Action {}

    /**
     * Calls another system.
     *
     * @param expect statuses that are a success
     * @param idempotent the receiver heeds {@code Idempotency-Key}, so that a call which may have happened is made again
     */
    record Http(
            String method,
            String url,
            Map<String, String> headers,
            String body,
            List<Integer> expect,
            boolean idempotent)
            implements Action {}

    /** Tells people without waking them: a signal of severity {@code ticket}. */
    record Ticket(String summary, String description) implements Action {}

    /** Waits for a person, who is told exactly what to do. */
    record Approve(String instructions) implements Action {}

    record Sub(String runbook, Map<String, String> parameters) implements Action {}

    /**
     * Whether it happens outside of the database, so that nobody knows of it when the server is killed between doing it and writing
     * that down.
     */
    default boolean isOutside() {
        return this instanceof Http;
    }

    default boolean mayBeRepeated() {
        return !(this instanceof Http http) || http.idempotent();
    }

    /** Whether it does something to assets, rollouts, releases or another system, rather than wait for them or tell people. */
    default boolean touches() {
        return switch (this) {
            case Command _, Rollout _, QuarantineAssets _, QuarantineRelease _, Reenrol _, Http _, Sub _ -> true;
            case WaitForAssets _,
                    WaitForMetric _,
                    WaitForAlert _,
                    WaitForRollout _,
                    CheckSli _,
                    Pause _,
                    Ticket _,
                    Approve _ -> false;
        };
    }

    /** As in a document. */
    default String wire() {
        return switch (this) {
            case Command _ -> "command";
            case WaitForAssets _, WaitForMetric _, WaitForAlert _, WaitForRollout _ -> "waitFor";
            case CheckSli check -> check.waits() ? "waitFor" : "require";
            case Pause _ -> "pause";
            case Rollout _ -> "rollout";
            case QuarantineAssets _, QuarantineRelease _ -> "quarantine";
            case Reenrol _ -> "reenrol";
            case Http _ -> "http";
            case Ticket _ -> "ticket";
            case Approve _ -> "approve";
            case Sub _ -> "runbook";
        };
    }

    /** What it would do, for a person who reads the plan. */
    default String text() {
        return switch (this) {
            case Command(String name, JsonNode parameters, int _) ->
                "gives the command " + name + (parameters.isEmpty() ? "" : " " + parameters) + " to every target";
            case WaitForAssets(String selector, double share) ->
                "waits until " + Math.round(share * 100) + "% of the targets are " + selector;
            case WaitForMetric(String metric, Double min, Double max) ->
                "waits until " + metric + " is"
                        + (min == null ? "" : " at least " + min)
                        + (max == null ? "" : " at most " + max)
                        + " on every target";
            case CheckSli check ->
                (check.waits() ? "waits until " : "requires that ") + check.sli() + " of "
                        + check.scope().wire() + " over " + check.window().toMinutes() + " min is at least "
                        + SliJudge.percent(check.atLeast());
            case WaitForAlert() -> "waits until the alert is over";
            case Pause(Duration time) -> "waits " + time.toSeconds() + " s";
            case Rollout(String name, RolloutVerb verb) ->
                verb.name().toLowerCase(java.util.Locale.ROOT) + "s the rollout " + name;
            case WaitForRollout(String name, List<String> phases) ->
                "waits until the rollout " + name + " is "
                        + String.join(" or ", phases).replace('_', ' ');
            case QuarantineAssets(String reason) -> "puts every target into quarantine: " + reason;
            case QuarantineRelease(String name, String reason) ->
                "puts the release " + name + " into quarantine: " + reason;
            case Reenrol(Duration validFor) -> "lets every target enrol anew within " + validFor.toMinutes() + " min";
            case Http http -> http.method() + " " + http.url();
            case Ticket(String summary, String _) -> "opens a ticket: " + summary;
            case Approve(String instructions) -> "asks a person: " + instructions;
            case Sub(String runbook, Map<String, String> _) -> "runs the runbook " + runbook;
        };
    }
}
