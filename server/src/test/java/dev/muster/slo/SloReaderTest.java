package dev.muster.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.platform.error.Refusal;
import dev.muster.registry.document.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What of OpenSLO and Sloth is taken, and the exact reasons for what is not. */
class SloReaderTest {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String UPTIME = """
            metadata:
              annotations: {muster.dev/scope: group/vans}
            spec:
              service: delivery
              indicatorRef: uptime
              timeWindow: [{duration: 4w, isRolling: true}]
              budgetingMethod: Occurrences
              objectives: [{target: 0.99}]
              alertPolicies:
            """;

    private static List<String> problems(String yaml) {
        List<Problem> problems = new ArrayList<>();
        new SloReader(problems, Set.of("uptime", "commands")::contains).slo("an-slo", YAML.readTree(yaml));
        return problems.stream()
                .map(problem -> problem.path() + " " + problem.message())
                .toList();
    }

    @Test
    void aDocumentWithoutFaultIsTaken() {
        assertThat(problems(UPTIME)).isEmpty();
    }

    @Test
    void aQueryThatNobodyHereCanEvaluateIsRefusedAndSaysWhatIs() {
        String any = UPTIME.replace("  indicatorRef: uptime\n", """
                  indicator:
                    metadata: {name: response-code}
                    spec:
                      ratioMetric:
                        good: {metricSource: {type: Any, spec: {query: Any}}}
                        total: {metricSource: {type: Any, spec: {query: Any}}}
                """);
        assertThat(problems(any))
                .hasSize(2)
                .allSatisfy(problem -> assertThat(problem)
                        .startsWith("spec.indicator.spec.ratioMetric.")
                        .contains("is \"Any\" with the query \"Any\", which is not evaluated here: Muster evaluates"));
    }

    @Test
    void ownCountersInPromQlAreTheirIndicator() {
        String own =
                "sum(rate(muster_sli_events_total{sli=\"uptime\",scope=\"group\",name=\"vans\",outcome%s}[{{.window}}]))";
        assertThat(PromQl.parse(own.formatted("=\"bad\"")))
                .hasValue(new PromQl.Own("uptime", new SliScope.Group("vans"), "bad"));
        assertThat(PromQl.parse(own.formatted("=~\"good|bad\"")).orElseThrow().isTotal())
                .isTrue();
        assertThat(PromQl.parse("sum(rate(http_requests_total{code=~\"5..\"}[{{.window}}]))"))
                .isEmpty();
        assertThat(PromQl.parse(own.formatted("=\"bad\"") + " or vector(0)")).isEmpty();
    }

    @Test
    void whatCannotBeHonouredIsSaid() {
        assertThat(problems(UPTIME.replace("4w", "1m")))
                .containsExactly(
                        "spec.timeWindow[0].duration must be from 1h to 366d, found \"1m\"; m are minutes, a month is 1M");
        assertThat(problems(UPTIME.replace("Occurrences", "RatioTimeslices")))
                .containsExactly("spec.budgetingMethod must be Occurrences or Timeslices, found \"RatioTimeslices\"");
        assertThat(problems(UPTIME.replace("Occurrences", "Timeslices")
                        .replace("{target: 0.99}", "{target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 1m}")))
                .containsExactly(
                        "spec.objectives[0].timeSliceWindow must be 5m, 10m, 15m, 20m, 30m or 1h, because indicators"
                                + " are summed up by five minutes; found \"1m\"");
        assertThat(problems(UPTIME.replace("{target: 0.99}", "{target: 1}")))
                .containsExactly(
                        "spec.objectives[0].target must be above 0 and below 1: with all of it there is no budget to"
                                + " spend, found 1.0");
        assertThat(problems(UPTIME.replace("{target: 0.99}", "{target: 0.99}, {target: 0.9}")))
                .anyMatch(problem -> problem.startsWith("spec.objectives must be one objective, found 2"));
        assertThat(problems(UPTIME.replace("uptime", "latency")))
                .containsExactly("spec.indicatorRef names \"latency\", which does not exist; GET /api/v1/slis lists the"
                        + " indicators");
    }

