package dev.muster.agent.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.allowed.Allowed;
import dev.muster.agent.process.Leader;
import dev.muster.agent.state.StateDirectory;
import dev.muster.agent.testing.Heard;
import dev.muster.agent.upload.Upload;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.protocol.Uplink.CommandResult.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private StateDirectory state;

    @SuppressWarnings("NullAway.Init")
    private Commands commands;

    private Heard server = new Heard();
    private final Map<String, Handler> further = new HashMap<>();
    private List<String> reboot = List.of();

    @BeforeEach
    void start() throws IOException {
        state = StateDirectory.open(directory.resolve("state"));
        commands = agent();
    }

    @AfterEach
    void close() throws IOException {
        commands.close();
        state.close();
    }

    private Commands agent() throws IOException {
        Files.writeString(directory.resolve("app.log"), "one\ntwo\ntwo\nthree\n");
        Allowed allowed = new Allowed(
                List.of(),
                List.of(),
                Map.of(),
                false,
                Map.of(
                        "greet",
                                new Allowed.Listed(
                                        List.of("echo", "hello {who}", "{who}{who}"),
                                        Map.of("who", Pattern.compile("[a-z{}]*")),
                                        10),
                        "fail", new Allowed.Listed(List.of("sh", "-c", "echo broken; exit 3"), Map.of(), 10),
                        "sleep", new Allowed.Listed(List.of("sh", "-c", "sleep 1000 & sleep 1000"), Map.of(), 1),
                        "shout", new Allowed.Listed(List.of("sh", "-c", "seq 1 100000"), Map.of(), 20)),
                Map.of("app", directory.resolve("app.log")),
                reboot,
                false,
                List.of());
        Map<String, Handler> handlers = new TreeMap<>(Handlers.all(allowed, new Surroundings(), server));
        handlers.putAll(further);
        return new Commands(state, handlers, name -> Handlers.listed(allowed, name), server, () -> NOW);
    }

    @Test
    void isAcceptedThenRunsThenHasAResult() throws Exception {
        take(
                "{'id':'c1','name':'run','params':{'name':'greet','args':{'who':'world'}},'deadline':'2026-11-25T12:10:00Z'}");
        CommandResult result = result("c1", Status.SUCCEEDED);
        assertThat(result.detail()).isEqualTo(Map.of("exit", 0, "output", "hello world worldworld\n"));
        assertThat(server.all(CommandResult.class))
                .extracting(CommandResult::status)
                .containsExactly(Status.ACCEPTED, Status.RUNNING, Status.SUCCEEDED);
    }

    @Test
    void itsLastWordTellsTheStepsAsSpansOfTheCommandsTrace() throws Exception {
        String trace = "'traceparent':'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'";
        take("{'id':'c1','name':'run','params':{'name':'fail'}," + trace + "}");
        take("{'id':'c2','name':'fly'," + trace + "}");
        take("{'id':'c3','name':'run','params':{'name':'fail'},'traceparent':'00-0'}");

        CommandResult failed = result("c1", Status.FAILED);
        assertThat(told(failed)).containsExactly("agent exit code 3", "check", "wait", "execute exit code 3");
        Uplink.Span whole = failed.spans().getFirst();
        assertThat(whole.parentSpanId()).isEqualTo("b7ad6b7169203331");
        assertThat(failed.spans()).allSatisfy(span -> {
            assertThat(span.traceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
            assertThat(span.start()).isEqualTo(NOW.toEpochMilli() * 1000);
        });
        assertThat(failed.spans().subList(1, 4))
                .extracting(Uplink.Span::parentSpanId)
                .containsOnly(whole.spanId());
        assertThat(failed.spans().getLast().attributes()).isEqualTo(Map.of("process.exit.code", 3L));
        assertThat(told(result("c2", Status.REJECTED)))
                .hasSize(2)
                .allSatisfy(span -> assertThat(span).contains("knows no command fly"));
        assertThat(result("c3", Status.FAILED).spans()).isEmpty();
        assertThat(result("c1", Status.ACCEPTED).spans()).isEmpty();
    }

    private static List<String> told(CommandResult result) {
        return result.spans().stream()
                .map(span -> span.name() + (span.error() == null ? "" : " " + span.error()))
                .toList();
    }

    @Test
    void isNotCarriedOutAgainWhenItComesAgain() throws Exception {
        AtomicInteger times = new AtomicInteger();
        further.put(
                "count",
                (id, params) -> timeout -> Handler.Outcome.succeeded(Map.of("times", times.incrementAndGet())));
        restart();
        take("{'id':'c1','name':'count'}");
        result("c1", Status.SUCCEEDED);
        take("{'id':'c1','name':'count'}");
        restart();
        take("{'id':'c1','name':'count'}");
        assertThat(times).hasValue(1);
        assertThat(server.all(CommandResult.class))
                .filteredOn(result -> result.status() == Status.SUCCEEDED)
                .extracting(CommandResult::detail)
                .containsExactly(Map.of("times", 1), Map.of("times", 1), Map.of("times", 1));
    }

    @Test
    void oneThatTheAgentWasKilledInIsIndeterminateAndNotDoneAgain() throws Exception {
        AtomicInteger times = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        further.put("hang", (id, params) -> timeout -> {
            times.incrementAndGet();
            begun.countDown();
            new CountDownLatch(1).await();
            throw new AssertionError();
        });
        restart();
        take("{'id':'c1','name':'hang'}");
        begun.await();
        restart();
        assertThat(result("c1", Status.INDETERMINATE).detail())
                .isEqualTo(Map.of(
                        "reason", "the agent was stopped while it carried this out; it may have been done in part"));
        take("{'id':'c1','name':'hang'}");
        restart();
        take("{'id':'c1','name':'hang'}");
        assertThat(times).hasValue(1);
    }

    @Test
    void aTornLineOfTheLogWasNeverActedUponAndADamagedOneHidesNoOther() throws Exception {
        take("{'id':'c1','name':'ping'}");
        result("c1", Status.SUCCEEDED);
        commands.close();
        Path log = state.path().resolve("commands.log");
        String content = Files.readString(log);
        Files.writeString(log, "not what was written\n" + content + "{\"id\":\"c2\",\"na");
        commands = agent();
        commands.start();
        take("{'id':'c1','name':'ping'}");
        take("{'id':'c2','name':'ping'}");
        result("c2", Status.SUCCEEDED);
        restart();
        take("{'id':'c2','name':'ping'}");
        assertThat(server.all(CommandResult.class))
                .filteredOn(result -> result.commandId().equals("c2"))
                .extracting(CommandResult::status)
                .containsExactly(Status.ACCEPTED, Status.RUNNING, Status.SUCCEEDED, Status.SUCCEEDED);
        assertThat(server.all(CommandResult.class))
                .filteredOn(result -> result.commandId().equals("c1"))
                .extracting(CommandResult::status)
                .containsExactly(Status.ACCEPTED, Status.RUNNING, Status.SUCCEEDED, Status.SUCCEEDED);
    }

    @Test
    void theLogForgetsTheOldest() throws Exception {
        try (CommandLog log = CommandLog.open(StateDirectory.open(directory.resolve("other")))) {
            for (int i = 0; i < 5000; i++) {
                CommandLog.Entry entry = new CommandLog.Entry("c" + i, "ping", "b", null, null);
                log.put(entry);
                log.put(entry.ended(Status.SUCCEEDED, null));
            }
            assertThat(log.find("c4999")).isNotNull();
            assertThat(log.find("c0")).isNull();
            assertThat(Files.size(directory.resolve("other/commands.log"))).isLessThan(200_000);
        }
    }

    @Test
    void isRefusedWithAReason() throws Exception {
        take("{'id':'late','name':'ping','deadline':'2026-11-25T12:00:00Z'}");
        assertThat(result("late", Status.EXPIRED).detail())
                .isEqualTo(Map.of(
                        "reason", "it was received at 2026-11-25T12:00:00Z, its deadline was 2026-11-25T12:00:00Z"));
        take("{'id':'strange','name':'format-disk'}");
        assertThat(reason("strange"))
                .startsWith(
                        "this asset knows no command format-disk; it knows collect-file, collect-logs, ping, reboot, restart-app, run and");
        take("{'id':'listed','name':'run','params':{'name':'rm'}}");
        assertThat(reason("listed"))
                .isEqualTo(
                        "params.name is not one that the owner of this asset allows; allowed is fail, greet, shout, sleep");
        take("{'id':'arg','name':'run','params':{'name':'greet','args':{'who':'a; rm -rf /','more':'x'}}}");
        assertThat(reason("arg"))
                .isEqualTo(
                        "params.args.who does not match [a-z{}]*, which the owner of this asset demands, or is longer than"
                                + " 256 characters; params.args.more is not known; known are who");
        take("{'id':'reboot','name':'reboot'}");
        assertThat(reason("reboot"))
                .isEqualTo("the owner of this asset does not allow it; reboot in the asset's allow file would");
        take("{'id':'app','name':'restart-app','params':{}}");
        assertThat(reason("app")).isEqualTo("params.component is missing");
        take("{'id':'bad','name':7}");
        assertThat(reason("bad")).isEqualTo("name must be a text, found 7");
        take("{'name':'ping'}");
        take("nothing");
        assertThat(state.path().resolve("commands.log")).isEmptyFile();
    }

    @Test
    void anArgumentIsNeverReadAsAPlaceForAnother() throws Exception {
        take("{'id':'c1','name':'greet','params':{'who':'{who}'}}");
        assertThat(result("c1", Status.SUCCEEDED).detail())
                .isEqualTo(Map.of("exit", 0, "output", "hello {who} {who}{who}\n"));
    }

    @Test
    void aProgramThatFailsSaysHow() throws Exception {
        take("{'id':'c1','name':'run','params':{'name':'fail'}}");
        assertThat(result("c1", Status.FAILED).detail()).isEqualTo(Map.of("exit", 3, "output", "broken\n"));
    }

    @Test
    void oneThatDoesNotEndIsKilledWithAllThatItStarted() throws Exception {
        take("{'id':'c1','name':'run','params':{'name':'sleep'}}");
        assertThat(detail("c1", Status.FAILED)).containsEntry("reason", "it did not end within 1 s and was killed");
        assertThat(ProcessHandle.current()
                        .descendants()
                        .filter(process -> process.info().command().orElse("").endsWith("sleep")))
                .isEmpty();
    }

    @Test
    void ofALongOutputTheEndIsKept() throws Exception {
        take("{'id':'c1','name':'run','params':{'name':'shout'}}");
        Map<String, Object> detail = detail("c1", Status.SUCCEEDED);
        assertThat(detail).containsEntry("cut", true);
        assertThat(String.valueOf(detail.get("output"))).hasSize(4000).endsWith("99999\n100000\n");
    }

    @Test
    void collectsTheEndsOfKnownFiles() throws Exception {
        take("{'id':'c1','name':'collect-logs','params':{'names':['app'],'lines':3}}");
        assertThat(result("c1", Status.SUCCEEDED).detail()).isEqualTo(Map.of("lines", Map.of("app", 3)));
        List<Uplink.LogRecord> records =
                server.all(Uplink.Logs.class).getFirst().records();
        assertThat(records).extracting(Uplink.LogRecord::body).containsExactly("two", "two", "three");
        assertThat(records.getLast().attributes()).isEqualTo(Map.of("file", "app", "line", 3, "command", "c1"));
        take("{'id':'c2','name':'collect-logs','params':{'names':['/etc/shadow']}}");
        assertThat(reason("c2")).isEqualTo("params.names has a name that is not known; known are [app]");
    }

    @Test
    void sendsAKnownFileAsAWhole() throws Exception {
        take("{'id':'c1','name':'collect-file','params':{'name':'app'}}");
        assertThat(result("c1", Status.SUCCEEDED).detail()).isEqualTo(Map.of("file", "f-c1", "size", 18L));
        take("{'id':'c2','name':'collect-file','params':{'name':'/etc/shadow'}}");
        assertThat(reason("c2")).isEqualTo("params.name is not known; known are [app]");
    }

    @Test
    void aRebootHasSucceededWhenTheKernelIsAnotherOne() throws Exception {
        reboot = List.of("true");
        restart();
        take("{'id':'c1','name':'reboot'}");
        server.await(CommandResult.class, result -> result.status() == Status.RUNNING);
        commands.close();
        Path log = state.path().resolve("commands.log");
        Files.writeString(log, Files.readString(log).replace(Leader.currentBoot(), "an-earlier-boot"));
        commands = agent();
        commands.start();
        assertThat(result("c1", Status.SUCCEEDED).detail())
                .isEqualTo(Map.of("evidence", "the kernel's boot id is another one"));
    }

    private void restart() throws IOException {
        commands.close();
        commands = agent();
        commands.start();
    }

    private void take(String json) {
        commands.take(json.replace('\'', '"').getBytes(UTF_8));
    }

    private CommandResult result(String id, Status status) throws InterruptedException {
        return server.await(CommandResult.class, result -> result.commandId().equals(id) && result.status() == status);
    }

    private String reason(String id) throws InterruptedException {
        return String.valueOf(detail(id, Status.REJECTED).get("reason"));
    }

    @SuppressWarnings("unchecked") // what the commands write
    private Map<String, Object> detail(String id, Status status) throws InterruptedException {
        return (Map<String, Object>) Objects.requireNonNull(result(id, status).detail());
    }

    private static final class Surroundings implements Handlers.Surroundings {
        @Override
        public String agentVersion() {
            return "1.0";
        }

        @Override
        public Optional<String> restartApp(String component) {
            return Optional.of("none");
        }

        @Override
        public Map<String, Path> logs() {
            return Map.of();
        }

        @Override
        public Upload.Result upload(Path file, Map<String, String> metadata) {
            return "app.log".equals(metadata.get("filename"))
                    ? new Upload.Result.Sent("f-" + metadata.get("label.command"), 18)
                    : new Upload.Result.Failed("no such file");
        }
    }
}
