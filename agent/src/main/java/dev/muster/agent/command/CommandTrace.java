package dev.muster.agent.command;

import dev.muster.agent.command.Handler.Outcome;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.CommandResult.Status;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the agent does about one command, as spans of the command's trace: one over all of it, and one for each step. They go with
 * the last word about it, so they are kept and sent as surely as that.
 *
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">W3C Trace Context, traceparent</a>
 */
final class CommandTrace {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}.*");
    private static final int MAX_ERROR = 500;

    private final @Nullable String traceId;
    private final String parent;
    private final String own = spanId();
    private final InstantSource clock;
    private final Instant begun;
    private final List<Uplink.Span> steps = new ArrayList<>();
    private @Nullable String step;
    private Instant stepBegun;

    private CommandTrace(@Nullable String traceId, String parent, InstantSource clock) {
        this.traceId = traceId;
        this.parent = parent;
        this.clock = clock;
        this.begun = clock.instant();
        this.stepBegun = begun;
    }

    /** @param traceparent as the command has it; without a good one no spans are made */
    static CommandTrace of(@Nullable String traceparent, InstantSource clock) {
        Matcher matcher = FORM.matcher(traceparent == null ? "" : traceparent);
        return matcher.matches()
                ? new CommandTrace(matcher.group(1), matcher.group(2), clock)
                : new CommandTrace(null, "", clock);
    }

    /** The step before has ended well, and the next one begins. */
    synchronized void step(String name) {
        endStep(null, Map.of());
        step = name;
        stepBegun = clock.instant();
    }

    /** What is to be sent with the last word. */
    synchronized List<Uplink.Span> ended(String command, Outcome outcome) {
        if (traceId == null) {
            return List.of();
        }
        String error = error(outcome);
        Map<String, Object> attributes = new LinkedHashMap<>();
        if (outcome.detail().get("exit") instanceof Integer exit) {
            attributes.put("process.exit.code", (long) exit);
        }
        endStep(error, attributes);
        attributes.put("muster.command.name", command.length() <= 128 ? command : command.substring(0, 128));
        attributes.put("muster.command.status", status(outcome));
        List<Uplink.Span> spans = new ArrayList<>(steps.size() + 1);
        spans.add(new Uplink.Span(
                traceId, own, parent, "agent", micros(begun), micros(clock.instant()), error, attributes));
        spans.addAll(steps);
        return spans;
    }

    private void endStep(@Nullable String error, Map<String, Object> attributes) {
        if (traceId != null && step != null) {
            steps.add(new Uplink.Span(
                    traceId,
                    spanId(),
                    own,
                    step,
                    micros(stepBegun),
                    micros(clock.instant()),
                    error,
                    Map.copyOf(attributes)));
        }
        step = null;
    }

    private static @Nullable String error(Outcome outcome) {
        if (outcome.status() == Status.SUCCEEDED) {
            return null;
        }
        Object reason = outcome.detail().get("reason");
        Object exit = outcome.detail().get("exit");
        String text = reason != null
                ? reason.toString().replace('\0', ' ')
                : exit == null ? status(outcome) : "exit code " + exit;
        return text.length() <= MAX_ERROR ? text : text.substring(0, MAX_ERROR - 1) + "…";
    }

    private static String status(Outcome outcome) {
        return outcome.status().name().toLowerCase(Locale.ROOT);
    }

    private static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    private static String spanId() {
        return "%016x".formatted(ThreadLocalRandom.current().nextLong() | 1);
    }
}
