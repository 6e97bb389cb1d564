package dev.muster.registry.type;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.Severity;
import dev.muster.registry.document.Problem;
import dev.muster.registry.selector.Selectors;
import dev.muster.registry.type.AssetType.Metric;
import dev.muster.registry.type.AssetType.MetricKind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

class AssetTypeReaderTest {
    private final CommandParameters parameters = new CommandParameters();
    private final AssetTypeReader reader = new AssetTypeReader(new Selectors(new SimpleMeterRegistry()), parameters);
    private final List<Problem> problems = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"linux-device", "vehicle", "pos", "edge-gpu", "sensor"})
    void everyShippedTypeIsValidAndSaysEnoughToSimulateIt(String name) throws IOException {
        JsonNode document = YAMLMapper.shared()
                .readTree(new ClassPathResource("asset-types/" + name + ".yaml").getContentAsByteArray());

        AssetType type = reader.read(name, document.get("spec"), problems);

        assertThat(problems).isEmpty();
        assertThat(document.at("/metadata/name").stringValue()).isEqualTo(name);
        assertThat(document.get("version").intValue()).isPositive();
        assertThat(type.telemetry().metrics()).hasSizeGreaterThan(10);
        assertThat(type.commands()).hasSizeGreaterThan(2);
        assertThat(type.telemetry().metrics().values())
                .filteredOn(metric -> metric.kind() == MetricKind.NUMBER)
                .allSatisfy(metric -> assertThat(metric.min()).isNotNull());
    }

    @Test
    void readsMetricsCommandsAndDurations() {
        AssetType type = read("""
                heartbeat: {interval: 10s, ttl: 1m}
                logs: {sample: {debug: 0.01, trace: 0}}
                retention: {telemetry: 7d, logs: 48h, hours: 3650d, files: 90d}
                files: {maxSize: 64MiB, quota: 1GiB}
                criticality: high
                telemetry:
                  unknownMetricsLimit: 7
                  metrics:
                    speed: {unit: m/s, min: 0, max: 90.5, description: Over ground}
                commands:
                  reboot: {timeout: 5m, disruptive: true}
                """);

        assertThat(problems).isEmpty();
        assertThat(type.logShares()).isEqualTo(Map.of(Severity.DEBUG, 0.01, Severity.TRACE, 0.0));
        assertThat(type.retention())
                .isEqualTo(new AssetType.Kept(
                        Duration.ofDays(7),
                        null,
                        null,
                        Duration.ofDays(2),
                        null,
                        Duration.ofDays(3650),
                        Duration.ofDays(90)));
        assertThat(type.files()).isEqualTo(new AssetType.Files(64L << 20, 1L << 30));
        assertThat(type.heartbeat()).isEqualTo(new AssetType.Heartbeat(Duration.ofSeconds(10), Duration.ofMinutes(1)));
        assertThat(type.telemetry().unknownMetricsLimit()).isEqualTo(7);
        assertThat(type.telemetry().metrics())
                .containsEntry("speed", new Metric("speed", MetricKind.NUMBER, "m/s", 0.0, 90.5, "Over ground"));
        assertThat(type.commands().get("reboot"))
                .satisfies(command -> assertThat(command.disruptive()).isTrue())
                .satisfies(command -> assertThat(command.timeout()).isEqualTo(Duration.ofMinutes(5)));
    }

    @Test
    void tellsEveryProblemWithItsPath() {
        read("""
                heartbeat: {interval: 10s, ttl: 5s, every: 3}
                logs: {sample: {info: 1.5, verbose: 0.1}}
                retention: {events: 36h, positions: 1h, spans: 7d}
                criticality: extreme
                telemetry:
                  metrics:
                    "1st": {unit: m}
                    mode: {type: text, unit: m}
                    speed: {min: 9, max: 1}
                commands:
                  reboot:
                    timeout: soon
                    parameters: {type: objekt}
                  fetch:
                    parameters: {$ref: "http://example.org/schema.json"}
                updatePolicy:
                  requires: asset.nothing
                  metrics: {battery.level: {}, temperature: {min: 9, max: 1}}
                  space: {times: -1, reserve: 5 bananas}
                  approvalsOf: {firmware: many, app: 1}
                colour: red
                """);

        assertThat(problems)
                .extracting(Problem::path)
                .containsExactlyInAnyOrder(
                        "spec.heartbeat.ttl",
                        "spec.heartbeat.every",
                        "spec.logs.sample.info",
                        "spec.logs.sample.verbose",
                        "spec.retention.positions",
                        "spec.retention.events",
                        "spec.retention.spans",
                        "spec.criticality",
                        "spec.telemetry.metrics.1st",
                        "spec.telemetry.metrics.mode",
                        "spec.telemetry.metrics.speed.min",
                        "spec.commands.reboot.timeout",
                        "spec.commands.reboot.parameters",
                        "spec.commands.fetch.parameters",
                        "spec.updatePolicy.requires",
                        "spec.updatePolicy.metrics.battery.level",
                        "spec.updatePolicy.metrics.temperature.min",
                        "spec.updatePolicy.space.metric",
                        "spec.updatePolicy.space.times",
                        "spec.updatePolicy.space.reserve",
                        "spec.updatePolicy.approvalsOf.firmware",
                        "spec.colour");
    }

    @Test
    void checksParametersAgainstTheSchemaOfTheCommand() {
        AssetType type = read("""
                commands:
                  limit:
                    parameters:
                      type: object
                      required: [speed]
                      properties: {speed: {type: number, minimum: 2}}
                      additionalProperties: false
                  ping: {}
                """);
        AssetType.Command limit = type.commands().get("limit");
        AssetType.Command ping = type.commands().get("ping");

        assertThat(limit).isNotNull();
        assertThat(ping).isNotNull();
        assertThat(parameters.problemsOf(limit, json("{\"speed\": 3}"))).isEmpty();
        assertThat(parameters.problemsOf(limit, json("{\"speed\": 1}")))
                .singleElement()
                .asString()
                .contains("speed");
        assertThat(parameters.problemsOf(limit, json("{}"))).isNotEmpty();
        assertThat(parameters.problemsOf(limit, json("{\"speed\": 3, \"x\": 1}")))
                .isNotEmpty();
        assertThat(parameters.problemsOf(ping, json("{}"))).isEmpty();
        assertThat(parameters.problemsOf(ping, json("{\"x\": 1}"))).isNotEmpty();
    }

    private AssetType read(String yaml) {
        return reader.read("mine", YAMLMapper.shared().readTree(yaml), problems);
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
