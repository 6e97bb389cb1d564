package dev.muster.alert.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The trees and the expected receivers are those of Alertmanager's own tests (cli/testdata, Apache-2.0). */
class RoutingTest {
    private static final String ROUTING = """
            route:
              receiver: default
              routes:
                - match_re: {test: "^[12]$"}
                  receiver: test1
                  continue: true
                - match: {test: 2}
                  receiver: test2
            """;
    private static final String REVERTED = """
            route:
              receiver: default
              routes:
                - match: {test: 2}
                  receiver: test2
                  continue: true
                - match_re: {test: "^[12]$"}
                  receiver: test1
                  continue: true
            """;
    private static final String SIMPLE = """
            route:
              group_by: ['alertname', 'cluster', 'service']
              group_wait: 30s
              group_interval: 5m
              repeat_interval: 3h
              receiver: team-X-mails
              routes:
                - matchers: [ service=~"foo1|foo2|baz" ]
                  receiver: team-X-mails
                  routes:
                    - matchers: [ severity="critical" ]
                      receiver: team-X-pager
                - matchers: [ service="files" ]
                  receiver: team-Y-mails
                  routes:
                    - matchers: [ severity="critical" ]
                      receiver: team-Y-pager
                - matchers: [ service="database" ]
                  receiver: team-DB-pager
                  group_by: [alertname, cluster, database]
                  routes:
                    - matchers: [ owner="team-X" ]
                      receiver: team-X-pager
                      continue: true
                    - matchers: [ owner="team-Y" ]
                      receiver: team-Y-pager
            inhibit_rules:
              - source_matchers: [severity="critical"]
                target_matchers: [severity="warning"]
                equal: [alertname, cluster, service]
            """;

    private static Routing read(String yaml) {
        List<Problem> problems = new ArrayList<>();
        Routing routing = Routing.read(FieldReader.of("spec", new YAMLMapper().readTree(yaml), problems));
        assertThat(problems).isEmpty();
        return routing;
    }

    private static List<String> receivers(String yaml, Map<String, String> labels) {
        return read(yaml).root().match(labels).stream().map(Route::receiver).toList();
    }

    @Test
    void sendsWhereAlertmanagerSends() {
        assertThat(receivers(ROUTING, Map.of("test", "1"))).containsExactly("test1");
        assertThat(receivers(ROUTING, Map.of("test", "2"))).containsExactly("test1", "test2");
        assertThat(receivers(REVERTED, Map.of("test", "2"))).containsExactly("test2", "test1");
        assertThat(receivers(ROUTING, Map.of("test", "volovina"))).containsExactly("default");
        assertThat(receivers(SIMPLE, Map.of("service", "foo2", "severity", "critical")))
                .containsExactly("team-X-pager");
        assertThat(receivers(SIMPLE, Map.of("service", "foo2"))).containsExactly("team-X-mails");
        assertThat(receivers(SIMPLE, Map.of("service", "database", "owner", "team-X")))
                .containsExactly("team-X-pager");
        assertThat(receivers(SIMPLE, Map.of("service", "database"))).containsExactly("team-DB-pager");
    }

    @Test
    void aChildInheritsAndAGroupIsWhatItsRouteSays() {
        Route route = read(SIMPLE)
                .root()
                .match(Map.of("service", "database", "owner", "team-Y"))
                .getFirst();
        assertThat(route.id()).isEqualTo("{}/{service=\"database\"}#2/{owner=\"team-Y\"}#1");
        assertThat(route.groupLabels(
                        Map.of("alertname", "A", "database", "d", "owner", "team-Y", "service", "database")))
                .isEqualTo(Map.of("alertname", "A", "database", "d"));
        assertThat(route.repeatInterval()).hasHours(3);
    }

    @Test
    void inhibitionIsAlertmanagers() {
        Inhibition rule = read(SIMPLE).inhibitions().getFirst();
        Map<String, String> critical = Map.of("severity", "critical", "alertname", "A", "cluster", "c");
        assertThat(rule.holdsBack(critical, Map.of("severity", "warning", "alertname", "A", "cluster", "c")))
                .isTrue();
        assertThat(rule.holdsBack(critical, Map.of("severity", "warning", "alertname", "A", "cluster", "d")))
                .isFalse();
        assertThat(rule.holdsBack(critical, Map.of("severity", "critical", "alertname", "A", "cluster", "c")))
                .isFalse();
    }

    @Test
    void timeIntervalsGoByTheClockOnTheWall() {
        Routing routing = read("""
                route: {receiver: r, routes: [{matchers: [severity="ticket"], mute_time_intervals: [nights]}]}
                time_intervals:
                  - name: nights
                    time_intervals:
                      - {weekdays: ['monday:friday'], times: [{start_time: '22:00', end_time: '24:00'}], location: Europe/Berlin}
                      - {days_of_month: ['-1'], months: ['february']}
                """);
        TimeInterval nights = Objects.requireNonNull(routing.intervals().get("nights"));
        assertThat(nights.contains(Instant.parse("2026-07-01T20:30:00Z"))).isTrue(); // 22:30 in summer
        assertThat(nights.contains(Instant.parse("2026-12-01T20:30:00Z"))).isFalse(); // 21:30 in winter
        assertThat(nights.contains(Instant.parse("2026-02-28T12:00:00Z"))).isTrue();
        assertThat(nights.contains(Instant.parse("2028-02-28T12:00:00Z"))).isFalse(); // the 29th is the last
    }

    @Test
    void whatIsWrongIsSaidWithItsPlace() {
        List<Problem> problems = new ArrayList<>();
        Routing.read(FieldReader.of(
                "spec",
                new YAMLMapper()
                        .readTree(
                                "route: {receiver: r, routes: [{matchers: ['a=~\"(\"'], mute_time_intervals: [x], typo: 1}]}"),
                problems));
        assertThat(problems)
                .extracting(Problem::path)
                .containsExactly(
                        "spec.route.routes[0].matchers",
                        "spec.route.routes[0].mute_time_intervals",
                        "spec.route.routes[0].typo");
    }
}
