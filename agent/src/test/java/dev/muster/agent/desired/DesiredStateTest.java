package dev.muster.agent.desired;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.config.ConfigPart;
import dev.muster.agent.state.StateDirectory;
import dev.muster.agent.testing.Heard;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.StateReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The whole of the desired state on an asset, with a part of the configuration and components that a test can spoil. */
class DesiredStateTest {
    private static final DesiredState.Timing TIMING = new DesiredState.Timing(
            new ConfigEngine.Bounds(Duration.ofSeconds(10), Duration.ofSeconds(40), 3, 3),
            Duration.ofMillis(5),
            Duration.ofMillis(20));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private StateDirectory state;

    @SuppressWarnings("NullAway.Init")
    private DesiredState desired;

    private final Heard server = new Heard();
    private final Rate rate = new Rate();
    private final Components components = new Components();
    private final AtomicLong nanos = new AtomicLong();
    private volatile boolean connected = true;
    private volatile byte[] elsewhere = {};

    @BeforeEach
    void start() throws IOException {
        state = StateDirectory.open(directory.resolve("state"));
        desired = agent(List.of());
        desired.start();
    }

    private DesiredState agent(List<String> onChange) {
        return new DesiredState(
                state,
                List.of(rate),
                new Handover(directory.resolve("config.json"), onChange),
                components,
                server,
                () -> connected,
                where -> elsewhere,
                TIMING,
                "b-1",
                nanos::get);
    }

    @AfterEach
    void close() throws IOException {
        desired.close();
        state.close();
    }

    @Test
    void whatIsConfirmedIsReportedAndItsSoftwareHandedOn() throws Exception {
        want(
                "{'generation':1,'config':{'rate':{'seconds':5},'ntp':{'enabled':true}},'software':{'app':{'version':'1.0'}}}");
        await(report -> report.config().equals(Map.of("rate", Map.of("seconds", 5L), "ntp", Map.of("enabled", true))));
        assertThat(components.wanted).doesNotContainKey("app");
        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        StateReport report = await(each -> Long.valueOf(1).equals(each.generation()));
        assertThat(report.updates().keySet()).containsExactly("app");
        assertThat(report.rejected()).isNull();
        assertThat(Files.readString(directory.resolve("config.json")))
                .contains("\"ntp\"")
                .doesNotContain("rate");
    }

    @Test
    void goesBackWhenAComponentIsUnwellWithIt() throws Exception {
        good(1, 5);
        want("{'generation':2,'config':{'rate':{'seconds':6}}}");
        await(report -> report.config().equals(Map.of("rate", Map.of("seconds", 6L))));
        components.unwell.put("app", "ended with 1");
        StateReport report = await(each -> each.rejected() != null);
        assertThat(report.rejected()).isEqualTo(new Uplink.Rejected(2, "app is not well with it: ended with 1"));
        assertThat(report.generation()).isEqualTo(1);
        assertThat(report.config()).isEqualTo(Map.of("rate", Map.of("seconds", 5L)));
    }

    @Test
    void whatWasUnwellBeforeIsNotHeldAgainstIt() throws Exception {
        components.unwell.put("app", "ended with 1");
        good(1, 5);
    }

    @Test
    void nothingIsAppliedOfADocumentWithProblems() throws Exception {
        good(1, 5);
        want("{'generation':2,'config':{'rate':{'seconds':-1},'other':{}}}");
        StateReport report = await(each -> each.rejected() != null);
        assertThat(report.rejected()).isEqualTo(new Uplink.Rejected(2, "rate.seconds is -1"));
        assertThat(directory.resolve("config.json")).hasContent("{ }");
        good(3, 7);
        assertThat(last().rejected()).isNull();
    }

    @Test
    void aPartThatThrowsIsTakenBackWithAllOthers() throws Exception {
        good(1, 5);
        want("{'generation':2,'config':{'rate':{'seconds':13},'ntp':{}}}");
        StateReport report = await(each -> each.rejected() != null);
        assertThat(report.rejected()).isEqualTo(new Uplink.Rejected(2, "13 brings bad luck"));
        assertThat(rate.seconds).isEqualTo(5);
    }

    @Test
    void theHookOfTheOwnerDecidesToo() throws Exception {
        desired.close();
        desired = agent(List.of("sh", "-c", "! grep -q bad $MUSTER_CONFIG"));
        desired.start();
        good(1, 5);
        want("{'generation':2,'config':{'firewall':'bad'}}");
        StateReport report = await(each -> each.rejected() != null);
        assertThat(Objects.requireNonNull(report.rejected()).reason())
                .contains("[sh, -c, ! grep -q bad $MUSTER_CONFIG] ended with 1");
        assertThat(report.config()).isEqualTo(Map.of("rate", Map.of("seconds", 5L)));
        assertThat(directory.resolve("config.json")).hasContent("{ }");
    }

    @Test
    void aChangeByHandIsReportedAsItIsFound() throws Exception {
        good(1, 5);
        Files.writeString(directory.resolve("config.json"), "{\"ntp\":false}");
        await(report -> Boolean.FALSE.equals(report.config().get("ntp"))
                && Long.valueOf(1).equals(report.generation()));
    }

