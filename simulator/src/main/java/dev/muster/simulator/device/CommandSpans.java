package dev.muster.simulator.device;

import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.CommandResult.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What an asset did about a command, as spans of the command's trace (docs/protocol.md section 4.2). */
final class CommandSpans {
    private static final Pattern FORM = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}");

    private CommandSpans() {}

    /** @param ran when it began to run, 0 when it did not; milliseconds, like the others */
    static List<Uplink.Span> of(
            Command command, long received, long ran, long now, Status status, @Nullable Object detail) {
        Matcher matcher = FORM.matcher(command.traceparent());
        if (!matcher.matches()) {
            return List.of();
        }
        String trace = matcher.group(1);
        String own = id(trace, matcher.group(2), "agent");
        String error = status == Status.SUCCEEDED
                ? null
                : detail instanceof Map<?, ?> map && map.get("reason") instanceof String reason
                        ? reason
                        : status.name().toLowerCase(Locale.ROOT);
        long executed = ran == 0 ? now : ran;
        List<Uplink.Span> spans = new ArrayList<>();
        spans.add(span(trace, own, matcher.group(2), "agent", received, now, error, Map.of("simulated", true)));
        spans.add(span(
                trace, id(trace, own, "check"), own, "check", received, executed, ran == 0 ? error : null, Map.of()));
        if (ran != 0) {
            Map<String, Object> how = status == Status.FAILED ? Map.of("process.exit.code", 1L) : Map.of();
            spans.add(span(trace, id(trace, own, "execute"), own, "execute", ran, now, error, how));
        }
        return spans;
    }

    private static Uplink.Span span(
            String trace,
            String id,
            String parent,
            String name,
            long from,
            long to,
            @Nullable String error,
            Map<String, Object> attributes) {
        return new Uplink.Span(trace, id, parent, name, from * 1000, Math.max(from, to) * 1000, error, attributes);
    }

    /** The same each time, and another one for each span of a trace. */
    private static String id(String trace, String parent, String name) {
        long hash = 0xcbf29ce484222325L;
        for (char c : (trace + parent + name).toCharArray()) {
            hash = (hash ^ c) * 0x100000001b3L;
        }
        return "%016x".formatted(hash | 1);
    }
}