    @Test
    void anAlertThatCanNeverFireIsRefusedByNameAndNumber() {
        assertThat(problems(UPTIME.replace("4w", "30d").replace("0.99}", "0.9}")))
                .singleElement()
                .asString()
                .contains(
                        "alert page-quick can never fire at a target of 0.9: it asks for 14.40 times the allowed 0.1000")
                .contains(
                        "set muster.dev/alerts to those that can (page-slow,ticket-quick,ticket-slow,fast-burn) or none");
        assertThat(problems(UPTIME.replace("0.99}", "0.9}")
                        .replace("{muster.dev/scope: group/vans}", "{muster.dev/alerts: 'page-slow, ticket-slow'}")))
                .isEmpty();
    }

    @Test
    void anObjectiveOfSeveralIsAnSloByItselfAndTheFirstKeepsTheName() {
        JsonNode latency = YAML.readTree("""
                apiVersion: openslo/v1
                kind: SLO
                metadata: {name: cold-chain, displayName: Cold chain, annotations: {muster.dev/scope: type/sensor}}
                spec:
                  service: delivery
                  indicator:
                    metadata: {name: temperature}
                    spec: {thresholdMetric: {metricSource: {type: muster, spec: {metric: temperature}}}}
                  timeWindow: [{duration: 4w, isRolling: true}]
                  budgetingMethod: Occurrences
                  objectives:
                    - {displayName: cool, op: lt, value: 8, target: 0.95}
                    - {op: lt, value: 12, target: 0.999}
                """);
        SeveralObjectives reader = new SeveralObjectives();
        assertThat(reader.reads(latency)).isTrue();
        List<Problem> problems = new ArrayList<>();
        List<String> read = reader.translated(latency).stream()
                .map(document -> {
                    assertThat(reader.reads(document)).isFalse();
                    Slo slo = new SloReader(problems, _ -> false)
                            .slo(document.at("/metadata/name").asString(), document);
                    return slo.name() + " (" + slo.displayName() + ") " + slo.target() + " of " + slo.sli() + ": "
                            + slo.definition();
                })
                .toList();
        assertThat(problems).isEmpty();
        assertThat(read).hasSize(2);
        assertThat(read.getFirst())
                .startsWith("cold-chain (Cold chain: cool) 0.95 of slo:cold-chain: ")
                .contains("8.0");
        assertThat(read.getLast())
                .startsWith("cold-chain-2 (Cold chain: cold-chain-2) 0.999 of slo:cold-chain-2: ")
                .contains("12.0");
    }

    @Test
    void slothDocumentsOverOwnCountersBecomeObjectives() {
        String query = "sum(rate(muster_sli_events_total{sli=\"uptime\",scope=\"fleet\",outcome%s}[{{.window}}]))";
        JsonNode sloth = YAML.readTree("""
                version: "prometheus/v1"
                service: "myapp"
                labels: {owner: myteam}
                slos:
                  - name: "seen"
                    objective: 99.5
                    description: "Seen."
                    sli:
                      events:
                        error_query: %s
                        total_query: %s
                    alerting:
                      page_alert: {disable: true}
                      ticket_alert: {disable: true}
                """.formatted(query.formatted("=\"bad\""), query.formatted("=~\"good|bad\"")));
        SlothDocument reader = new SlothDocument();
        assertThat(reader.reads(sloth)).isTrue();
        JsonNode slo = reader.translated(sloth).getFirst();
        assertThat(slo.at("/metadata/name").asString()).isEqualTo("myapp-seen");
        List<Problem> problems = new ArrayList<>();
        Slo read = new SloReader(problems, "uptime"::equals).slo("myapp-seen", slo);
        assertThat(problems).isEmpty();
        assertThat(read.sli()).isEqualTo("uptime");
        assertThat(read.target()).isEqualTo(0.995);
        assertThat(read.alerts()).isEmpty();
    }

    @Test
    void slothDocumentsOverOtherMetricsAreRefusedWithTheQuery() {
        JsonNode sloth = YAML.readTree("""
                version: "prometheus/v1"
                service: "myservice"
                slos:
                  - name: "requests-availability"
                    objective: 99.9
                    sli:
                      events:
                        error_query: sum(rate(http_request_duration_seconds_count{code=~"(5..|429)"}[{{.window}}]))
                        total_query: sum(rate(http_request_duration_seconds_count[{{.window}}]))
                """);
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> new SlothDocument().translated(sloth))
                .withMessageContaining("slos[0].sli.events.error_query")
                .withMessageContaining("http_request_duration_seconds_count{code=~")
                .withMessageContaining("declare an OpenSLO SLI");
    }
}
