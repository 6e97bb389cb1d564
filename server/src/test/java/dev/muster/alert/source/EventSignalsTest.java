package dev.muster.alert.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.event.LoggedEvent;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class EventSignalsTest {
    private static final Instant AT = Instant.parse("2026-11-26T08:00:00Z");

    private static List<String> said(String type, String subject, String data) {
        return EventSignals.of(new LoggedEvent(
                        1, AT, type, subject, JsonMapper.shared().readTree(data)))
                .stream()
                .map(signal ->
                        signal.labels() + (signal.endsAt().filter(AT::equals).isPresent() ? " over" : ""))
                .toList();
    }

    @Test
    void whatIsBrickedIsATicketOfItsAsset() {
        assertThat(said(
                        "asset.bricked_suspected",
                        "asset/t-1",
                        "{\"asset\":\"t-1\",\"rollout\":\"r\",\"component\":\"app\",\"version\":\"2\"}"))
                .containsExactly(
                        "{alertname=AssetBrickedSuspected, asset=t-1, release=app@2, rollout=r, severity=ticket}");
    }

    @Test
    void aGateThatIsNotPassedIsAPageUntilTheRolloutGoesOnOrEnds() {
        String gate = "{alertname=RolloutGateNotPassed, rollout=r, severity=page}";
        String back = "{alertname=RolloutRollingBack, rollout=r, severity=page}";
        assertThat(said("rollout.gate_fail", "rollout/r", "{}")).containsExactly(gate);
        assertThat(said("rollout.gate_inconclusive", "rollout/r", "{}")).containsExactly(gate);
        assertThat(said("rollout.paused", "rollout/r", "{}")).isEmpty();
        assertThat(said("rollout.resumed", "rollout/r", "{}")).containsExactly(gate + " over");
        assertThat(said("rollout.rolling_back", "rollout/r", "{}")).containsExactly(back);
        assertThat(said("rollout.rolled_back", "rollout/r", "{}")).containsExactly(gate + " over", back + " over");
        assertThat(said("asset.updated", "asset/t-1", "{}")).isEmpty();
    }
}