    @Test
    void thePartsLookAfterWhatIsInEffect() throws Exception {
        good(1, 5);
        rate.toRepair = 5;
        rate.seconds = 8;
        await(report -> report.config().equals(Map.of("rate", Map.of("seconds", 8L))) || rate.seconds == 5);
        server.await(StateReport.class, report -> rate.seconds == 5);
    }

    @Test
    void aTrialGoesOnAfterAKill() throws Exception {
        good(1, 5);
        want("{'generation':2,'config':{'rate':{'seconds':6}}}");
        await(report -> report.config().equals(Map.of("rate", Map.of("seconds", 6L))));
        desired.close();
        rate.seconds = 0;
        desired = agent(List.of());
        desired.start();
        assertThat(rate.seconds).isEqualTo(6);
        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        await(report -> Long.valueOf(2).equals(report.generation()));
    }

    @Test
    void theLastGoodOneIsInEffectAfterAKillWithoutAServer() throws Exception {
        good(1, 5);
        desired.close();
        rate.seconds = 0;
        desired = agent(List.of());
        desired.start();
        assertThat(rate.seconds).isEqualTo(5);
    }

    @Test
    void aDamagedStateFileDoesNotKeepTheAgentFromStarting() throws Exception {
        good(1, 5);
        desired.close();
        Files.writeString(state.path().resolve("desired.json"), "{\"good\":7}");
        desired = agent(List.of());
        desired.start();
        good(1, 6);
        assertThat(state.path().resolve("desired.json.damaged")).hasContent("{\"good\":7}");
    }

    @Test
    void reportsAfterEachConnectAndOtherwiseOnlyChanges() throws Exception {
        good(1, 5);
        int before = server.all(StateReport.class).size();
        desired.changed();
        desired.connected();
        server.await(StateReport.class, report -> server.all(StateReport.class).size() > before);
        desired.changed();
        components.unwell.put("x", "y"); // is not reported
        desired.changed();
        desired.close();
        assertThat(server.all(StateReport.class)).hasSize(before + 1);
    }

    @Test
    void fetchesADocumentThatIsTooLargeForAMessage() throws Exception {
        elsewhere = "{\"generation\":4,\"config\":{\"rate\":{\"seconds\":9}}}".getBytes(UTF_8);
        want("{'generation':4,'url':'https://muster.example/d','sha256':'" + "0".repeat(64) + "'}");
        await(report -> report.config().equals(Map.of("rate", Map.of("seconds", 9L))));
    }

    @Test
    void aLongTextIsReportedByItsHash() throws Exception {
        want("{'generation':1,'config':{'text':'" + "x".repeat(257) + "'}}");
        await(report -> report.config()
                .equals(Map.of(
                        "text",
                        "sha256:"
                                + dev.muster.agent.testing.Artifact.sha256(
                                        "x".repeat(257).getBytes(UTF_8)))));
    }

    private void good(long generation, int seconds) throws InterruptedException {
        want("{'generation':" + generation + ",'config':{'rate':{'seconds':" + seconds + "}}}");
        await(report -> report.config().equals(Map.of("rate", Map.of("seconds", (long) seconds))));
        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        await(report -> Long.valueOf(generation).equals(report.generation()));
    }

    private void want(String json) {
        desired.desired(json.replace('\'', '"').getBytes(UTF_8));
    }

    private StateReport await(java.util.function.Predicate<StateReport> which) throws InterruptedException {
        return server.await(StateReport.class, which);
    }

    private StateReport last() {
        return server.all(StateReport.class).getLast();
    }

    private static final class Rate implements ConfigPart {
        private volatile long seconds;
        private volatile long toRepair;

        @Override
        public void inspect() {
            seconds = toRepair == 0 ? seconds : toRepair;
        }

        @Override
        public String name() {
            return "rate";
        }

        @Override
        public List<String> problems(JsonNode wanted) {
            long value = wanted.path("seconds").longValue(0);
            return value < 0 ? List.of("rate.seconds is " + value) : List.of();
        }

        @Override
        public void apply(JsonNode wanted) {
            seconds = wanted.path("seconds").longValue(0);
            if (seconds == 13) {
                throw new IllegalStateException("13 brings bad luck");
            }
        }

        @Override
        public JsonNode current() {
            return seconds == 0
                    ? JsonNodeFactory.instance.objectNode()
                    : JsonNodeFactory.instance.objectNode().put("seconds", seconds);
        }
    }

    private static final class Components implements DesiredState.Software {
        private final Map<String, Wanted> wanted = new ConcurrentHashMap<>();
        private final Map<String, String> unwell = new ConcurrentHashMap<>();

        @Override
        public void want(Map<String, Wanted> software) {
            wanted.putAll(software);
        }

        @Override
        public Map<String, String> versions() {
            return Map.of();
        }

        @Override
        public Map<String, Uplink.Update> updates() {
            Map<String, Uplink.Update> updates = new ConcurrentHashMap<>();
            wanted.forEach((name, each) -> updates.put(
                    name, new Uplink.Update(each.version(), Uplink.Update.State.NOTIFIED, null, null, null, null)));
            return updates;
        }

        @Override
        public Map<String, String> unwell() {
            return unwell;
        }

        @Override
        public boolean settled() {
            return true;
        }
    }
}
