package dev.muster.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.signal.Span;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class CommandSpansTest {
    private static final Instant T = Instant.parse("2026-11-26T12:00:00Z");
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String ROOT = "b7ad6b7169203331";

    @Test
    void aFailedCommandShowsWhereItsTimeWent() {
        Command command = command(at(1), at(3), settled(Status.FAILED, 9, Settler.ASSET), "{\"reason\":\"no space\"}");
        List<Span> spans = CommandSpans.of(
                command,
                List.of(new CommandStore.Line(at(4), Status.ACCEPTED, false, null, null)),
                0x77,
                List.of(
                        said("00000000000000a1", null, "agent", 3.5, 8.5, "exit code 3"),
                        said("00000000000000a2", "00000000000000a1", "execute", 4, 8, "exit code 3")));

        assertThat(spans.stream().map(CommandSpansTest::line))
                .containsExactly(
                        "muster: command reboot 0-9 failed: no space",
                        "muster: queued 0-1",
                        "muster: delivered 1-3",
                        "muster: answered 3-9",
                        "agent: agent 3.5-8.5 exit code 3",
                        "agent: execute 4-8 exit code 3");
        Span root = spans.getFirst();
        assertThat(root.id()).isEqualTo(0xb7ad6b7169203331L);
        assertThat(root.parent()).isEqualTo(0x77);
        assertThat(root.events()).contains("\"name\":\"accepted\"");
        assertThat(spans.subList(1, 5)).extracting(Span::parent).containsOnly(root.id());
        assertThat(spans.getLast().parent()).isEqualTo(0xa1);
        assertThat(spans).extracting(Span::id).doesNotHaveDuplicates();
        assertThat(CommandSpans.of(command, List.of(), 0, List.of()))
                .as("the same ids when it is worked out again")
                .extracting(Span::id)
                .isEqualTo(spans.subList(0, 4).stream().map(Span::id).toList());
    }

    @Test
    void whatNeverCameToTheAssetEndsInTheStepThatItDidNotLeave() {
        Command command = command(at(0), null, settled(Status.EXPIRED, 60, Settler.DEADLINE), null);

        assertThat(CommandSpans.of(command, List.of(), 0, List.of()).stream().map(CommandSpansTest::line))
                .containsExactly(
                        "muster: command reboot 0-60 expired: its deadline has passed",
                        "muster: delivered 0-60 it was never handed to a session of the asset");
    }

    @Test
    void spansOfAnAssetWithAWrongClockAreMovedToWhenItWasTold() {
        Command command = command(at(0), at(2), settled(Status.SUCCEEDED, 5, Settler.ASSET), null);
        List<Span> spans = CommandSpans.of(
                command, List.of(), 0, List.of(said("00000000000000a1", null, "agent", 7202, 7204, null)));

        Span moved = spans.getLast();
        assertThat(line(moved)).isEqualTo("agent: agent 2-4");
        assertThat(JsonMapper.shared()
                        .readTree(moved.attributes())
                        .path("muster.clock.moved.ms")
                        .asLong())
                .isEqualTo(-7_200_000);
    }

    @Test
    void spansOfAnotherTraceAreNotTaken() {
        Command command = command(at(0), at(2), settled(Status.SUCCEEDED, 5, Settler.ASSET), null);
        var foreign = new Uplink.Span("f".repeat(32), ROOT, null, "agent", 0, 0, null, Map.of());

        assertThat(CommandSpans.of(command, List.of(), 0, List.of(foreign)))
                .extracting(Span::service)
                .containsOnly("muster");
    }

    private static Instant at(double seconds) {
        return T.plusMillis(Math.round(seconds * 1000));
    }

    private static Progress settled(Status status, double seconds, Settler by) {
        return Progress.pending(at(60)).settled(status, at(seconds), by, false);
    }

    private static Command command(
            @Nullable Instant pending, @Nullable Instant sent, Progress progress, @Nullable String detail) {
        JsonMapper json = JsonMapper.shared();
        return new Command(
                "0192-1",
                new AssetId("pump-1"),
                "sensor",
                null,
                "reboot",
                json.createObjectNode(),
                Duration.ofSeconds(60),
                1,
                null,
                "00-" + TRACE + "-" + ROOT + "-01",
                T,
                "ann",
                pending,
                sent,
                progress,
                progress.settledBy() == Settler.DEADLINE ? CommandWorker.DEADLINE_PASSED : null,
                detail == null ? null : json.readTree(detail),
                null);
    }

    private static Uplink.Span said(
            String id, @Nullable String parent, String name, double from, double to, @Nullable String error) {
        return new Uplink.Span(
                TRACE, id, parent == null ? ROOT : parent, name, micros(from), micros(to), error, Map.of());
    }

    private static long micros(double seconds) {
        return at(seconds).toEpochMilli() * 1000;
    }

    private static String line(Span span) {
        return span.service() + ": " + span.name() + " " + seconds(span.startNanos()) + "-" + seconds(span.endNanos())
                + (span.status() == 2 ? " " + span.statusMessage() : "");
    }

    private static String seconds(long nanos) {
        double seconds = (nanos - T.toEpochMilli() * 1_000_000) / 1e9;
        return seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds);
    }
}
