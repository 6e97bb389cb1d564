package dev.muster.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.selector.Selectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Every runbook that comes with the server, against the faults that its own cases inject. */
class ShippedRunbooksTest {
    private static final Selectors SELECTORS = new Selectors(new SimpleMeterRegistry());

    static Stream<Resource> shipped() throws IOException {
        return Arrays.stream(new PathMatchingResourcePatternResolver().getResources(ShippedRunbooks.WHERE));
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void mendsWhatItsCasesBreak(Resource file) throws IOException {
        JsonNode document = YAMLMapper.shared().readTree(file.getContentAsByteArray());
        String name = document.path("metadata").path("name").asString();
        assertThat(file.getFilename()).isEqualTo(name + ".yaml");
        SpecReader.Read read = SpecReader.declared(name, document.path("spec"), SELECTORS);
        assertThat(read.problems()).isEmpty();
        assertThat(read.spec().cases()).isNotEmpty();
        assertThat(new CaseRunner(SELECTORS).run(name, document.path("spec"), read.spec()))
                .allSatisfy(result -> assertThat(result.passed())
                        .as("%s: %s%n%s", result.name(), result.problem(), String.join("\n", result.lines()))
                        .isTrue());
    }

    @Test
    void thereAreEight() throws IOException {
        assertThat(shipped()).hasSize(9);
    }

    @Test
    void aCaseThatClaimsSomethingElseFailsAndAKilledCallIsIndeterminate() {
        JsonNode json = YAMLMapper.shared().readTree("""
                triggers: [{alert: {alertname: X}}]
                steps: [{name: tell, http: {url: "https://example.org/"}}]
                tests:
                  - {name: wrong, alert: {alertname: X}, assets: [{id: a}], expect: {outcome: failed}}
                  - {name: killed, alert: {alertname: X}, reactions: [{on: http, killed: true}], expect: {outcome: indeterminate, did: ["http POST https://example.org/"]}}
                  - {name: other, alert: {alertname: Y}}
                """);
        SpecReader.Read read = SpecReader.declared("x", json, SELECTORS);
        assertThat(read.problems()).isEmpty();
        assertThat(new CaseRunner(SELECTORS).run("x", json, read.spec()))
                .extracting(CaseRunner.Result::name, CaseRunner.Result::problem)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("wrong", "it ends succeeded, and failed is claimed"),
                        org.assertj.core.groups.Tuple.tuple("killed", null),
                        org.assertj.core.groups.Tuple.tuple(
                                "other", "no trigger of it matches the alert {alertname=Y}"));
    }
}
