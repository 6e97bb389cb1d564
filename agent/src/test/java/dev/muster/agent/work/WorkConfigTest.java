package dev.muster.agent.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.budget.Budget;
import dev.muster.agent.logs.LogSource;
import dev.muster.agent.rules.Rule;
import dev.muster.protocol.Severity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class WorkConfigTest {
    private final List<String> problems = new ArrayList<>();

    @Test
    void whatIsLeftOutHasADefault() {
        assertThat(read("{}"))
                .isEqualTo(new WorkConfig(
                        Duration.ofSeconds(45),
                        Duration.ofSeconds(20),
                        Set.of(),
                        Map.of(),
                        Duration.ofSeconds(5),
                        List.of(),
                        0,
                        0,
                        new Budget.Limits(100L << 20, 0.05, Double.POSITIVE_INFINITY)));
        assertThat(problems).isEmpty();
    }

    @Test
    void everythingCanBeSaid() {
        assertThat(read("""
                {"heartbeatSeconds": 60,
                 "metrics": {"seconds": 10, "without": ["processes"], "rules": {
                   "cpu.utilization": {"aggregate": {"seconds": 60, "functions": ["mean", "max"]}},
                   "temperature.cpu": {"threshold": {"above": 358, "clear": 353, "severity": "error"},
                                       "sampling": {"change": 1, "everySeconds": 600}}}},
                 "logs": {"seconds": 2, "sources": {"app": {"paths": ["/var/log/app/*.log"], "severity": "debug", "linesPerSecond": 7}}},
                 "bandwidth": {"uploadBytesPerSecond": 1000, "downloadBytesPerSecond": 2000},
                 "budget": {"memoryBytes": 67108864, "cpuShare": 0.5, "pauseAboveKelvin": 363.15}}
                """))
                .isEqualTo(new WorkConfig(
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(10),
                        Set.of("processes"),
                        Map.of(
                                "cpu.utilization",
                                new Rule(
                                        Optional.of(new Rule.Aggregate(
                                                Duration.ofSeconds(60),
                                                List.of(Rule.Function.MEAN, Rule.Function.MAX))),
                                        Optional.empty(),
                                        Optional.empty()),
                                "temperature.cpu",
                                new Rule(
                                        Optional.empty(),
                                        Optional.of(new Rule.Threshold(true, 358, 353, Severity.ERROR)),
                                        Optional.of(new Rule.Sampling(1, Duration.ofSeconds(600))))),
                        Duration.ofSeconds(2),
                        List.of(new LogSource("app", List.of(Path.of("/var/log/app/*.log")), Severity.DEBUG, 7)),
                        1000,
                        2000,
                        new Budget.Limits(64L << 20, 0.5, 363.15)));
        assertThat(problems).isEmpty();
    }

    @Test
    void everyProblemIsToldWithItsPath() {
        read("""
                {"heartbeatSeconds": 1, "heartbeat": 5,
                 "metrics": {"rules": {
                   "a": {"aggregate": {"functions": ["median"]}},
                   "b": {"threshold": {"above": 5, "below": 1}},
                   "c": {"threshold": {"above": 5, "clear": 6}},
                   "d": {"aggregate": {}, "sampling": {}}}},
                 "logs": {"sources": {"x": {"paths": ["relative.log", "/var/*/x.log"]}}},
                 "bandwidth": {"uploadBytesPerSecond": -1},
                 "budget": {"cpuShare": 0}}
                """);
        assertThat(problems)
                .anyMatch(line -> line.startsWith("agent.heartbeatSeconds is 1"))
                .anyMatch(line -> line.startsWith("agent.heartbeat is not known"))
                .anyMatch(line -> line.startsWith("agent.metrics.rules.a.aggregate.functions has 'median'"))
                .anyMatch(line -> line.startsWith("agent.metrics.rules.b.threshold.above or below"))
                .anyMatch(line -> line.startsWith("agent.metrics.rules.c.threshold.clear is 6.0"))
                .anyMatch(line -> line.startsWith("agent.metrics.rules.d.sampling is given beside aggregate"))
                .anyMatch(line -> line.startsWith("agent.logs.sources.x.paths has 'relative.log'"))
                .anyMatch(line -> line.startsWith("agent.logs.sources.x.paths has '/var/*/x.log'"))
                .anyMatch(line -> line.startsWith("agent.bandwidth.uploadBytesPerSecond is -1"))
                .anyMatch(line -> line.startsWith("agent.budget.cpuShare is 0.0"));
    }

    private WorkConfig read(String json) {
        return WorkConfig.read(new JsonMapper().readTree(json), new Intervals(45, 20), problems);
    }
}
