package dev.muster.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.Signal;
import dev.muster.platform.event.LoggedEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class RolloutAlarmsTest {
    private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");

    @Test
    void aFailedGatePagesAndTheEndOfTheRolloutIsTheEndOfTheSameAlert() {
        Map<String, String> fires =
                only(event("rollout.gate_fail", "3 of 40 failed"), "paused").labels();
        Map<String, String> reverts = only(event("rollout.gate_fail", "3 of 40 failed"), "rolling_back")
                .labels();
        assertThat(fires)
                .isEqualTo(Map.of(
                        "alertname", "RolloutFailing", "severity", "page", "rollout", "bad", "release", "app@1.5.0"));
        assertThat(reverts)
                .isEqualTo(Map.of(
                        "alertname", "RolloutReverting", "severity", "page", "rollout", "bad", "release", "app@1.5.0"));
        assertThat(only(event("rollout.gate_fail", "3 of 40 failed"), "paused").annotations())
                .containsEntry("summary", "rollout bad of app@1.5.0 fails its gate: 3 of 40 failed");
        assertThat(only(event("rollout.gate_fail", ""), "paused").endsAt()).isEmpty();

        List<Signal> over = RolloutAlarms.failing(event("rollout.rolled_back", ""), "bad", "app@1.5.0", "rolled_back");
        assertThat(over.stream().map(Signal::labels)).containsExactly(new TreeMap<>(fires), new TreeMap<>(reverts));
        assertThat(over).allSatisfy(each -> assertThat(each.endsAt()).contains(NOW));
        assertThat(RolloutAlarms.failing(event("rollout.gate_fail", ""), "gone", "", ""))
                .isEmpty();
    }

    private static Signal only(LoggedEvent event, String phase) {
        List<Signal> signals = RolloutAlarms.failing(event, "bad", "app@1.5.0", phase);
        assertThat(signals).hasSize(1);
        return signals.getFirst();
    }

    @Test
    void anAssetThatMayNotBootIsATicketOfItsOwn() {
        LoggedEvent event = new LoggedEvent(
                1,
                NOW,
                "asset.bricked_suspected",
                "asset/pi-1",
                JsonMapper.shared()
                        .valueToTree(
                                Map.of("asset", "pi-1", "rollout", "bad", "component", "app", "version", "1.5.0")));
        assertThat(RolloutAlarms.bricked(event).labels())
                .isEqualTo(Map.of(
                        "alertname", "BrickedSuspect",
                        "severity", "ticket",
                        "asset", "pi-1",
                        "rollout", "bad",
                        "release", "app@1.5.0"));
    }

    private static LoggedEvent event(String type, String reason) {
        return new LoggedEvent(
                1, NOW, type, "rollout/bad", JsonMapper.shared().valueToTree(Map.of("name", "bad", "reason", reason)));
    }
}
