package dev.muster.alert.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.incident.Ties.Open;
import dev.muster.alert.incident.Ties.Tie;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TiesTest {
    private static final Open ROLLOUT =
            new Open(1, List.of(labels("alertname", "RolloutFailing", "rollout", "bad", "release", "app@1.5.0")));
    private static final Open GATEWAY =
            new Open(2, List.of(labels("alertname", "Silent", "gateway", "gw-1", "region", "eu")));
    private static final Open REGION = new Open(3, List.of(labels("alertname", "Outage", "region", "eu")));

    @Test
    void anAlertOfTheSameReleaseBelongsToTheIncidentOfItsRollout() {
        assertThat(Ties.of(labels("alertname", "CrashLoop", "release", "app@1.5.0"), List.of(REGION, ROLLOUT)))
                .contains(new Tie(1, "same release app@1.5.0"));
    }

    @Test
    void anotherReleaseIsAnotherIncidentAlsoInTheSameRegion() {
        Open here = new Open(4, List.of(labels("alertname", "CrashLoop", "release", "app@1.5.0", "region", "eu")));
        assertThat(Ties.of(labels("alertname", "CrashLoop", "release", "app@1.6.0", "region", "eu"), List.of(here)))
                .isEmpty();
    }

    @Test
    void twoGatewaysOfARegionAreTwoIncidents() {
        assertThat(Ties.of(labels("alertname", "Silent", "gateway", "gw-2", "region", "eu"), List.of(GATEWAY)))
                .isEmpty();
    }

    @Test
    void aGatewayOfARegionThatIsOutBelongsToTheRegion() {
        assertThat(Ties.of(labels("alertname", "Silent", "gateway", "gw-1", "region", "eu"), List.of(REGION)))
                .contains(new Tie(3, "same region eu"));
    }

    @Test
    void theStrongestTieWinsOverTheNewest() {
        assertThat(Ties.of(labels("alertname", "Slow", "gateway", "gw-1", "region", "eu"), List.of(REGION, GATEWAY)))
                .contains(new Tie(2, "same gateway gw-1"));
    }

    @Test
    void theSameHardwareTiesOnlyTheSameTrouble() {
        Open hot = new Open(5, List.of(labels("alertname", "Hot", "hardware", "rev-b")));
        assertThat(Ties.of(labels("alertname", "DiskFull", "hardware", "rev-b"), List.of(hot)))
                .isEmpty();
        assertThat(Ties.of(labels("alertname", "Hot", "hardware", "rev-b"), List.of(hot)))
                .contains(new Tie(5, "same hardware rev-b"));
    }

    @Test
    void anAlertWithoutAnyCauseStandsAlone() {
        assertThat(Ties.of(labels("alertname", "Odd"), List.of(ROLLOUT, GATEWAY, REGION)))
                .isEmpty();
    }

    static SortedMap<String, String> labels(String... pairs) {
        SortedMap<String, String> labels = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            labels.putAll(Map.of(pairs[i], pairs[i + 1]));
        }
        return labels;
    }
}
