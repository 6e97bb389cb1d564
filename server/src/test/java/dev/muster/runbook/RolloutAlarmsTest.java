package dev.muster.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.Signal;
import dev.muster.platform.event.LoggedEvent;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class RolloutAlarmsTest {
    private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");

    @Test
    void aFailedGatePagesAndTheEndOfTheRolloutIsTheEndOfTheSameAlert() {
        Signal fires = RolloutAlarms.failing(event("rollout.gate_fail", "3 of 40 failed"), "bad", "app@1.5.0")
                .orElseThrow();
        Signal over = RolloutAlarms.failing(event("rollout.rolled_back", ""), "bad", "app@1.5.0")
                .orElseThrow();
        assertThat(fires.labels())
                .isEqualTo(Map.of(
                        "alertname", "RolloutFailing", "severity", "page", "rollout", "bad", "release", "app@1.5.0"))
                .isEqualTo(over.labels());
        assertThat(fires.annotations())
                .containsEntry("summary", "rollout bad of app@1.5.0 fails its gate: 3 of 40 failed");
        assertThat(fires.endsAt()).isEmpty();
        assertThat(over.endsAt()).contains(NOW);
        assertThat(RolloutAlarms.failing(event("rollout.gate_fail", ""), "gone", ""))
                .isEqualTo(Optional.empty());
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
